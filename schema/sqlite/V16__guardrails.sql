-- Guardrails, and what they did on calls.

CREATE TABLE guardrails (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    position INTEGER NOT NULL,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Beside the log rows of calls on which guardrails found something or could not look. Of what was found
-- there is nothing in it.
CREATE TABLE request_guardrails (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB,
    applied TEXT NOT NULL
) STRICT;
