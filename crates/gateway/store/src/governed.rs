//! What the hot path is compiled from, and the number that tells when it changed.

use std::collections::HashSet;

use tidegate_governance::entity::{Governed, Scope};

use crate::{
    Store, StoreError, budgets, device_groups, keys, limits, prices,
    sql::{Sql, params},
    teams, users,
};

impl Store {
    /// Everything the hot path is compiled from, in one consistent read. Revoked keys, and
    /// budgets and limits of revoked keys, are left out.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn governed(&self) -> Result<Governed, StoreError> {
        self.read(|sql| {
            let keys = keys::in_use(sql)?;
            let in_use: HashSet<_> = keys.iter().map(|key| key.id).collect();
            let counts = |scope: Scope| !matches!(scope, Scope::Key(key) if !in_use.contains(&key));
            let mut budgets = budgets::all(sql)?;
            budgets.retain(|budget| counts(budget.scope));
            let mut limits = limits::all(sql)?;
            limits.retain(|limit| counts(limit.scope));
            let prices = prices::all(sql)?;
            Ok(Governed {
                revision: revision(sql)?,
                teams: teams::all(sql)?,
                users: users::all(sql)?,
                keys,
                grouped: device_groups::grouped(sql)?,
                budgets,
                limits,
                price_overrides: prices.into_iter().map(|price| price.row).collect(),
            })
        })
        .await
    }

    /// The revision of what is governed: one small read, to be polled.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn revision(&self) -> Result<u64, StoreError> {
        self.read(revision).await
    }
}

fn revision(sql: &mut dyn Sql) -> Result<u64, StoreError> {
    sql.one(
        "SELECT revision FROM control WHERE id = 1",
        &params![],
        "schema",
    )?
    .count(0)
}
