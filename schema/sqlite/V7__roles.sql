-- What accounts and tokens may do. Those that were there before could do everything.

ALTER TABLE accounts ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
ALTER TABLE accounts ADD COLUMN team_id BLOB;
ALTER TABLE api_tokens ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
ALTER TABLE api_tokens ADD COLUMN team_id BLOB;
