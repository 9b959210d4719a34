-- Guardrails, and what they did on calls.

CREATE TABLE guardrails (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    enabled BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    definition TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Beside the log rows of calls on which guardrails found something or could not look. Of what was found
-- there is nothing in it.
CREATE TABLE request_guardrails (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID,
    applied TEXT NOT NULL
);
