-- Budgets as they are spent. `settled + debt` is what a window has spent; leases are promises.
-- No foreign key to `budgets`: a charge of a call that was under way when its budget was deleted
-- must not stop the batch it came in.

CREATE TABLE budget_windows (
    budget_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    length TEXT NOT NULL,
    cap INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    debt INTEGER NOT NULL,
    PRIMARY KEY (budget_id, start_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE budget_leases (
    budget_id BLOB NOT NULL,
    start_at INTEGER NOT NULL,
    node_id BLOB NOT NULL,
    amount INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (budget_id, start_at, node_id)
) STRICT, WITHOUT ROWID;
