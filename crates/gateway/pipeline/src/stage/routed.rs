//! The provider's request is written; the provider has not answered yet.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tidegate_governance::{
    govern::{Actual, Reservation},
    record::Outcome,
};
use tidegate_provider::{PriceRow, Provider};
use tidegate_types::{MicroUsd, ProviderName, Timestamp, TokenCount};
use tidegate_wire::{
    Dialect,
    answer::{AnswerKind, Meter},
    headers,
    ratelimit::Allowance,
    route::Operation,
    translate::Translation,
};

use super::{Settled, Streaming, Way, described::Quote, streaming::Account};
use crate::{
    Facts, Refusal,
    guard::{AnswerView, Sentries},
};

/// AWS' name of an error.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// A call on its way to its provider.
#[derive(Debug)]
pub struct Routed<'s> {
    pub(super) provider: &'s Provider,
    /// With its query.
    pub(super) path: String,
    pub(super) body: Bytes,
    /// The call brings its own credential, and goes where its app sent it.
    pub(super) direct: bool,
    /// The body's, where the operation takes one.
    pub(super) length: Option<usize>,
    pub(super) hide_usage: bool,
    /// As the provider is asked.
    pub(super) operation: Operation,
    /// Brings the answer back into the client's language, where the provider speaks another one.
    pub(super) translation: Option<Translation>,
    pub(super) price: Option<&'s PriceRow>,
    pub(super) quote: Quote,
    pub(super) reservation: Reservation,
    pub(super) sentries: Sentries,
    pub(super) content_limit: usize,
}

impl<'s> Routed<'s> {
    /// Where it goes.
    #[must_use]
    pub const fn provider(&self) -> &'s ProviderName {
        &self.provider.name
    }

    /// Whether the call brings its own credential: then its headers and its answer's are its app's and
    /// its provider's affair.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        self.direct
    }

    /// The host of such a call.
    #[must_use]
    pub fn direct_host(&self) -> Option<&str> {
        self.direct.then(|| self.provider.endpoint.host())
    }

    /// Path with query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The body to be sent.
    pub const fn take_body(&mut self) -> Bytes {
        std::mem::replace(&mut self.body, Bytes::new())
    }

    /// The client's headers as the provider gets them: without what is the client's own affair, with
    /// the provider's credential. Made anew for each attempt; a call is rarely sent twice.
    #[must_use]
    pub fn headers(&self, client: &HeaderMap) -> HeaderMap {
        let mut out = HeaderMap::with_capacity(client.len() + 6);
        let nominated = headers::nominated(client);
        let passes = match (self.direct, &self.translation) {
            (true, _) => headers::pass_through,
            (false, None) => headers::forward_to_upstream,
            (false, Some(_)) => headers::forward_translated,
        };
        for (name, value) in client {
            if passes(name) && !nominated.contains(name) {
                out.append(name.clone(), value.clone());
            }
        }
        if let Some(translation) = &self.translation {
            let json = HeaderValue::from_static("application/json");
            out.insert(header::CONTENT_TYPE, json);
            if translation.upstream().framing() == AnswerKind::EventStream {
                // What the client takes is not what comes.
                out.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
            }
        }
        // A compressed answer could be neither metered nor scanned.
        out.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        if let Some(length) = self.length {
            out.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        out.insert(header::HOST, self.provider.endpoint.host_header().clone());
        if !self.direct {
            self.provider
                .authorize(self.provider.keys().first(), &mut out);
        }
        out
    }

    /// Signs the call, where its provider's key does that: all of it is as it will be sent.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn sign(
        &self,
        method: &Method,
        headers: &mut HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.direct {
            return Ok(());
        }
        let target = (method.as_str(), &*self.path);
        let key = self.provider.keys().first();
        let signed = self.provider.sign(key, target, headers, body, now);
        signed.map_err(|_| Refusal::UpstreamUnreachable(self.provider.name.clone()))
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
        mut self,
        status: u16,
        headers: &HeaderMap,
        facts: &mut Facts,
    ) -> Streaming<'s> {
        let text = |name| {
            let value: Option<&HeaderValue> = headers.get(name);
            value.map(|value| value.to_str().unwrap_or_default())
        };
        let content_type = text(header::CONTENT_TYPE);
        facts.status = status;
        let ok = (200..300).contains(&status);
        let kind = if ok {
            AnswerKind::of_answer(content_type, facts.streamed)
        } else {
            AnswerKind::Opaque
        };
        facts.streamed = facts.streamed && ok;
        // The guards see what the client gets.
        let shown = match &self.translation {
            Some(translation) if kind.is_events() => translation.client().framing(),
            _ => kind,
        };
        self.sentries.answer(&AnswerView {
            status,
            kind: shown,
            content_type,
            encoding: text(header::CONTENT_ENCODING),
        });
        let named = text(ERROR_TYPE).map(Box::from);
        let mut way = Way::by(self.sentries);
        if let Some(translation) = self.translation {
            way = way.translated(translation, (status, named), kind);
        } else if !ok && !self.direct && self.provider.dialect == Dialect::Bedrock {
            way = way.redacted();
        }
        Streaming {
            meter: Meter::new(self.operation, kind, self.hide_usage),
            events: shown.is_events().then_some(shown),
            changes_length: self.hide_usage || !way.is_straight(),
            way,
            account: Account {
                operation: self.operation,
                price: self.price,
                quote: self.quote,
                reservation: self.reservation,
                charged: ok,
            },
            content_limit: self.content_limit,
        }
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
