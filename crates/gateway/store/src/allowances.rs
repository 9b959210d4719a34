//! What may be spent, and how fast, by all who have devices: read at once, so that a gateway can tell each
//! device what holds for it without asking for each.

use std::collections::HashMap;

use tidegate_governance::{
    entity::{Alignment, Budget, RateLimit, Scope},
    window,
};
use tidegate_types::{MicroUsd, Timestamp};
use uuid::Uuid;

use crate::{Store, StoreError, budgets, ledger::Open, limits, sql::params};

/// A budget, and what is left of it in its present window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// It.
    pub budget: Budget,
    /// What is neither spent nor held by calls that run.
    pub left: MicroUsd,
    /// When the window ends; none before its first call.
    pub resets_at: Option<Timestamp>,
}

impl Store {
    /// Budgets and limits of users, teams and devices' keys. A handful of queries, whatever the number.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn allowances(&self) -> Result<(Vec<Allowance>, Vec<RateLimit>), StoreError> {
        let now = self.now();
        self.read(move |sql| {
            let devices = "SELECT id FROM virtual_keys WHERE device_id IS NOT NULL \
                 AND revoked_at IS NULL";
            let keys = sql.query(devices, &[])?;
            let keys = keys.iter().map(|row| row.uuid(0));
            let keys = keys.collect::<Result<std::collections::HashSet<Uuid>, _>>()?;
            let counts = |scope: Scope| match scope {
                Scope::Organization => false,
                Scope::Team(_) | Scope::User(_) => true,
                Scope::Key(key) => keys.contains(&key.uuid()),
            };
            let mut newest: HashMap<Uuid, Open> = HashMap::new();
            let windows = "SELECT w.start_at, w.end_at, w.length, w.cap, w.settled, w.debt, \
                 w.budget_id FROM budget_windows w JOIN (SELECT budget_id, MAX(start_at) AS start_at \
                 FROM budget_windows GROUP BY budget_id) n \
                 ON n.budget_id = w.budget_id AND n.start_at = w.start_at";
            for row in sql.query(windows, &[])? {
                newest.insert(row.uuid(6)?, Open::read(&row)?);
            }
            let mut held: HashMap<(Uuid, Timestamp), MicroUsd> = HashMap::new();
            let leases = "SELECT budget_id, start_at, CAST(SUM(amount) AS BIGINT) \
                 FROM budget_leases WHERE expires_at > $1 AND amount > 0 \
                 GROUP BY budget_id, start_at";
            for row in sql.query(leases, &params![now])? {
                let amount = MicroUsd::from_micros(row.int(2)?);
                held.insert((row.uuid(0)?, row.time(1)?), amount);
            }
            let all = budgets::all(sql)?.into_iter();
            let allowances = all.filter(|budget| counts(budget.scope)).map(|budget| {
                let open = newest.get(&budget.id.uuid());
                let leased = |start| held.get(&(budget.id.uuid(), start)).copied();
                allowance(budget.clone(), open, leased, now)
            });
            let allowances = allowances.collect();
            let limits = limits::all(sql)?.into_iter();
            let limits = limits.filter(|limit| counts(limit.scope)).collect();
            Ok((allowances, limits))
        })
        .await
    }
}

fn allowance(
    budget: Budget,
    newest: Option<&Open>,
    leased: impl Fn(Timestamp) -> Option<MicroUsd>,
    now: Timestamp,
) -> Allowance {
    let anchor = newest.map(|open| open.start);
    let (start, end) = window::bounds(budget.window, budget.alignment, anchor, now);
    let (spent, held) = match newest {
        Some(open) if open.start == start => {
            (open.spent(), leased(start).unwrap_or(MicroUsd::ZERO))
        }
        // Nobody has opened the present window yet: it will start with this debt.
        Some(open) => (open.leaves(start), MicroUsd::ZERO),
        None => (MicroUsd::ZERO, MicroUsd::ZERO),
    };
    let unopened = anchor != Some(start) && budget.alignment == Alignment::FirstUse;
    let left = budget.cap.saturating_sub(spent).saturating_sub(held);
    Allowance {
        left: left.max(MicroUsd::ZERO),
        resets_at: (!unopened).then_some(end),
        budget,
    }
}
