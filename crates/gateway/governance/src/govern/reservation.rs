//! What an admitted call holds: settled with its exact cost, or released when it is dropped.

use std::{mem, sync::Arc};

use smallvec::SmallVec;
use tidegate_types::{MicroUsd, Mono, TokenCount};

use crate::{
    budget::{Replica, Stub},
    key::Permit,
    ledger::Charge,
    limit::{LimitHold, Reading},
};

/// What a call cost and used in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Actual {
    /// Its exact cost.
    pub cost: MicroUsd,
    /// All its tokens, prompt and answer.
    pub tokens: TokenCount,
}

/// What an admitted call holds of its limits and budgets.
///
/// [`settle`](Self::settle) makes the charges. Dropping it instead releases the holds and charges
/// nothing: right only where nothing was sent upstream. Either way the request stays counted
/// against its request rate.
#[must_use = "a reservation that is dropped is released at once"]
#[derive(Debug)]
pub struct Reservation {
    pub(super) replica: Arc<Replica>,
    pub(super) permit: Permit,
    /// By their place in the permit: one shared pointer serves them all.
    pub(super) limits: SmallVec<[(usize, LimitHold); 4]>,
    pub(super) budgets: SmallVec<[(usize, Stub); 4]>,
    pub(super) amount: MicroUsd,
    pub(super) tokens: TokenCount,
    pub(super) at: Mono,
    pub(super) admitted: bool,
}

impl Reservation {
    /// How much money is reserved of each budget.
    #[must_use]
    pub const fn amount(&self) -> MicroUsd {
        self.amount
    }

    /// How the tightest request rate and the tightest token rate stand with this call counted:
    /// of each, the one with the fewest remaining.
    #[must_use]
    pub fn readings(&self) -> (Option<Reading>, Option<Reading>) {
        let (mut requests, mut tokens) = (None, None);
        for (index, hold) in &self.limits {
            let limiter = &self.permit.limiters()[*index];
            tightest(&mut requests, limiter.requests(hold, self.at));
            tightest(&mut tokens, limiter.tokens(hold, self.at));
        }
        (requests, tokens)
    }

    /// Ends the call with what it cost and used: the difference to the estimates goes back to, or
    /// is taken from, limits and leases at once. The charges must reach the store with the call's
    /// log row, or they are lost. Empty when the call cost nothing.
    #[must_use = "charges must be committed with the call's log row"]
    pub fn settle(mut self, actual: Actual) -> SmallVec<[Charge; 4]> {
        self.end_limits(actual.tokens);
        let cost = actual.cost.max(MicroUsd::ZERO);
        let mut charges = SmallVec::new();
        for (index, stub) in mem::take(&mut self.budgets) {
            let account = &self.permit.meters()[index].account;
            account.settle(stub, self.amount, cost);
            if cost > MicroUsd::ZERO {
                let window_start = stub.window_start;
                charges.push(Charge {
                    budget: account.id,
                    window_start,
                    amount: cost,
                });
            }
        }
        charges
    }

    /// Gives everything back as if the call had never been: it goes elsewhere, and is admitted anew there.
    pub fn undo(mut self) {
        self.admitted = false;
    }

    fn end_limits(&mut self, actual: TokenCount) {
        if self.limits.is_empty() {
            return;
        }
        let now = self.replica.clock.mono();
        for (index, hold) in mem::take(&mut self.limits) {
            self.permit.limiters()[index].release(hold, self.tokens, actual, now);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.admitted {
            for (index, hold) in mem::take(&mut self.limits) {
                self.permit.limiters()[index].undo(hold, self.tokens, self.replica.clock.mono());
            }
        }
        self.end_limits(TokenCount(0));
        for (index, stub) in mem::take(&mut self.budgets) {
            self.permit.meters()[index]
                .account
                .release(stub, self.amount);
        }
    }
}

fn tightest(best: &mut Option<Reading>, other: Option<Reading>) {
    if let Some(other) = other
        && best.is_none_or(|best| other.remaining < best.remaining)
    {
        *best = Some(other);
    }
}
