//! A budget's windows as rows, and the debt that each leaves to the next.

use tidegate_governance::{
    entity::{Alignment, Window},
    window::{bounds, carried_debt},
};
use tidegate_types::{BudgetId, MicroUsd, Timestamp};

use crate::{
    StoreError,
    sql::{Row, Sql, Value, params},
};

/// Consecutive windows of one budget, up to its newest.
#[derive(Debug)]
pub(crate) struct Windows {
    budget: BudgetId,
    rows: Vec<Open>,
}

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) window: Window,
    pub(crate) cap: MicroUsd,
    pub(crate) settled: MicroUsd,
    pub(crate) debt: MicroUsd,
}

impl Open {
    pub(crate) const fn spent(&self) -> MicroUsd {
        self.settled.saturating_add(self.debt)
    }

    /// What it leaves to the window that starts at `next`.
    pub(crate) fn leaves(&self, next: Timestamp) -> MicroUsd {
        carried_debt(self.window, self.cap, self.spent(), self.end, next)
    }

    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            start: row.time(0)?,
            end: row.time(1)?,
            window: row.parsed(2)?,
            cap: MicroUsd::from_micros(row.int(3)?),
            settled: MicroUsd::from_micros(row.int(4)?),
            debt: MicroUsd::from_micros(row.int(5)?),
        })
    }
}

/// Writes what [`Windows::carry`] found.
pub(crate) const SET_DEBT: &str =
    "UPDATE budget_windows SET debt = $3 WHERE budget_id = $1 AND start_at = $2";

/// From the window that holds or precedes a time, on to the newest.
const SINCE: &str = "SELECT start_at, end_at, length, cap, settled, debt FROM budget_windows \
     WHERE budget_id = $1 AND start_at >= COALESCE((SELECT MAX(start_at) FROM budget_windows \
     WHERE budget_id = $1 AND start_at <= $2), $2) ORDER BY start_at";

/// How long windows are kept after their end: longer than any journal waits for its replay.
const KEPT: i64 = 40 * 24 * 3_600 * 1_000_000;

/// Deletes windows that ended long ago, and leases that ran out in any window.
fn forget(sql: &mut dyn Sql, budget: BudgetId, now: Timestamp) -> Result<(), StoreError> {
    let leases = "DELETE FROM budget_leases WHERE budget_id = $1 AND expires_at <= $2";
    sql.execute(leases, &params![budget.uuid(), now])?;
    let long_ago = now.micros().saturating_sub(KEPT);
    let windows = "DELETE FROM budget_windows WHERE budget_id = $1 AND end_at < $2 \
         AND start_at < (SELECT MAX(start_at) FROM budget_windows WHERE budget_id = $1 \
         AND start_at <= $3)";
    sql.execute(windows, &params![budget.uuid(), long_ago, now])
        .map(drop)
}

impl Windows {
    /// The window that holds or precedes `at`, and all later ones.
    pub(crate) fn since(
        sql: &mut dyn Sql,
        budget: BudgetId,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let rows = sql.query(SINCE, &params![budget.uuid(), at])?;
        Self::read(budget, &rows)
    }

    /// The same for several budgets at once.
    pub(crate) fn all_since(
        sql: &mut dyn Sql,
        budgets: &[(BudgetId, Timestamp)],
    ) -> Result<Vec<Self>, StoreError> {
        let params = |(budget, at): &(BudgetId, Timestamp)| params![budget.uuid(), *at].to_vec();
        let answers = sql.query_all(SINCE, &budgets.iter().map(params).collect::<Vec<_>>())?;
        budgets
            .iter()
            .zip(answers)
            .map(|((budget, _), rows)| Self::read(*budget, &rows))
            .collect()
    }

    fn read(budget: BudgetId, rows: &[Row]) -> Result<Self, StoreError> {
        let rows = rows.iter().map(Open::read).collect::<Result<_, _>>()?;
        Ok(Self { budget, rows })
    }

    /// The newest window, if there was one.
    pub(crate) fn newest(sql: &mut dyn Sql, budget: BudgetId) -> Result<Option<Open>, StoreError> {
        let newest = "SELECT start_at, end_at, length, cap, settled, debt FROM budget_windows \
             WHERE budget_id = $1 ORDER BY start_at DESC LIMIT 1";
        let rows = sql.query(newest, &params![budget.uuid()])?;
        rows.first().map(Open::read).transpose()
    }

    /// The window that holds `at`, among those read.
    pub(crate) fn holding(&mut self, at: Timestamp) -> Option<&mut Open> {
        let window = self.rows.iter_mut().rev().find(|open| open.start <= at)?;
        (at < window.end).then_some(window)
    }

    /// Opens the window that `now` belongs to, or brings it up to the cap of today.
    pub(crate) fn enter(
        sql: &mut dyn Sql,
        budget: BudgetId,
        (window, alignment, cap): (Window, Alignment, MicroUsd),
        now: Timestamp,
    ) -> Result<Open, StoreError> {
        let anchor = Self::newest(sql, budget)?.map(|open| open.start);
        let (start, end) = bounds(window, alignment, anchor, now);
        let before = Timestamp::from_micros(start.micros().saturating_sub(1));
        let mut windows = Self::since(sql, budget, before)?;
        let mut at = windows.rows.partition_point(|open| open.start < start);
        let found = windows.rows.get(at).filter(|open| open.start == start);
        let zero = MicroUsd::ZERO;
        let (settled, debt) = found.map_or((zero, zero), |open| (open.settled, open.debt));
        let open = Open {
            start,
            end,
            window,
            cap,
            settled,
            debt,
        };
        if found == Some(&open) {
            // The common case: nothing about the window changed.
            let same = windows.rows.swap_remove(at);
            return Ok(same);
        }
        let insert = "INSERT INTO budget_windows \
             (budget_id, start_at, end_at, length, cap, settled, debt) \
             VALUES ($1, $2, $3, $4, $5, 0, 0) ON CONFLICT (budget_id, start_at) \
             DO UPDATE SET end_at = $3, length = $4, cap = $5";
        let values = params![budget.uuid(), start, end, window.as_str(), cap.micros()];
        sql.execute(insert, &values)?;
        if found.is_some() {
            windows.rows[at] = open;
        } else {
            windows.rows.insert(at, open);
            forget(sql, budget, now)?;
        }
        sql.execute_all(SET_DEBT, &windows.carry())?;
        at = at.min(windows.rows.len() - 1);
        Ok(windows.rows.swap_remove(at))
    }

    /// Works out anew what each window leaves to the next: what is to be written.
    pub(crate) fn carry(&mut self) -> Vec<Vec<Value>> {
        let mut changed = Vec::new();
        for next in 1..self.rows.len() {
            let debt = self.rows[next - 1].leaves(self.rows[next].start);
            let open = &mut self.rows[next];
            if open.debt != debt {
                open.debt = debt;
                changed.push(params![self.budget.uuid(), open.start, debt.micros()].to_vec());
            }
        }
        changed
    }
}
