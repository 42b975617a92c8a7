-- How long it is quiet after an alert, at the pace at which an incident's first one is told: each subscription's own choice.
ALTER TABLE subscriptions ADD COLUMN quiet_minutes BIGINT NOT NULL DEFAULT 15;
