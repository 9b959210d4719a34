//! What the proxy knows of a call when it is over.

use std::time::Duration;

use tidegate_types::{MicroUsd, ProviderName, Usage};

use super::Gaps;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client went away before the end.
    ClientGone,
    /// Answered in full, whatever the upstream's status.
    Completed,
    /// Refused by the gateway.
    Refused,
    /// The upstream broke off or timed out after the answer had begun.
    UpstreamBroken,
}

impl Ending {
    pub(super) const COUNT: usize = 4;

    /// The label, the same as the request log's outcome.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientGone => "client_gone",
            Self::Completed => "completed",
            Self::Refused => "refused",
            Self::UpstreamBroken => "upstream_broken",
        }
    }
}

/// Which rule of a key, team or user refused a call. Scopes and kinds are names in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// A budget.
    Budget {
        /// Whose: `key`, `team`, `user`.
        scope: &'static str,
    },
    /// A rate limit.
    Limit {
        /// What it limits: `requests`, `tokens`, `concurrency`.
        kind: &'static str,
        /// Whose.
        scope: &'static str,
    },
}

/// One finished call. Start from [`Observation::new`] and fill in what is known.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The operation's name (`chat.completions`).
    pub operation: &'static str,
    /// Where it went.
    pub provider: Option<&'a ProviderName>,
    /// The id of the model's price row; absent for a model without one, which counts as `other`.
    pub priced_model: Option<&'a str>,
    /// Status sent to the client.
    pub status: u16,
    /// How it ended.
    pub ending: Ending,
    /// The refusal's code.
    pub refusal: Option<&'static str>,
    /// The rule that refused it, for budgets and limits.
    pub refused_by: Option<RefusedBy>,
    /// The class of an upstream's failure (`connect`, `timeout`, `status_5xx`).
    pub upstream_error: Option<&'static str>,
    /// What it used.
    pub usage: Usage,
    /// What it cost.
    pub cost: MicroUsd,
    /// Whether it went through without a price.
    pub unpriced: bool,
    /// From the first byte of the request to the last of the answer.
    pub duration: Duration,
    /// The gateway's own part of it.
    pub overhead: Duration,
    /// From sending the upstream request to the end of its answer; absent when none was sent.
    pub upstream: Option<Duration>,
    /// From arrival to the first byte of the answer's body; absent when there was none.
    pub ttft: Option<Duration>,
    /// The gaps between events of a stream.
    pub gaps: Option<&'a Gaps>,
}

impl Observation<'_> {
    /// A call of which only this is known.
    #[must_use]
    pub fn new(operation: &'static str, status: u16, ending: Ending) -> Self {
        Self {
            operation,
            provider: None,
            priced_model: None,
            status,
            ending,
            refusal: None,
            refused_by: None,
            upstream_error: None,
            usage: Usage::default(),
            cost: MicroUsd::ZERO,
            unpriced: false,
            duration: Duration::ZERO,
            overhead: Duration::ZERO,
            upstream: None,
            ttft: None,
            gaps: None,
        }
    }
}
