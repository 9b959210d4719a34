//! Leases: a node's share of what a budget has left.

use std::time::Duration;

use tidegate_governance::ledger::{LeaseGrant, LeaseRef, LeaseRequest};
use tidegate_types::{BudgetId, MicroUsd, NodeId, Timestamp};

use super::Windows;
use crate::{
    StoreError,
    sql::{Sql, params},
};

/// All leases of a window that are left once the dead ones are gone.
struct Leases {
    own: i64,
    /// Without the node's own. A row below zero counts as nothing.
    others: i64,
}

/// Grants what fits, in the window that is open now.
pub(super) fn grant(sql: &mut dyn Sql, request: &LeaseRequest) -> Result<LeaseGrant, StoreError> {
    let LeaseRequest {
        budget,
        cap,
        window,
        alignment,
        node,
        now,
        ..
    } = *request;
    sql.lock_budgets(&[budget])?;
    let open = Windows::enter(sql, budget, (window, alignment, cap), now)?;
    let leases = leases(sql, budget, open.start, node, now)?;
    let spent = open.spent().micros();
    let room = cap
        .micros()
        .saturating_sub(spent)
        .saturating_sub(leases.others)
        .saturating_sub(leases.own);
    let (need, want) = (request.need.micros(), request.want.micros().max(0));
    let granted = if need >= 0 && need <= room {
        need.saturating_add(want).min(room)
    } else {
        0
    };
    let own = leases.own.saturating_add(granted);
    if granted > 0 {
        let upsert = "INSERT INTO budget_leases \
             (budget_id, start_at, node_id, amount, expires_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (budget_id, start_at, node_id) DO UPDATE SET amount = $4, expires_at = \
             CASE WHEN budget_leases.expires_at > $5 THEN budget_leases.expires_at ELSE $5 END";
        let expires_at = now.plus(request.ttl);
        let values = params![budget.uuid(), open.start, node.uuid(), own, expires_at];
        sql.execute(upsert, &values)?;
    }
    Ok(LeaseGrant {
        granted: MicroUsd::from_micros(granted),
        window_start: open.start,
        window_end: open.end,
        spent: open.spent(),
        leased: MicroUsd::from_micros(leases.others.saturating_add(own.max(0))),
    })
}

/// Deletes what ran out, so that no renewal can bring it back after its money was given to
/// another node, and adds up the rest.
fn leases(
    sql: &mut dyn Sql,
    budget: BudgetId,
    start: Timestamp,
    node: NodeId,
    now: Timestamp,
) -> Result<Leases, StoreError> {
    let dead =
        "DELETE FROM budget_leases WHERE budget_id = $1 AND start_at = $2 AND expires_at <= $3";
    sql.execute(dead, &params![budget.uuid(), start, now])?;
    // The node's own row is locked: it may be shrunk by `give_back` at the same time.
    let live = format!(
        "SELECT node_id, amount FROM budget_leases WHERE budget_id = $1 AND start_at = $2{}",
        sql.for_update()
    );
    let mut sum = Leases { own: 0, others: 0 };
    for row in sql.query(&live, &params![budget.uuid(), start])? {
        if row.uuid(0)? == node.uuid() {
            sum.own = row.int(1)?;
        } else {
            sum.others = sum.others.saturating_add(row.int(1)?.max(0));
        }
    }
    Ok(sum)
}

/// Extends leases that are still alive; those.
pub(super) fn renew(
    sql: &mut dyn Sql,
    node: NodeId,
    mut leases: Vec<LeaseRef>,
    now: Timestamp,
    ttl: Duration,
) -> Result<Vec<LeaseRef>, StoreError> {
    // Always in the same order, so that two renewals never wait in a circle.
    leases.sort_unstable_by_key(|lease| (lease.budget, lease.window_start));
    let update = "UPDATE budget_leases SET expires_at = \
         CASE WHEN expires_at > $5 THEN expires_at ELSE $5 END \
         WHERE budget_id = $1 AND start_at = $2 AND node_id = $3 AND expires_at > $4";
    let until = now.plus(ttl);
    let mut held = Vec::with_capacity(leases.len());
    for lease in leases {
        let values = params![
            lease.budget.uuid(),
            lease.window_start,
            node.uuid(),
            now,
            until
        ];
        if sql.execute(update, &values)? > 0 {
            held.push(lease);
        }
    }
    Ok(held)
}

/// Shrinks a lease, but not below zero, and leaves one that is below zero as it is.
pub(super) fn give_back(
    sql: &mut dyn Sql,
    node: NodeId,
    lease: LeaseRef,
    amount: MicroUsd,
) -> Result<(), StoreError> {
    let update = "UPDATE budget_leases SET amount = \
         CASE WHEN amount > $4 THEN amount - $4 ELSE 0 END \
         WHERE budget_id = $1 AND start_at = $2 AND node_id = $3 AND amount > 0";
    let amount = amount.micros().max(0);
    let values = params![lease.budget.uuid(), lease.window_start, node.uuid(), amount];
    sql.execute(update, &values).map(drop)
}
