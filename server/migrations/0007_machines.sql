-- The issue in Jira that belongs to an incident.
CREATE TABLE tickets (
    destination_id TEXT NOT NULL REFERENCES destinations (id),
    incident_id    TEXT NOT NULL,                -- or, for news that belongs to none, its delivery
    issue_id       TEXT,                         -- NULL: somebody tried to make it, and it is not known whether it was made
    issue_key      TEXT,
    tried_by       TEXT NOT NULL,                -- the delivery that tried to make it
    tried_at       BIGINT NOT NULL,
    comments       BIGINT NOT NULL DEFAULT 0,    -- about further hits
    PRIMARY KEY (destination_id, incident_id)
);
CREATE INDEX tickets_by_issue ON tickets (destination_id, issue_id);

-- What a destination signs with when it calls back.
CREATE TABLE hooks (
    destination_id TEXT PRIMARY KEY REFERENCES destinations (id),
    sealed_secret  TEXT NOT NULL
);

-- Which destinations have heard of an incident is read off the alerts of its hits.
CREATE INDEX alerts_of_hit ON alerts (hit_id) WHERE hit_id IS NOT NULL;
CREATE INDEX deliveries_of_alert ON deliveries (alert_id);
