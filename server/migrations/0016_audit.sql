-- Who and what by identifier, what it was before and after, and by which request.
ALTER TABLE audit ADD COLUMN actor_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN subject_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN facts_before TEXT;  -- JSON object
ALTER TABLE audit ADD COLUMN facts_after TEXT;   -- JSON object
ALTER TABLE audit ADD COLUMN request_id TEXT;
ALTER TABLE audit ADD COLUMN agent TEXT;

-- The chain. What an older Aviary wrote has no place in it until the first start after this.
ALTER TABLE audit ADD COLUMN seq BIGINT;         -- from 1, without gaps
ALTER TABLE audit ADD COLUMN prev TEXT;          -- the hash of the entry before; empty for the first one
ALTER TABLE audit ADD COLUMN hash TEXT;          -- HMAC-SHA256 over all of it, hex
CREATE UNIQUE INDEX audit_in_order ON audit (seq);
CREATE INDEX audit_by_act_in_order ON audit (act, seq);
DROP INDEX audit_by_act;

-- The end of the chain: one row, which each transaction that adds an entry changes last.
CREATE TABLE audit_head (
    id   BIGINT PRIMARY KEY,                     -- 1
    seq  BIGINT NOT NULL,                        -- of the last entry; 0 where there is none
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
