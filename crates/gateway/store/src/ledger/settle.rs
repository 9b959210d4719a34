//! Settlement: what calls really cost, final, in the transaction of their log rows.

use std::collections::BTreeMap;

use tidegate_types::{BudgetId, MicroUsd, NodeId, Timestamp};

use super::windows::{SET_DEBT, Windows};
use crate::{
    StoreError,
    recorder::Charges,
    sql::{Sql, Value, params},
};

const SET_SETTLED: &str =
    "UPDATE budget_windows SET settled = $3 WHERE budget_id = $1 AND start_at = $2";

const SHRINK_LEASE: &str = "UPDATE budget_leases SET amount = amount - $4 \
     WHERE budget_id = $1 AND start_at = $2 AND node_id = $3";

/// Adds charges to their windows and takes them off the node's leases, below zero too. A charge
/// to a window that has ended raises the debt of those after it. One of a budget that was deleted
/// has nowhere to go, and goes nowhere.
pub(crate) fn settle(sql: &mut dyn Sql, node: NodeId, charges: Charges) -> Result<(), StoreError> {
    if charges.is_empty() {
        return Ok(());
    }
    let mut budgets: BTreeMap<BudgetId, Vec<(Timestamp, MicroUsd)>> = BTreeMap::new();
    for ((budget, start), amount) in charges {
        budgets
            .entry(budget)
            .or_default()
            .push((start, MicroUsd::from_micros(amount)));
    }
    let locked: Vec<BudgetId> = budgets.keys().copied().collect();
    sql.lock_budgets(&locked)?;
    let earliest = |(budget, charges): (&BudgetId, &Vec<(Timestamp, MicroUsd)>)| {
        charges.iter().map(|(start, _)| (*budget, *start)).min()
    };
    let since: Vec<_> = budgets.iter().filter_map(earliest).collect();
    let windows = Windows::all_since(sql, &since)?;
    let (mut settled, mut leases, mut debts) = (Vec::new(), Vec::new(), Vec::new());
    for ((budget, charges), mut windows) in budgets.iter().zip(windows) {
        for (start, amount) in charges {
            let Some(open) = windows.holding(*start) else {
                continue;
            };
            open.settled = open.settled.saturating_add(*amount);
            let written: [Value; 3] = params![budget.uuid(), open.start, open.settled.micros()];
            settled.push(written.to_vec());
            let shrunk = params![budget.uuid(), open.start, node.uuid(), amount.micros()];
            leases.push(shrunk.to_vec());
        }
        debts.extend(windows.carry());
    }
    sql.execute_all(SET_SETTLED, &settled)?;
    sql.execute_all(SHRINK_LEASE, &leases)?;
    sql.execute_all(SET_DEBT, &debts)
}
