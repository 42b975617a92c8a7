-- What a subscription hears of, and how eagerly. Those that were made before go on as they were.
ALTER TABLE subscriptions ADD COLUMN pace TEXT NOT NULL DEFAULT 'every';
ALTER TABLE subscriptions ADD COLUMN kinds TEXT NOT NULL
    DEFAULT '["hit","unlogged_use","exposed","tampered","expiring","expired"]'; -- JSON array of texts
-- The subject of a subscription to a label is TEAM/LABEL; the team's identifier is empty for all teams.

-- What a destination was told of an incident, and what is held back for its next digest. Written in the transaction of
-- what happened.
CREATE TABLE held (
    token_id       TEXT NOT NULL REFERENCES tokens (id),
    incident_id    TEXT NOT NULL DEFAULT '',      -- empty: the news belongs to no incident
    kind           TEXT NOT NULL,
    destination_id TEXT NOT NULL REFERENCES destinations (id),
    state          TEXT NOT NULL,                 -- JSON: what was seen, and the counts
    count          BIGINT NOT NULL,               -- how many are held
    due_at         BIGINT NOT NULL,               -- when the digest is due; with none held: when this is forgotten
    PRIMARY KEY (token_id, incident_id, kind, destination_id)
);
CREATE INDEX held_due ON held (due_at);
CREATE INDEX held_of_destination ON held (destination_id, due_at);

-- When somebody does not want to hear. Times on the wall are minutes since midnight.
CREATE TABLE quiet_hours (
    person_id TEXT PRIMARY KEY REFERENCES persons (id),
    starts    BIGINT NOT NULL,
    ends      BIGINT NOT NULL,
    zone      TEXT NOT NULL,
    exposed   BIGINT NOT NULL                     -- whether news that a key is public comes through all the same
);
