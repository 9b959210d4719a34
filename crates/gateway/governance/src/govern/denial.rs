//! Why a call was not admitted, in words that tell which limit, whose, and when it resets.

use std::time::Duration;

use tidegate_types::{BudgetId, MicroUsd, ModelPattern, Timestamp, TokenCount};

use crate::entity::{Scope, Window};

/// Why a call was not admitted. Its text is meant for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// A budget has not enough left.
    #[error(
        "{}the budget of {}{}: {spent} of {cap} USD are spent in this {}; it resets at {resets_at}",
        too_dear(*.need), .scope.named(), for_models(.model.as_ref()), .window.word()
    )]
    Budget {
        /// Which budget.
        budget: BudgetId,
        /// Whose it is.
        scope: Scope,
        /// Which models it counts, if not all.
        model: Option<ModelPattern>,
        /// Its cap.
        cap: MicroUsd,
        /// What is spent in this window, by the ledger's last word. What is neither spent nor
        /// enough for this call is reserved by other calls.
        spent: MicroUsd,
        /// What the call may cost.
        need: MicroUsd,
        /// The length of its windows.
        window: Window,
        /// When the present window ends.
        resets_at: Timestamp,
    },
    /// Too many calls in flight.
    #[error("{} has {limit} calls in flight, as many as its limit allows at once", .scope.named())]
    Concurrency {
        /// Whose limit it is.
        scope: Scope,
        /// Calls at once.
        limit: u64,
    },
    /// A budget applies, the lease does not suffice, and the ledger does not answer.
    #[error("the budget ledger does not answer, and calls with a budget wait for it; try again")]
    LedgerUnavailable,
    /// Too many requests in a minute.
    #[error(
        "{} has reached its limit of {limit} requests per minute; the next fits in {}",
        .scope.named(), seconds(*.retry_after)
    )]
    Requests {
        /// Whose limit it is.
        scope: Scope,
        /// Requests per minute.
        limit: u64,
        /// Until a request fits.
        retry_after: Duration,
    },
    /// Too many tokens in a minute.
    #[error(
        "{} has a limit of {limit} tokens per minute, and this call may use {}; {}",
        .scope.named(), .need.0, fits_when(*.need, *.limit, *.retry_after)
    )]
    Tokens {
        /// Whose limit it is.
        scope: Scope,
        /// Tokens per minute.
        limit: u64,
        /// Until that many fit, if they ever do.
        retry_after: Duration,
        /// The call's estimate. Above the limit, the call never fits.
        need: TokenCount,
    },
}

/// What is in flight ends soon, and an outage is hoped to.
const SOON: Duration = Duration::from_secs(1);

impl Denial {
    /// When it is worth trying again. None: the same call will never be admitted.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::Budget { cap, need, .. } if need > cap => None,
            Self::Budget { resets_at, .. } => Some(now.until(*resets_at)),
            Self::Concurrency { limit: 0, .. } | Self::Requests { limit: 0, .. } => None,
            Self::Concurrency { .. } | Self::LedgerUnavailable => Some(SOON),
            Self::Requests { retry_after, .. } => Some(*retry_after),
            Self::Tokens { limit, need, .. } if need.0 > *limit => None,
            Self::Tokens { retry_after, .. } => Some(*retry_after),
        }
    }
}

fn too_dear(need: MicroUsd) -> String {
    match need {
        MicroUsd::ZERO => "nothing is left of ".to_owned(),
        need => format!("this call may cost {need} USD, more than is left of "),
    }
}

fn for_models(model: Option<&ModelPattern>) -> String {
    model
        .map(|pattern| format!(" for models `{pattern}`"))
        .unwrap_or_default()
}

fn fits_when(need: TokenCount, limit: u64, retry_after: Duration) -> String {
    if need.0 > limit {
        "that is more than ever fits".to_owned()
    } else {
        format!("that many fit in {}", seconds(retry_after))
    }
}

/// Whole seconds, rounded up: a caller that waits so long is not refused again.
fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    format!("{} s", whole.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_says_which_limit_whose_and_until_when() {
        let resets_at = "2026-12-01T00:00:00Z".parse().unwrap();
        let budget = |need| Denial::Budget {
            budget: BudgetId::generate(Timestamp::default()),
            scope: Scope::Organization,
            model: "gpt-*".parse().ok(),
            cap: MicroUsd::from_micros(10_000_000),
            spent: MicroUsd::from_micros(9_870_000),
            need: MicroUsd::from_micros(need),
            window: Window::Month,
            resets_at,
        };
        assert_eq!(
            budget(500_000).to_string(),
            "this call may cost 0.50 USD, more than is left of the budget of the organization for \
             models `gpt-*`: 9.87 of 10.00 USD are spent in this month; it resets at \
             2026-12-01T00:00:00.000000Z"
        );
        assert!(
            budget(0)
                .to_string()
                .starts_with("nothing is left of the budget of")
        );
        let now = "2026-11-30T23:59:00Z".parse().unwrap();
        assert_eq!(budget(1).retry_after(now), Some(Duration::from_secs(60)));
        assert_eq!(budget(10_000_001).retry_after(now), None);
    }

    #[test]
    fn what_never_fits_has_no_time_to_try_again() {
        let tokens = |need| Denial::Tokens {
            scope: Scope::Organization,
            limit: 100,
            retry_after: Duration::from_millis(1_500),
            need: TokenCount(need),
        };
        assert_eq!(tokens(101).retry_after(Timestamp::default()), None);
        assert!(
            tokens(101)
                .to_string()
                .ends_with("may use 101; that is more than ever fits")
        );
        assert_eq!(
            tokens(100).retry_after(Timestamp::default()),
            Some(Duration::from_millis(1_500))
        );
        assert!(tokens(100).to_string().ends_with("that many fit in 2 s"));
    }
}
