//! Settlement: what calls really cost, final, in the transaction of their log rows.

use tidegate_types::{BudgetId, MicroUsd, NodeId};

use super::windows::{Open, Windows};
use crate::{
    StoreError,
    recorder::Charges,
    sql::{Sql, params},
};

/// Adds charges to their windows and takes them off the node's leases, below zero too. A charge
/// to a window that has ended raises the debt of those after it. One of a budget that was deleted
/// has nowhere to go, and goes nowhere.
pub(crate) fn settle(sql: &mut dyn Sql, node: NodeId, charges: Charges) -> Result<(), StoreError> {
    if charges.is_empty() {
        return Ok(());
    }
    let mut charges: Vec<_> = charges.into_iter().collect();
    charges.sort_unstable_by_key(|(key, _)| *key);
    let budgets: Vec<BudgetId> = charges.iter().map(|((budget, _), _)| *budget).collect();
    sql.lock_budgets(&budgets)?;
    for ((budget, start), amount) in charges {
        let amount = MicroUsd::from_micros(amount);
        let mut windows = Windows::since(sql, budget, start)?;
        let Some(open) = windows.holding(start) else {
            continue;
        };
        open.settled = open.settled.saturating_add(amount);
        write(sql, budget, open)?;
        let off = "UPDATE budget_leases SET amount = amount - $4 \
             WHERE budget_id = $1 AND start_at = $2 AND node_id = $3";
        let values = params![budget.uuid(), open.start, node.uuid(), amount.micros()];
        sql.execute(off, &values)?;
        windows.carry(sql)?;
    }
    Ok(())
}

fn write(sql: &mut dyn Sql, budget: BudgetId, open: &Open) -> Result<(), StoreError> {
    let update = "UPDATE budget_windows SET settled = $3 WHERE budget_id = $1 AND start_at = $2";
    sql.execute(
        update,
        &params![budget.uuid(), open.start, open.settled.micros()],
    )
    .map(drop)
}
