//! The ledger port: the store's side of budgets, as replicas see it.
//!
//! For each budget and window the store keeps `spent` (final, the sum of all settled costs, plus
//! the debt that the window before left) and the leases of the replicas. A lease is a promise of
//! the store: it is counted as gone until it expires or is handed back, so the sum of all leases
//! and of `spent` never passes the cap when a lease is granted. Replicas reserve from leases in
//! memory; what a call really cost goes to the store with its log row and shrinks the lease.

use std::time::Duration;

use futures::future::BoxFuture;
use tidegate_types::{BudgetId, MicroUsd, NodeId, Timestamp};

use crate::entity::{Alignment, Window};

/// Why the ledger did not answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the budget ledger is unavailable: {0}")]
pub struct LedgerError(pub String);

/// A replica asks for a share of what a budget has left in its present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Which budget.
    pub budget: BudgetId,
    /// Its cap, as the replica's snapshot has it.
    pub cap: MicroUsd,
    /// Its window, to find or open the present one.
    pub window: Window,
    /// How its windows are aligned.
    pub alignment: Alignment,
    /// Who asks; all of a node's leases of one window are one row.
    pub node: NodeId,
    /// How much the call at hand needs: granted whole or not at all.
    pub need: MicroUsd,
    /// How much more would be welcome, if there is enough left: spares the next call this trip.
    pub want: MicroUsd,
    /// The time.
    pub now: Timestamp,
    /// How long the lease holds unless renewed.
    pub ttl: Duration,
}

/// What the store answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseGrant {
    /// Granted now, on top of what the node held: zero, or between `need` and `need + want`.
    pub granted: MicroUsd,
    /// When the present window started: part of every charge against it.
    pub window_start: Timestamp,
    /// When it ends.
    pub window_end: Timestamp,
    /// Settled spend of all replicas in this window, debt of the window before included.
    pub spent: MicroUsd,
    /// Held by all unexpired leases, this grant included.
    pub leased: MicroUsd,
}

/// What a call cost one budget, in the window in which it was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Charge {
    /// Which budget.
    pub budget: BudgetId,
    /// The window, by its start.
    pub window_start: Timestamp,
    /// The call's exact cost. Commit adds it to `spent` and takes it off the node's lease.
    pub amount: MicroUsd,
}

/// A node's lease of one budget and window, as named in a renewal or a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseRef {
    /// Which budget.
    pub budget: BudgetId,
    /// The window, by its start.
    pub window_start: Timestamp,
}

/// The store's side. Calls are rare: a lease serves many requests.
pub trait Ledger: Send + Sync + std::fmt::Debug {
    /// Opens the present window if need be (carrying over as debt what the window before spent
    /// past its cap) and grants a lease.
    fn lease(&self, request: LeaseRequest) -> BoxFuture<'_, Result<LeaseGrant, LedgerError>>;

    /// Extends the node's leases to `now + ttl`. Those that already expired are not revived;
    /// returns the ones still held.
    fn renew(
        &self,
        node: NodeId,
        leases: Vec<LeaseRef>,
        now: Timestamp,
        ttl: Duration,
    ) -> BoxFuture<'_, Result<Vec<LeaseRef>, LedgerError>>;

    /// Hands unused money back: the lease shrinks by `amount`, never below zero.
    fn give_back(
        &self,
        node: NodeId,
        lease: LeaseRef,
        amount: MicroUsd,
    ) -> BoxFuture<'_, Result<(), LedgerError>>;
}
