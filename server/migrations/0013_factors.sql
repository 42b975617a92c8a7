-- What somebody proves themselves with besides a password, and what is under way at the door.

-- An app that shows codes (RFC 6238).
CREATE TABLE totp (
    person_id      TEXT PRIMARY KEY REFERENCES persons (id),
    sealed_secret  TEXT,                         -- absent until a first code was typed
    confirmed_at   BIGINT,
    last_step      BIGINT NOT NULL DEFAULT 0,    -- the latest step whose code was taken, which is taken once
    sealed_pending TEXT,                         -- a secret that was shown, and of which no code was typed yet
    pending_until  BIGINT
);

-- Codes on paper, each good once.
CREATE TABLE recovery_codes (
    person_id TEXT NOT NULL REFERENCES persons (id),
    code_hash TEXT NOT NULL,                     -- SHA-256, hex
    made_at   BIGINT NOT NULL,
    used_at   BIGINT,
    PRIMARY KEY (person_id, code_hash)
);

-- Passkeys (WebAuthn).
CREATE TABLE passkeys (
    id            TEXT PRIMARY KEY,
    person_id     TEXT NOT NULL REFERENCES persons (id),
    name          TEXT NOT NULL,
    credential_id TEXT NOT NULL UNIQUE,          -- base64url
    public_key    TEXT NOT NULL,                 -- SubjectPublicKeyInfo in DER, base64url
    algorithm     BIGINT NOT NULL,               -- COSE: -7, -8, -257
    counter       BIGINT NOT NULL,               -- of signatures, 0 where the passkey does not count
    synced        BIGINT NOT NULL,               -- 1: it is copied between devices
    transports    TEXT NOT NULL,                 -- JSON
    created_at    BIGINT NOT NULL,
    used_at       BIGINT
);
CREATE INDEX passkeys_of_person ON passkeys (person_id);

-- The password was right, and a second factor is awaited.
CREATE TABLE second_tickets (
    code_hash  TEXT PRIMARY KEY,                 -- SHA-256 of the cookie's value, hex
    person_id  TEXT NOT NULL REFERENCES persons (id),
    expires_at BIGINT NOT NULL,
    tries      BIGINT NOT NULL DEFAULT 0
);

-- A browser was asked to make or to use a passkey, and has not answered yet.
CREATE TABLE ceremonies (
    handle_hash TEXT PRIMARY KEY,                -- SHA-256 of the cookie's value, hex
    kind        TEXT NOT NULL,                   -- add, enter
    person_id   TEXT REFERENCES persons (id),    -- for whom one is made
    challenge   TEXT NOT NULL,                   -- base64url
    address     TEXT NOT NULL,                   -- of the browser
    expires_at  BIGINT NOT NULL
);
CREATE INDEX ceremonies_of_address ON ceremonies (address);
