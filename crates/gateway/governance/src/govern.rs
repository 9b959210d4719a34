//! Admission: every call takes from all limits and reserves from all budgets that apply to it, or
//! takes nothing and learns why.

mod denial;
mod reservation;

use std::{sync::Arc, time::Duration};

use smallvec::SmallVec;
use tidegate_types::{Clock, MicroUsd, NodeId, TokenCount};

pub use denial::Denial;
pub use reservation::{Actual, Reservation};

use crate::{
    budget::{Replica, upkeep},
    key::{Keyring, Permit},
    ledger::Ledger,
};

/// What happens to calls with a budget while the ledger does not answer and leases run out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailMode {
    /// They are refused.
    #[default]
    Closed,
    /// They pass; what they cost is charged when the ledger is back, past the cap if need be.
    Open,
}

/// How a replica deals with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long leases live unless renewed; at least a second. A crashed replica's leases are
    /// free again after this time.
    pub lease_ttl: Duration,
    /// What happens while the ledger does not answer.
    pub when_ledger_fails: FailMode,
}

impl Settings {
    /// The shortest life of a lease.
    pub const SHORTEST_LEASE: Duration = Duration::from_secs(1);
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease_ttl: Duration::from_secs(30),
            when_ledger_fails: FailMode::Closed,
        }
    }
}

/// What a call asks for before it is made: upper estimates.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The model, without a provider's prefix; empty when the call names none.
    pub model: &'a str,
    /// What it may cost at most, as far as can be told. Even a call that costs nothing is
    /// refused once a budget is used up.
    pub cost: MicroUsd,
    /// How many tokens it may use at most, prompt and answer.
    pub tokens: TokenCount,
}

/// Admits calls on this replica. Cheap to clone; all clones are one.
///
/// The counters and leases live in the [`Keyring`]: a keyring and those compiled from it belong
/// to one governor.
#[derive(Debug, Clone)]
pub struct Governor(Arc<Replica>);

impl Governor {
    /// A governor of the replica `node`.
    #[must_use]
    pub fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        node: NodeId,
        settings: Settings,
    ) -> Self {
        let lease_ttl = settings.lease_ttl.max(Settings::SHORTEST_LEASE);
        Self(Arc::new(Replica::new(
            ledger,
            clock,
            node,
            Settings {
                lease_ttl,
                ..settings
            },
        )))
    }

    /// Takes what the call asks for from every limit, then from every budget that applies to it.
    /// Waits for nothing but the ledger, and only when a lease does not suffice. Dropping the
    /// future gives everything back.
    ///
    /// # Errors
    /// The first limit or budget that refuses; whatever was taken before is given back.
    pub async fn admit(&self, permit: &Permit, ask: Ask<'_>) -> Result<Reservation, Denial> {
        let at = self.0.moment();
        let amount = ask.cost.max(MicroUsd::ZERO);
        let mut taken = Reservation {
            replica: Arc::clone(&self.0),
            permit: permit.clone(),
            limits: SmallVec::new(),
            budgets: SmallVec::new(),
            amount,
            tokens: ask.tokens,
            at: at.mono,
            admitted: false,
        };
        for (index, limiter) in permit.limiters().iter().enumerate() {
            if limiter.applies_to(ask.model) {
                taken
                    .limits
                    .push((index, limiter.take(ask.tokens, at.mono)?));
            }
        }
        for (index, meter) in permit.meters().iter().enumerate() {
            if meter.applies_to(ask.model) {
                taken
                    .budgets
                    .push((index, meter.reserve(&self.0, amount, at).await?));
            }
        }
        taken.admitted = true;
        Ok(taken)
    }

    /// Lets a call pass that nobody asked for, such as a copy for a shadow target: it takes from no limit and no budget,
    /// and its charges are empty.
    pub fn exempt(&self, permit: &Permit) -> Reservation {
        Reservation {
            replica: Arc::clone(&self.0),
            permit: permit.clone(),
            limits: SmallVec::new(),
            budgets: SmallVec::new(),
            amount: MicroUsd::ZERO,
            tokens: TokenCount(0),
            at: self.0.moment().mono,
            admitted: true,
        }
    }

    /// Renews the leases in use and hands back what idle budgets hold. To be called about every
    /// third of the leases' life; a replica that stops doing so stops spending.
    pub async fn maintain(&self, keyring: &Keyring) {
        upkeep::maintain(&self.0, |account| keyring.counts_in(account)).await;
    }

    /// Hands back all that calls in flight do not hold: the last step of a shutdown.
    pub async fn give_back_all(&self) {
        upkeep::give_back_all(&self.0).await;
    }
}

#[cfg(test)]
mod tests;
