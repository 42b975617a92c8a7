-- Each ceremony that begins sweeps those that are over; without this, it read all of them.
CREATE INDEX ceremonies_by_age ON ceremonies (expires_at);
