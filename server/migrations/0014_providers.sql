-- Where an organisation's people prove who they are (OpenID Connect).
CREATE TABLE providers (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    settings      TEXT NOT NULL,                 -- JSON
    status        TEXT NOT NULL,                 -- JSON: what was last seen of it
    sealed_secret TEXT,                          -- the client's secret there; absent: none
    created_by    TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Who has this claim has this role there. Of the rules for one place, the first that fits decides.
CREATE TABLE claim_rules (
    id          TEXT PRIMARY KEY,
    provider_id TEXT NOT NULL REFERENCES providers (id),
    place       BIGINT NOT NULL,
    claim       TEXT NOT NULL,
    comparison  TEXT NOT NULL,                   -- equals, contains, prefix
    value       TEXT NOT NULL,
    team_id     TEXT NOT NULL DEFAULT '',        -- empty: the whole installation
    role        TEXT NOT NULL
);
CREATE INDEX claim_rules_of_provider ON claim_rules (provider_id, place);

-- Whom a provider means by a subject.
CREATE TABLE identities (
    provider_id TEXT NOT NULL REFERENCES providers (id),
    subject     TEXT NOT NULL,
    person_id   TEXT NOT NULL REFERENCES persons (id),
    email       TEXT NOT NULL,                   -- what the provider said last
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (provider_id, subject)
);
CREATE INDEX identities_of_person ON identities (person_id);

-- Roles that follow from rules. They are made anew at each sign-in and refresh; those in `memberships` were given by hand
-- and stay.
CREATE TABLE provided_roles (
    person_id   TEXT NOT NULL REFERENCES persons (id),
    provider_id TEXT NOT NULL REFERENCES providers (id),
    team_id     TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL,
    PRIMARY KEY (person_id, provider_id, team_id)
);

-- All roles that somebody holds, whoever gave them.
CREATE VIEW held_roles AS
    SELECT person_id, team_id, role, '' AS provider_id FROM memberships
    UNION ALL
    SELECT person_id, team_id, role, provider_id FROM provided_roles;

-- Sign-ins that have gone to a provider and are not back yet.
CREATE TABLE pending_sign_ins (
    handle_hash TEXT PRIMARY KEY,                -- SHA-256 of the cookie's value, hex
    provider_id TEXT NOT NULL,
    sealed      TEXT NOT NULL,                   -- state, nonce, PKCE verifier, and where to go on to
    expires_at  BIGINT NOT NULL
);
CREATE INDEX pending_sign_ins_by_age ON pending_sign_ins (expires_at);

-- What belongs to the provider of a session. It goes with the session, and follows it when its code changes.
CREATE TABLE provider_sessions (
    id_hash        TEXT PRIMARY KEY REFERENCES sessions (id_hash) ON DELETE CASCADE ON UPDATE CASCADE,
    provider_id    TEXT NOT NULL REFERENCES providers (id),
    person_id      TEXT NOT NULL,
    subject        TEXT NOT NULL,
    sid            TEXT,                         -- the provider's name for its own session
    sealed_refresh TEXT,                         -- absent: the provider gave none
    sealed_hint    TEXT,                         -- the latest ID token, for signing out there
    checked_at     BIGINT NOT NULL,              -- when the provider last said that all is well
    check_due      BIGINT NOT NULL,
    failing_since  BIGINT,                       -- since when it could not be asked
    tries          BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX provider_sessions_due ON provider_sessions (check_due);
CREATE INDEX provider_sessions_of_subject ON provider_sessions (provider_id, subject);
CREATE INDEX provider_sessions_by_sid ON provider_sessions (provider_id, sid);

-- Log-out tokens that came, so that each counts once.
CREATE TABLE logout_tokens (
    provider_id TEXT NOT NULL,
    jti_hash    TEXT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (provider_id, jti_hash)
);
