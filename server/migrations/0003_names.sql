-- Most adopted tokens have no unique id, and some no ARN or user name: an index in which most entries are the same empty
-- text is one that SQLite does not use, and each record was then looked up by reading all tokens.
DROP INDEX tokens_by_arn;
DROP INDEX tokens_by_unique_id;
DROP INDEX tokens_by_user_name;
CREATE INDEX tokens_by_arn ON tokens (arn) WHERE arn <> '';
CREATE INDEX tokens_by_unique_id ON tokens (unique_id) WHERE unique_id <> '';
CREATE INDEX tokens_by_user_name ON tokens (user_name) WHERE user_name <> '';
