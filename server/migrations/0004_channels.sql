-- Kinds of destinations that need more than an address, the code that their owner types in, and two secrets at a time.
ALTER TABLE destinations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';    -- JSON of texts; no secrets
ALTER TABLE destinations ADD COLUMN sealed_old_secret TEXT;                 -- the signing secret before the last rotation
ALTER TABLE destinations ADD COLUMN old_secret_until BIGINT;                -- and until when it signs too
ALTER TABLE destinations ADD COLUMN proof_hash TEXT;                        -- SHA-256 of identifier and code, hex
ALTER TABLE destinations ADD COLUMN proof_until BIGINT;
ALTER TABLE destinations ADD COLUMN proof_tries BIGINT NOT NULL DEFAULT 0;  -- codes that were typed in, ever
