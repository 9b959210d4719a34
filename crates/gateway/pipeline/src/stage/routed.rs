//! The provider's request is written; the provider has not answered yet.

use bytes::Bytes;
use http::HeaderMap;
use tidegate_governance::{
    govern::{Actual, Reservation},
    record::Outcome,
};
use tidegate_provider::{PriceRow, Provider};
use tidegate_types::{MicroUsd, ProviderName, TokenCount};
use tidegate_wire::{
    answer::{AnswerKind, Meter},
    ratelimit::Allowance,
    route::Operation,
};

use super::{Settled, Streaming, described::Quote, streaming::Account};
use crate::Facts;

/// Where the request goes.
#[derive(Debug)]
pub(super) struct Target<'s> {
    /// The provider.
    pub(super) provider: &'s Provider,
    /// Path and query.
    pub(super) path: String,
    /// All headers, the provider's credential among them.
    pub(super) headers: HeaderMap,
}

/// A call on its way to its provider.
#[derive(Debug)]
pub struct Routed<'s> {
    pub(super) target: Target<'s>,
    pub(super) body: Bytes,
    pub(super) hide_usage: bool,
    pub(super) operation: Operation,
    pub(super) price: Option<&'s PriceRow>,
    pub(super) quote: Quote,
    pub(super) reservation: Reservation,
    pub(super) content_limit: usize,
}

impl<'s> Routed<'s> {
    /// Where it goes.
    #[must_use]
    pub const fn provider(&self) -> &'s ProviderName {
        &self.target.provider.name
    }

    /// Path with query, headers and body, to be sent.
    pub fn take_request(&mut self) -> (String, HeaderMap, Bytes) {
        let Target { path, headers, .. } = &mut self.target;
        (
            std::mem::take(path),
            std::mem::take(headers),
            std::mem::take(&mut self.body),
        )
    }

    /// Whether the gateway takes something out of the answer again, so that its length changes.
    #[must_use]
    pub const fn changes_length(&self) -> bool {
        self.hide_usage
    }

    /// What is left of the tightest limits: requests, tokens.
    #[must_use]
    pub fn allowances(&self) -> (Option<Allowance>, Option<Allowance>) {
        let (requests, tokens) = self.reservation.readings();
        let allowance = |reading: tidegate_governance::limit::Reading| Allowance {
            limit: reading.limit,
            remaining: reading.remaining,
            reset: reading.reset,
        };
        (requests.map(allowance), tokens.map(allowance))
    }

    /// The provider began to answer.
    #[must_use]
    pub fn answered(
        self,
        status: u16,
        content_type: Option<&str>,
        facts: &mut Facts,
    ) -> Streaming<'s> {
        facts.status = status;
        let ok = (200..300).contains(&status);
        let kind = if ok {
            AnswerKind::of_answer(content_type, facts.streamed)
        } else {
            AnswerKind::Opaque
        };
        facts.streamed = facts.streamed && ok;
        Streaming::new(
            Meter::new(self.operation, kind, self.hide_usage),
            kind == AnswerKind::Sse,
            Account {
                operation: self.operation,
                price: self.price,
                quote: self.quote,
                reservation: self.reservation,
                charged: ok,
            },
            self.content_limit,
        )
    }

    /// The client went away before the provider answered. The provider may well have worked, so
    /// the prompt is charged, and for an answer that would have come in one piece its reserved
    /// length too: leaving is never free.
    pub fn abandon(self, facts: &mut Facts) -> Settled {
        let output = if facts.streamed {
            TokenCount(0)
        } else {
            self.quote.output
        };
        facts.outcome = Outcome::ClientGone;
        facts.usage.input = self.quote.input.0;
        facts.usage.output = output.0;
        facts.usage.tier = self.quote.tier;
        facts.cost = match self.price {
            Some(price) => price.cost(&facts.usage).min(self.quote.cost),
            None => MicroUsd::ZERO,
        };
        let actual = Actual {
            cost: facts.cost,
            tokens: facts.usage.total(),
        };
        Settled::new(self.reservation.settle(actual))
    }
}
