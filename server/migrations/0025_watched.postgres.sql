CREATE FUNCTION watched_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE watched SET version = version + 1, counted_in = txid_current() WHERE counted_in <> txid_current();
    RETURN NULL;
END
$$;
CREATE TRIGGER watched_token AFTER INSERT ON tokens
    FOR EACH STATEMENT EXECUTE FUNCTION watched_goes_on();
CREATE TRIGGER watched_name AFTER UPDATE OF access_key_id, arn, unique_id, user_name ON tokens
    FOR EACH STATEMENT EXECUTE FUNCTION watched_goes_on();
CREATE TRIGGER watched_former_key AFTER INSERT ON former_keys
    FOR EACH STATEMENT EXECUTE FUNCTION watched_goes_on();
