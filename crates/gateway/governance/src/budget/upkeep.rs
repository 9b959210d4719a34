//! What is done now and then: leases in use are renewed, idle money goes back to the store.

use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use tidegate_types::MicroUsd;

use super::{Account, Replica, trip};
use crate::ledger::LeaseRef;

/// How many returns are under way at once.
const RETURNS: usize = 8;

/// Looks after all accounts; those that `known` does not name keep nothing.
pub(crate) async fn maintain(replica: &Replica, known: impl Fn(&Arc<Account>) -> bool) {
    let accounts = replica.accounts();
    finish_trips(&accounts).await;
    let at = replica.moment();
    let (mut renewals, mut returns) = (Vec::new(), Vec::new());
    for account in accounts {
        let mut book = account.book();
        let back = book.take_idle(at, !known(&account));
        let renewal = book.take_renewal(at);
        drop(book);
        if let Some((window_start, amount)) = back {
            let lease = LeaseRef {
                budget: account.id,
                window_start,
            };
            returns.push((Arc::clone(&account), lease, amount));
        }
        if let Some(renewal) = renewal {
            renewals.push((account, renewal));
        }
    }
    if !renewals.is_empty() {
        let name = |(account, renewal): &(Arc<Account>, super::book::Renewal)| LeaseRef {
            budget: account.id,
            window_start: renewal.window_start,
        };
        let named = renewals.iter().map(name).collect();
        let ttl = replica.settings.lease_ttl;
        // No answer: the deadlines come nearer, and the next upkeep tries again.
        if let Ok(held) = replica
            .ledger
            .renew(replica.node, named, at.wall, ttl)
            .await
        {
            let held: std::collections::HashSet<LeaseRef> = held.into_iter().collect();
            for item in renewals {
                let still = held.contains(&name(&item));
                item.0
                    .book()
                    .renewed(item.1, still, trip::deadline(at, ttl));
            }
        }
    }
    give_back(replica, returns).await;
}

/// Hands back whatever no call in flight holds.
pub(crate) async fn give_back_all(replica: &Replica) {
    let accounts = replica.accounts();
    finish_trips(&accounts).await;
    let at = replica.moment();
    let mut returns = Vec::new();
    for account in accounts {
        if let Some((window_start, amount)) = account.book().take_idle(at, true) {
            returns.push((
                Arc::clone(&account),
                LeaseRef {
                    budget: account.id,
                    window_start,
                },
                amount,
            ));
        }
    }
    give_back(replica, returns).await;
}

/// Trips whose callers all went away would otherwise stand still until the next call.
async fn finish_trips(accounts: &[Arc<Account>]) {
    for account in accounts {
        let trip = account.book().trip.clone();
        if let Some(trip) = trip {
            trip.await;
        }
    }
}

async fn give_back(replica: &Replica, returns: Vec<(Arc<Account>, LeaseRef, i64)>) {
    stream::iter(returns)
        .for_each_concurrent(RETURNS, |(account, lease, amount)| async move {
            let money = MicroUsd::from_micros(amount);
            if replica
                .ledger
                .give_back(replica.node, lease, money)
                .await
                .is_err()
            {
                account.book().give_back_failed(lease.window_start, amount);
            }
        })
        .await;
}
