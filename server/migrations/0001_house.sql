-- One schema for SQLite and PostgreSQL: text, and 64-bit integers. Times are milliseconds since 1970 (UTC),
-- truth values are 0 and 1, identifiers are UUIDs of version 7 and so sort by age, JSON is text.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE teams (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE persons (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,          -- in lower case
    password_hash TEXT,                          -- PHC string; absent: cannot sign in by password
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT,
    disabled_at   BIGINT
);

-- team_id is empty for a role that holds in the whole installation.
CREATE TABLE memberships (
    person_id TEXT NOT NULL REFERENCES persons (id),
    team_id   TEXT NOT NULL DEFAULT '',
    role      TEXT NOT NULL,
    PRIMARY KEY (person_id, team_id)
);

CREATE TABLE sessions (
    id_hash    TEXT PRIMARY KEY,                 -- SHA-256 of the cookie's value, hex
    person_id  TEXT NOT NULL REFERENCES persons (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person_id);

-- Links that let somebody in: the set-up link of a new installation, and invitations.
CREATE TABLE invites (
    code_hash  TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,                    -- setup, invite
    email      TEXT NOT NULL,
    team_id    TEXT NOT NULL DEFAULT '',
    role       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    key_hash     TEXT NOT NULL UNIQUE,           -- SHA-256, hex
    prefix       TEXT NOT NULL,
    role         TEXT NOT NULL,
    team_id      TEXT NOT NULL DEFAULT '',
    created_by   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

CREATE TABLE tokens (
    id            TEXT PRIMARY KEY,
    account       TEXT NOT NULL,                 -- 'sandbox', or twelve digits
    issuer        TEXT NOT NULL,                 -- sandbox, aws, adopted
    access_key_id TEXT NOT NULL UNIQUE,
    user_name     TEXT NOT NULL,
    arn           TEXT NOT NULL,
    unique_id     TEXT NOT NULL,                 -- AIDA…, the user's principal id; empty if not known
    team_id       TEXT NOT NULL REFERENCES teams (id),
    owner         TEXT NOT NULL,
    location      TEXT NOT NULL,
    notes         TEXT NOT NULL,
    labels        TEXT NOT NULL,                 -- JSON array of texts
    search        TEXT NOT NULL,                 -- all words it can be found by, in lower case
    state         TEXT NOT NULL,                 -- follows from the moments below; see TokenState::of
    on_hit        TEXT NOT NULL,
    sealed_secret TEXT,                          -- absent: adopted
    key_active    BIGINT NOT NULL,
    created_by    TEXT NOT NULL,                 -- a name for people
    created_by_id TEXT NOT NULL,                 -- the person's or API key's identifier
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    warned_at     BIGINT,
    armed_at      BIGINT,
    first_hit_at  BIGINT,
    exposed_at    BIGINT,
    expired_at    BIGINT,
    revoked_at    BIGINT,
    last_hit_at   BIGINT,
    hit_count     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tokens_of_team ON tokens (team_id, id);
CREATE INDEX tokens_by_state ON tokens (state, id);
CREATE INDEX tokens_of_team_by_state ON tokens (team_id, state, id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at, id);
-- The lists sorted by these put tokens without one last; the expressions are those of the queries.
CREATE INDEX tokens_sorted_by_expiry ON tokens ((COALESCE(expires_at, 9000000000000000)), id);
CREATE INDEX tokens_sorted_by_last_hit ON tokens ((COALESCE(last_hit_at, 0)), id);
CREATE INDEX tokens_by_arn ON tokens (arn);
CREATE INDEX tokens_by_unique_id ON tokens (unique_id);
CREATE INDEX tokens_by_user_name ON tokens (user_name);

-- Written before the first call to an issuer and removed with the commit of the token: what is still here at the
-- next start is a mint that was cut off, and its user is deleted.
CREATE TABLE mint_intents (
    token_id   TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
    user_name  TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE incidents (
    id              TEXT PRIMARY KEY,
    token_id        TEXT NOT NULL REFERENCES tokens (id),
    team_id         TEXT NOT NULL,
    state           TEXT NOT NULL,
    resolution      TEXT,
    opened_at       BIGINT NOT NULL,
    last_hit_at     BIGINT NOT NULL,
    hit_count       BIGINT NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at BIGINT,
    resolved_by     TEXT,
    resolved_at     BIGINT,
    comment         TEXT NOT NULL DEFAULT ''
);
CREATE INDEX incidents_of_token ON incidents (token_id, last_hit_at, id);
CREATE INDEX incidents_by_state ON incidents (state, last_hit_at, id);
CREATE INDEX incidents_by_time ON incidents (last_hit_at, id);

CREATE TABLE hits (
    id           TEXT PRIMARY KEY,
    token_id     TEXT NOT NULL REFERENCES tokens (id),
    team_id      TEXT NOT NULL,
    incident_id  TEXT,
    kind         TEXT NOT NULL,
    event_id     TEXT NOT NULL,
    event_time   BIGINT NOT NULL,
    event_name   TEXT NOT NULL,
    event_source TEXT NOT NULL,
    aws_region   TEXT NOT NULL,
    source_ip    TEXT NOT NULL,
    user_agent   TEXT NOT NULL,
    error_code   TEXT,
    received_at  BIGINT NOT NULL,
    sources      TEXT NOT NULL,                  -- JSON array of {source, received_at}, the first one first
    record       TEXT NOT NULL,
    UNIQUE (event_id, token_id)
);
CREATE INDEX hits_of_token ON hits (token_id, event_time, id);
CREATE INDEX hits_of_incident ON hits (incident_id, event_time, id);
CREATE INDEX hits_by_time ON hits (event_time, id);
CREATE INDEX hits_of_team ON hits (team_id, event_time, id);

-- Hits per token and hour, so that a chart over 100,000 hits reads a few rows.
CREATE TABLE hit_hours (
    token_id TEXT NOT NULL,
    hour     BIGINT NOT NULL,                    -- event time in whole hours since 1970
    hits     BIGINT NOT NULL,
    PRIMARY KEY (token_id, hour)
);
CREATE INDEX hit_hours_by_hour ON hit_hours (hour);

CREATE TABLE destinations (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    name          TEXT NOT NULL,
    address       TEXT NOT NULL,
    sealed_secret TEXT,                          -- a webhook's signing secret
    team_id       TEXT NOT NULL DEFAULT '',      -- empty: it belongs to the person
    owner_id      TEXT NOT NULL,                 -- person or API key
    created_by    TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    state         TEXT NOT NULL,
    confirm_hash  TEXT,                          -- SHA-256 of the code in the confirmation link, hex
    confirm_until BIGINT,
    confirmed_at  BIGINT,
    last_error    TEXT,
    removed_at    BIGINT,
    leased_until  BIGINT NOT NULL DEFAULT 0      -- until then one worker sends to it; afterwards: when it was served last
);
CREATE INDEX destinations_by_confirm_hash ON destinations (confirm_hash);

CREATE TABLE subscriptions (
    id             TEXT PRIMARY KEY,
    destination_id TEXT NOT NULL REFERENCES destinations (id),
    scope          TEXT NOT NULL,                -- token, team, everything
    subject        TEXT NOT NULL DEFAULT '',     -- the token's or team's identifier
    created_by     TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    UNIQUE (destination_id, scope, subject)
);
CREATE INDEX subscriptions_by_subject ON subscriptions (scope, subject);

-- What is told, once for all destinations that hear it.
CREATE TABLE alerts (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    token_id    TEXT,
    hit_id      TEXT,
    summary     TEXT NOT NULL,
    payload     TEXT NOT NULL,                   -- JSON: {type, timestamp, data}
    created_at  BIGINT NOT NULL
);

CREATE TABLE deliveries (
    id              TEXT PRIMARY KEY,
    alert_id        TEXT NOT NULL REFERENCES alerts (id),
    destination_id  TEXT NOT NULL REFERENCES destinations (id),
    token_id        TEXT,
    state           TEXT NOT NULL,
    tries           BIGINT NOT NULL DEFAULT 0,   -- since it was caused, or sent again by hand
    created_at      BIGINT NOT NULL,
    next_attempt_at BIGINT,
    done_at         BIGINT
);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX deliveries_due_of_destination ON deliveries (destination_id, next_attempt_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_of_destination ON deliveries (destination_id, id);
CREATE INDEX deliveries_of_token ON deliveries (token_id, id);
CREATE INDEX deliveries_by_state ON deliveries (state, id);

CREATE TABLE attempts (
    id          TEXT PRIMARY KEY,
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    at          BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    ok          BIGINT NOT NULL,
    status      BIGINT,
    detail      TEXT NOT NULL
);
CREATE INDEX attempts_of_delivery ON attempts (delivery_id, id);

CREATE TABLE quarantine (
    id          TEXT PRIMARY KEY,
    source      TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    body        TEXT NOT NULL
);

CREATE TABLE audit (
    id       TEXT PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor    TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    act      TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    origin   TEXT
);
CREATE INDEX audit_by_act ON audit (act, id);

-- What a request with an Idempotency-Key made, so that its repetition makes nothing new.
CREATE TABLE idempotency (
    actor_id   TEXT NOT NULL,
    name       TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    token_id   TEXT,                             -- absent while the first request is still at work
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, name)
);

-- The sandbox's own "IAM": what AWS would hold. Secrets are sealed as everywhere.
CREATE TABLE sandbox_users (
    user_name  TEXT PRIMARY KEY,
    path       TEXT NOT NULL,
    unique_id  TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
-- IAM does not tell names apart by case.
CREATE UNIQUE INDEX sandbox_users_by_name ON sandbox_users ((LOWER(user_name)));
CREATE TABLE sandbox_keys (
    access_key_id TEXT PRIMARY KEY,
    user_name     TEXT NOT NULL REFERENCES sandbox_users (user_name),
    sealed_secret TEXT NOT NULL,
    active        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX sandbox_keys_of_user ON sandbox_keys (user_name);
