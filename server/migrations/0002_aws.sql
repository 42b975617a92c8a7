-- AWS accounts, the ways in that they speak by, and the proof that tokens are heard.

CREATE TABLE accounts (
    id         TEXT PRIMARY KEY,                 -- twelve digits
    settings   TEXT NOT NULL,                    -- JSON: what an admin decided
    status     TEXT NOT NULL,                    -- JSON: what was last seen
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);

-- The keys that a token had before it was rotated. They are watched for ever, as the token's own one.
CREATE TABLE former_keys (
    access_key_id TEXT PRIMARY KEY,
    token_id      TEXT NOT NULL REFERENCES tokens (id),
    sealed_secret TEXT,
    active        BIGINT NOT NULL,
    replaced_at   BIGINT NOT NULL
);
CREATE INDEX former_keys_of_token ON former_keys (token_id);

ALTER TABLE tokens ADD COLUMN proven_at BIGINT;          -- when a drill was last heard
ALTER TABLE tokens ADD COLUMN drilled_at BIGINT;         -- when a drill was last asked for
ALTER TABLE tokens ADD COLUMN used_at BIGINT;            -- IAM's last-used time, as last read
ALTER TABLE tokens ADD COLUMN used_checked_at BIGINT;    -- when it was last read
ALTER TABLE tokens ADD COLUMN used_since BIGINT;         -- when it was first seen to have moved without a record; empty: all is explained
CREATE INDEX tokens_by_used_checked ON tokens (account, (COALESCE(used_checked_at, 0)), id);
CREATE INDEX tokens_by_drilled ON tokens (account, (COALESCE(drilled_at, 0)), id);

-- One row per call that Aviary makes with a token of its own.
CREATE TABLE drills (
    id          TEXT PRIMARY KEY,
    token_id    TEXT NOT NULL REFERENCES tokens (id),
    region      TEXT NOT NULL,
    state       TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,                 -- when to call, or, after the call, when to give up waiting
    tries       BIGINT NOT NULL DEFAULT 0,
    called_at   BIGINT,
    request_id  TEXT,                            -- AWS's name for the call; its record carries the same
    mark        TEXT NOT NULL,                   -- stands in the call's user agent
    event_id    TEXT,                            -- the event by which it was heard: no other one is taken for it
    through     TEXT NOT NULL DEFAULT '',        -- the destination that wants to hear of it
    heard       TEXT NOT NULL,                   -- JSON array of {source, received_at}, the first one first
    error       TEXT
);
CREATE INDEX drills_of_token ON drills (token_id, id);
CREATE INDEX drills_due ON drills (due_at, id) WHERE state IN ('due', 'called');

-- Lists of what others did leave drills out, of which there may be many more than hits.
CREATE INDEX hits_of_others ON hits (event_time, id) WHERE kind <> 'drill';

-- When each way last brought a record of one of our accounts.
CREATE TABLE heard (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    source  TEXT NOT NULL,
    at      BIGINT NOT NULL,                     -- arrival of the latest one
    lag_ms  BIGINT NOT NULL,                     -- how long after the call it arrived
    PRIMARY KEY (account, region, source)
);

-- SNS repeats a message under the same name until it is answered.
CREATE TABLE seen_messages (
    id          TEXT PRIMARY KEY,
    received_at BIGINT NOT NULL
);
CREATE INDEX seen_messages_by_age ON seen_messages (received_at);

-- How far a scan of a bucket got, so that it can go on there.
CREATE TABLE scans (
    place      TEXT PRIMARY KEY,                 -- s3://bucket/prefix and the range of days
    after_key  TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
