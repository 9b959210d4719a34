-- Budgets as they are spent. `settled + debt` is what a window has spent; leases are promises.
-- No foreign key to `budgets`: a charge of a call that was under way when its budget was deleted
-- must not stop the batch it came in.

CREATE TABLE budget_windows (
    budget_id UUID NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    length TEXT NOT NULL,
    cap BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    debt BIGINT NOT NULL,
    PRIMARY KEY (budget_id, start_at)
);

CREATE TABLE budget_leases (
    budget_id UUID NOT NULL,
    start_at BIGINT NOT NULL,
    node_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (budget_id, start_at, node_id)
);
