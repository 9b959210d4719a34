//! A trip to the ledger: one at a time for each budget, shared by all calls that wait for it.
//!
//! The trip is kept in the book, not by the call that started it. When that call's client goes
//! away, another call, or upkeep, sees the trip to its end: no grant is ever lost half-way.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tidegate_types::{MicroUsd, Mono};

use super::{Account, Meter, Moment, Replica, book::Granting};
use crate::{
    entity::Budget,
    ledger::{LeaseRef, LeaseRequest},
};

pub(super) type Trip = Shared<BoxFuture<'static, ()>>;

/// A lease is spent from for three quarters of its life: clocks of replicas differ, and a
/// renewal each third of it may fail once.
pub(super) fn deadline(asked: Moment, ttl: Duration) -> Mono {
    let usable = u64::try_from((ttl - ttl / 4).as_nanos()).unwrap_or(u64::MAX);
    Mono(asked.mono.0.saturating_add(usable))
}

/// A trip for a call that needs `amount`. Nothing happens before it is polled.
pub(super) fn start(meter: &Meter, replica: &Arc<Replica>, amount: i64) -> Trip {
    // The book owns the trip, so the trip must not own the account.
    let account = Arc::downgrade(&meter.account);
    run(account, Arc::clone(replica), meter.config.clone(), amount)
        .boxed()
        .shared()
}

async fn run(account: Weak<Account>, replica: Arc<Replica>, budget: Budget, amount: i64) {
    if settle_overdue(&account, &replica, &budget).await {
        lease(&account, &replica, &budget, amount).await;
    }
    if let Some(account) = account.upgrade() {
        // Dropped outside the lock: this future is part of it.
        let _done = account.book().trip.take();
    }
}

/// Finds out what became of a lease past its deadline. False: the ledger does not answer.
async fn settle_overdue(account: &Weak<Account>, replica: &Replica, budget: &Budget) -> bool {
    let asked = replica.moment();
    let Some(renewal) = account
        .upgrade()
        .and_then(|account| account.book().overdue(asked))
    else {
        return true;
    };
    let named = LeaseRef {
        budget: budget.id,
        window_start: renewal.window_start,
    };
    let ttl = replica.settings.lease_ttl;
    let answer = replica
        .ledger
        .renew(replica.node, vec![named], asked.wall, ttl)
        .await;
    let Some(account) = account.upgrade() else {
        return false;
    };
    let mut book = account.book();
    match answer {
        Ok(held) => {
            book.renewed(renewal, held.contains(&named), deadline(asked, ttl));
            true
        }
        Err(_) => {
            book.renewal_failed(replica.clock.mono());
            false
        }
    }
}

async fn lease(account: &Weak<Account>, replica: &Replica, budget: &Budget, amount: i64) {
    let asked = replica.moment();
    let ask = account.upgrade().and_then(|account| {
        let mut book = account.book();
        book.leave_if_over(asked);
        book.ask(amount, budget.cap.micros())
    });
    let Some((need, want)) = ask else { return };
    let request = LeaseRequest {
        budget: budget.id,
        cap: budget.cap,
        window: budget.window,
        alignment: budget.alignment,
        node: replica.node,
        need: MicroUsd::from_micros(need),
        want: MicroUsd::from_micros(want),
        now: asked.wall,
        ttl: replica.settings.lease_ttl,
    };
    let answer = replica.ledger.lease(request).await;
    let Some(account) = account.upgrade() else {
        return;
    };
    let mut book = account.book();
    let now = replica.clock.mono();
    match answer {
        Ok(grant) => {
            let at = Granting {
                deadline: deadline(asked, request.ttl),
                now,
            };
            book.granted(&request, &grant, at);
        }
        Err(_) => book.lease_failed(&request, now),
    }
}
