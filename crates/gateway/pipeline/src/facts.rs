//! What is known of a call so far. It becomes the call's log row, whatever happens to the call.

use tidegate_governance::{
    guardrail::Applied,
    record::{Attempt, CacheUse, Content, CostBasis, EdgeRow, Outcome, RequestRow},
};
use tidegate_types::{
    KeyId, MicroUsd, ModelName, ProviderName, RequestId, TeamId, Timestamp, Usage, UserId,
};
use tidegate_wire::{Dialect, route::Operation, surface::Surface};

/// The growing record of one call; stages write into it what they learn.
#[derive(Debug)]
pub struct Facts {
    /// The request's id.
    pub id: RequestId,
    /// When it arrived.
    pub arrived: Timestamp,
    /// The dialect in which refusals are written.
    pub dialect: Dialect,
    /// What is asked for, once the route is known.
    pub operation: Option<Operation>,
    /// Who asks.
    pub key: Option<KeyId>,
    /// The key's team.
    pub team: Option<TeamId>,
    /// The key's user.
    pub user: Option<UserId>,
    /// Where it goes.
    pub provider: Option<ProviderName>,
    /// The model as the caller named it.
    pub model: Option<ModelName>,
    /// The model as the price list names it, if it does.
    pub listed_model: Option<ModelName>,
    /// The model that answered, as the provider calls it, where its answer says so.
    pub served_model: Option<Box<str>>,
    /// Status sent to the client; 0 before any.
    pub status: u16,
    /// Why it was refused.
    pub code: Option<&'static str>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the answer is streamed.
    pub streamed: bool,
    /// What was used.
    pub usage: Usage,
    /// What it cost.
    pub cost: MicroUsd,
    /// How the cost was found.
    pub cost_basis: CostBasis,
    /// Request body bytes.
    pub request_bytes: u64,
    /// Answer body bytes sent.
    pub response_bytes: u64,
    /// W3C trace id.
    pub trace_id: Option<[u8; 16]>,
    /// Prompt and answer, where the key asks for it.
    pub content: Option<Box<Content>>,
    /// Where a relayed call came from.
    pub edge: Option<Box<EdgeRow>>,
    /// What guardrails did.
    pub guardrails: Vec<Applied>,
    /// What the cache had to do with it, where it could have answered.
    pub cache: Option<CacheUse>,
    /// Where it was tried.
    pub attempts: Vec<Attempt>,
    /// The call that it is a copy of, made for a shadow target.
    pub shadow_of: Option<RequestId>,
    /// The conversation that a forwarded call belongs to. Its client reads refusals in its own shape.
    pub surface: Option<Surface>,
}

/// Durations of a finished call, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// From arrival to the end.
    pub duration_us: u64,
    /// The gateway's own part.
    pub overhead_us: u64,
    /// From arrival to the answer's first byte.
    pub ttft_us: Option<u64>,
}

impl Facts {
    /// Nothing is known yet but that a call arrived.
    #[must_use]
    pub fn new(id: RequestId, arrived: Timestamp) -> Self {
        Self {
            id,
            arrived,
            dialect: Dialect::OpenAi,
            operation: None,
            key: None,
            team: None,
            user: None,
            provider: None,
            model: None,
            listed_model: None,
            served_model: None,
            status: 0,
            code: None,
            outcome: Outcome::Refused,
            streamed: false,
            usage: Usage::default(),
            cost: MicroUsd::ZERO,
            cost_basis: CostBasis::Free,
            request_bytes: 0,
            response_bytes: 0,
            trace_id: None,
            content: None,
            edge: None,
            guardrails: Vec::new(),
            cache: None,
            attempts: Vec::new(),
            shadow_of: None,
            surface: None,
        }
    }

    /// The operation's name, for log and metrics.
    #[must_use]
    pub fn operation_name(&self) -> &'static str {
        let none = match (self.surface, &self.edge) {
            (Some(surface), _) => surface.name(),
            (None, Some(_)) => "edge.forward",
            (None, None) => "unknown",
        };
        self.operation.map_or(none, Operation::name)
    }

    /// The log row. Stored content moves into it; all else is copied.
    #[must_use]
    pub fn row(&mut self, timing: Timing) -> RequestRow {
        RequestRow {
            id: self.id,
            started_at: self.arrived,
            duration_us: timing.duration_us,
            overhead_us: timing.overhead_us,
            ttft_us: timing.ttft_us,
            key: self.key,
            team: self.team,
            user: self.user,
            operation: self.operation_name(),
            provider: self.provider.clone(),
            model: self.model.clone(),
            status: self.status,
            code: self.code,
            outcome: self.outcome,
            streamed: self.streamed,
            usage: self.usage,
            cost: self.cost,
            cost_basis: self.cost_basis,
            request_bytes: self.request_bytes,
            response_bytes: self.response_bytes,
            trace_id: self.trace_id,
            content: self.content.take(),
            // Whoever counts, traces or tells of the call wants to know it too.
            edge: self.edge.clone(),
            guardrails: self.guardrails.clone(),
            cache: self.cache,
            attempts: self.attempts.clone(),
            shadow_of: self.shadow_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use tidegate_types::DeviceId;

    use super::*;

    #[test]
    fn what_is_known_of_a_forwarded_call_stays_known_after_its_row_was_made() {
        let at = Timestamp::from_micros(1);
        let mut facts = Facts::new(RequestId::from_parts(at, 1), at);
        assert_eq!(facts.operation_name(), "unknown");
        let device = DeviceId::from_parts(at, 2);
        let edge = EdgeRow::new(device, "app", "ada", "/bin/app", "api.example.com");
        facts.edge = Some(Box::new(edge));
        let row = facts.row(Timing::default());
        assert_eq!((row.operation, row.edge.is_some()), ("edge.forward", true));
        assert_eq!(facts.operation_name(), "edge.forward");
    }
}
