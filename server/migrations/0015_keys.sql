-- What a key may do, in words with a space between them; empty: all that its role stands for. A key of scopes alone has an
-- empty role.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
-- When it ends by itself; nothing for never.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
