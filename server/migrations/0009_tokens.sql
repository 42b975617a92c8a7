-- The number of hits that a token had when its key was last switched on, or exchanged: the limit on hits counts from there.
ALTER TABLE tokens ADD COLUMN hits_before BIGINT NOT NULL DEFAULT 0;
