-- A session's code changes; what belongs to the session is found by the hash of its first code, which stays. It is absent
-- where a program from before this wrote the row: then the hash of the code that it has stands for it.
ALTER TABLE sessions ADD COLUMN first_hash TEXT;
UPDATE sessions SET first_hash = id_hash;
CREATE UNIQUE INDEX sessions_by_first_hash ON sessions (first_hash);

ALTER TABLE provider_sessions ADD COLUMN first_hash TEXT;
UPDATE provider_sessions SET first_hash = id_hash;
CREATE UNIQUE INDEX provider_sessions_by_first_hash ON provider_sessions (first_hash);

-- Which programs serve now, and the sealing keys that each of them knows.
CREATE TABLE serving (
    id           TEXT PRIMARY KEY,               -- of one run of the program
    place        TEXT NOT NULL,                  -- for people: where it listens, and its process
    sealing_keys TEXT NOT NULL,                  -- names with blanks between them; the first one seals
    started_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL                 -- when it last said that it is there
);
