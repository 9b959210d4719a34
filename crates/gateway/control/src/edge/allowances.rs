//! What is left to spend, as check-ins tell it: read from the store once a minute at the most, for all
//! devices together, by the first check-in that finds it old. The others take what is there.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tidegate_device_api::{BudgetLeft, Holder, LimitHeld, MOST_ALLOWANCES};
use tidegate_governance::entity::{RateLimit, Scope};
use tidegate_store::{Allowance, Store};
use tidegate_types::Mono;
use tokio::sync::Mutex;

use super::Entry;

/// Between two readings.
const EVERY: Duration = Duration::from_secs(60);

/// What was read last.
#[derive(Debug, Default)]
struct Held {
    budgets: HashMap<Scope, Vec<Allowance>>,
    limits: HashMap<Scope, Vec<RateLimit>>,
}

#[derive(Debug, Default)]
pub(super) struct Allowances {
    held: RwLock<Arc<Held>>,
    /// When it was read; one at a time reads.
    read_at: Mutex<Option<Mono>>,
}

impl Allowances {
    /// What holds for a device.
    pub(super) async fn of(
        &self,
        entry: &Entry,
        store: &Store,
        now: Mono,
    ) -> (Vec<BudgetLeft>, Vec<LimitHeld>) {
        self.refresh(store, now).await;
        let held = Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner));
        let scopes = [
            Some((Holder::Device, Scope::Key(entry.key))),
            entry.user.map(|user| (Holder::User, Scope::User(user))),
            entry.team.map(|team| (Holder::Team, Scope::Team(team))),
        ];
        let (mut budgets, mut limits) = (Vec::new(), Vec::new());
        for (of, scope) in scopes.into_iter().flatten() {
            let found = held.budgets.get(&scope).into_iter().flatten();
            budgets.extend(found.map(|allowance| left(of, allowance)));
            let found = held.limits.get(&scope).into_iter().flatten();
            limits.extend(found.map(|limit| rate(of, limit)));
        }
        budgets.truncate(MOST_ALLOWANCES);
        limits.truncate(MOST_ALLOWANCES);
        (budgets, limits)
    }

    async fn refresh(&self, store: &Store, now: Mono) {
        // Who comes while another one reads takes what is there.
        let Ok(mut read_at) = self.read_at.try_lock() else {
            return;
        };
        if read_at.is_some_and(|at| now.since(at) < EVERY) {
            return;
        }
        *read_at = Some(now);
        let (allowances, rates) = match store.allowances().await {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(%error, "devices are told of budgets as they were");
                return;
            }
        };
        let mut next = Held::default();
        for allowance in allowances {
            let scope = allowance.budget.scope;
            next.budgets.entry(scope).or_default().push(allowance);
        }
        for rate in rates {
            next.limits.entry(rate.scope).or_default().push(rate);
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

fn left(of: Holder, allowance: &Allowance) -> BudgetLeft {
    let budget = &allowance.budget;
    BudgetLeft {
        of,
        window: budget.window.as_str().to_owned(),
        model: budget.model.as_ref().map(ToString::to_string),
        cap_micro_usd: budget.cap,
        left_micro_usd: allowance.left,
        resets_at: allowance.resets_at,
    }
}

fn rate(of: Holder, limit: &RateLimit) -> LimitHeld {
    LimitHeld {
        of,
        model: limit.model.as_ref().map(ToString::to_string),
        requests_per_minute: limit.requests_per_minute,
        tokens_per_minute: limit.tokens_per_minute,
        concurrency: limit.concurrency,
    }
}
