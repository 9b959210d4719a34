//! The record of a finished call: its log row and its charges, committed in one transaction.

mod attempt;
mod edge;

use std::sync::Arc;

use smallvec::SmallVec;
use tidegate_types::{
    KeyId, MicroUsd, ModelName, ProviderName, RequestId, TeamId, Timestamp, TokenCount, Usage,
    UserId,
};

pub use attempt::Attempt;
pub use edge::{EdgeRow, printable};

use crate::{guardrail::Applied, ledger::Charge};

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Answered in full, whatever the upstream's status.
    Completed,
    /// The client went away before the end; the upstream was cancelled, what was used is charged.
    ClientGone,
    /// The upstream broke off or timed out after the answer had begun.
    UpstreamBroken,
    /// Refused by the gateway; `RequestRow::code` says why.
    Refused,
}

impl Outcome {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::ClientGone => "client_gone",
            Self::UpstreamBroken => "upstream_broken",
            Self::Refused => "refused",
        }
    }
}

/// How the cost was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CostBasis {
    /// From the price list and the usage.
    Priced,
    /// The model has no price and the setting lets it pass, flagged.
    Unpriced,
    /// The operation costs nothing by itself (lists, files, token counts), or nothing was sent.
    Free,
}

impl CostBasis {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priced => "priced",
            Self::Unpriced => "unpriced",
            Self::Free => "free",
        }
    }
}

/// What the cache had to do with a call that it could have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheUse {
    /// It answered; at the present price the answer would have cost this.
    Hit(MicroUsd),
    /// It had no answer.
    Miss,
    /// It answered with the answer to a question that means the same.
    Semantic(MicroUsd),
}

impl CacheUse {
    /// The word in the log, in metrics and in `x-tidegate-cache`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit(_) => "hit",
            Self::Miss => "miss",
            Self::Semantic(_) => "semantic",
        }
    }

    /// What was saved.
    #[must_use]
    pub const fn saved(self) -> Option<MicroUsd> {
        match self {
            Self::Hit(saved) | Self::Semantic(saved) => Some(saved),
            Self::Miss => None,
        }
    }
}

/// Prompt and answer, kept only where the key's setting asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The request body as the client sent it and the guards left it, cut at a bound.
    pub prompt: Vec<u8>,
    /// The answer's body as sent, cut at a bound.
    pub answer: Vec<u8>,
}

/// One row of the request log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// The request's id; its time orders the log.
    pub id: RequestId,
    /// When the call arrived.
    pub started_at: Timestamp,
    /// From the first byte of the request to the last of the answer, in microseconds.
    pub duration_us: u64,
    /// The part of it that the gateway itself took, in microseconds.
    pub overhead_us: u64,
    /// From arrival to the first byte of the answer's body, in microseconds.
    pub ttft_us: Option<u64>,
    /// Who called; absent when authentication failed.
    pub key: Option<KeyId>,
    /// The key's team, or its user's.
    pub team: Option<TeamId>,
    /// The key's user.
    pub user: Option<UserId>,
    /// The operation's name (`chat.completions`); `unknown` for a refused route.
    pub operation: &'static str,
    /// Where the call went.
    pub provider: Option<ProviderName>,
    /// The model as the caller named it.
    pub model: Option<ModelName>,
    /// Status sent to the client.
    pub status: u16,
    /// The refusal's code.
    pub code: Option<&'static str>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// What was used.
    pub usage: Usage,
    /// What it cost.
    pub cost: MicroUsd,
    /// How the cost was found.
    pub cost_basis: CostBasis,
    /// Request body bytes.
    pub request_bytes: u64,
    /// Answer body bytes sent to the client.
    pub response_bytes: u64,
    /// W3C trace id, 32 hex digits.
    pub trace_id: Option<[u8; 16]>,
    /// Prompt and answer, where kept.
    pub content: Option<Box<Content>>,
    /// Where a relayed call came from.
    pub edge: Option<Box<EdgeRow>>,
    /// What guardrails did; of most calls nothing.
    pub guardrails: Vec<Applied>,
    /// What the cache had to do with it, where it could have answered.
    pub cache: Option<CacheUse>,
    /// Where it was tried, in order; nothing where one attempt at the only place says all.
    pub attempts: Vec<Attempt>,
    /// The call that it is a copy of, where it was made for a shadow target: nobody asked for it, and nobody got its
    /// answer.
    pub shadow_of: Option<RequestId>,
}

/// A finished call, on its way to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its log row.
    pub row: RequestRow,
    /// What it cost each budget that applied. Empty for calls that cost nothing.
    pub charges: SmallVec<[Charge; 4]>,
}

/// Where finished calls go. Must not block: it hands over and returns.
pub trait Recorder: Send + Sync + std::fmt::Debug {
    /// Makes the record safe against a crash of this process, and queues it for the store. Charges
    /// are never dropped; a log row that finds the queue full is, and is counted.
    fn record(&self, record: Record);
}

/// A recorder is shared by all requests.
pub type SharedRecorder = Arc<dyn Recorder>;

/// Total tokens of a row, as limits count them.
impl RequestRow {
    /// Prompt and answer tokens together.
    #[must_use]
    pub const fn total_tokens(&self) -> TokenCount {
        self.usage.total()
    }
}
