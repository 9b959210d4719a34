-- Where calls were tried, beside the log rows of those for which one attempt at the only place does not say all.
CREATE TABLE request_attempts (
    id UUID NOT NULL PRIMARY KEY,
    attempts TEXT NOT NULL
);
