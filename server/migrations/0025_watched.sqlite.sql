CREATE TRIGGER watched_token AFTER INSERT ON tokens
BEGIN
    UPDATE watched SET version = version + 1;
END;
CREATE TRIGGER watched_name AFTER UPDATE OF access_key_id, arn, unique_id, user_name ON tokens
BEGIN
    UPDATE watched SET version = version + 1;
END;
CREATE TRIGGER watched_former_key AFTER INSERT ON former_keys
BEGIN
    UPDATE watched SET version = version + 1;
END;
