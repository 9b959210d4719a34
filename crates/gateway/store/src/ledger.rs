//! The ledger port in SQL: leases of what budgets have left, and settlement.
//!
//! The rules are those of `tidegate_governance::memory`, which the tests compare against. All
//! work on one budget is in one order: SQLite has one writer, PostgreSQL locks the budget.

mod lease;
mod settle;
mod windows;

use std::time::Duration;

use futures::future::BoxFuture;
use tidegate_governance::ledger::{LeaseGrant, LeaseRef, LeaseRequest, Ledger, LedgerError};
use tidegate_types::{MicroUsd, NodeId, Timestamp};

pub(crate) use self::{
    settle::settle,
    windows::{Open, Windows},
};
use crate::{Store, StoreError, engine::Engine};

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl Ledger for Store {
    fn lease(&self, request: LeaseRequest) -> BoxFuture<'_, Result<LeaseGrant, LedgerError>> {
        Box::pin(async move { Ok(self.write(move |sql| lease::grant(sql, &request)).await?) })
    }

    fn renew(
        &self,
        node: NodeId,
        leases: Vec<LeaseRef>,
        now: Timestamp,
        ttl: Duration,
    ) -> BoxFuture<'_, Result<Vec<LeaseRef>, LedgerError>> {
        Box::pin(async move {
            Ok(self
                .write(move |sql| lease::renew(sql, node, leases, now, ttl))
                .await?)
        })
    }

    fn give_back(
        &self,
        node: NodeId,
        lease: LeaseRef,
        amount: MicroUsd,
    ) -> BoxFuture<'_, Result<(), LedgerError>> {
        Box::pin(async move {
            Ok(self
                .write(move |sql| lease::give_back(sql, node, lease, amount))
                .await?)
        })
    }
}

impl Store {
    /// A SQLite store has one serving process: leases found at its start are a dead one's. On
    /// PostgreSQL they may be another node's, and those of the dead run out by themselves.
    pub(crate) async fn clear_dead_leases(&self) -> Result<(), StoreError> {
        if matches!(self.engine(), Engine::Postgres(_)) {
            return Ok(());
        }
        self.write(|sql| sql.execute("DELETE FROM budget_leases", &[]).map(drop))
            .await
    }
}
