-- When the failures in a row began, and for a failing destination from when on an alert is tried again unasked (never
-- where it said that it is gone).
ALTER TABLE destinations ADD COLUMN trouble_since BIGINT;
ALTER TABLE destinations ADD COLUMN probe_at BIGINT;
-- Host and port, so that not too much goes to one host at the same time; written when it is first served.
ALTER TABLE destinations ADD COLUMN host TEXT;

-- 1: somebody asked for it by hand, so that it is sent although its destination is failing.
ALTER TABLE deliveries ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
CREATE INDEX deliveries_kept ON deliveries (destination_id, created_at, id) WHERE state IN ('held', 'dead');

-- Links in alerts that were followed and pressed, each once.
CREATE TABLE used_links (
    code_hash   TEXT PRIMARY KEY,                -- SHA-256 of the code in the link, hex
    incident_id TEXT NOT NULL,
    used_at     BIGINT NOT NULL
);
