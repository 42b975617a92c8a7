-- Counts up whenever a name comes to be watched, in the same transaction, whichever statement or replica writes it. Whoever
-- keeps the names in memory knows by it that they are all there. `counted_in` is the transaction that counted last, where one
-- that writes many names would otherwise leave a version of the row behind for each (PostgreSQL).
CREATE TABLE watched (
    id INTEGER PRIMARY KEY,
    version BIGINT NOT NULL,
    counted_in BIGINT NOT NULL DEFAULT 0
);
INSERT INTO watched (id, version) VALUES (1, 0);
