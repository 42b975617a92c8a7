-- 1: its next request gets another code, because its person may do other things than when the code was made.
ALTER TABLE sessions ADD COLUMN stale_code BIGINT NOT NULL DEFAULT 0;
-- The hash of the code that it had before, and until when requests that were under way may still bring that one.
ALTER TABLE sessions ADD COLUMN former_hash TEXT;
ALTER TABLE sessions ADD COLUMN former_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_former_hash ON sessions (former_hash);

-- Links for those who have an account: to choose a new password, or to come in once without one.
CREATE TABLE person_links (
    code_hash  TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,                    -- reset, enter
    person_id  TEXT REFERENCES persons (id),     -- absent: asked for by somebody with no password, and opens nothing
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX person_links_of_person ON person_links (person_id);
CREATE INDEX person_links_by_age ON person_links (expires_at);
