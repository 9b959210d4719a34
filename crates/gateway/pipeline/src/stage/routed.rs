//! The provider's request is written; the provider has not answered yet.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tidegate_cache::Recording;
use tidegate_governance::{
    govern::{Actual, Reservation},
    record::Outcome,
};
use tidegate_provider::{PriceRow, Provider, ProviderKey};
use tidegate_routing::{Affinity, Target};
use tidegate_types::{MicroUsd, ModelName, ProviderName, Timestamp, TokenCount};
use tidegate_wire::{
    Dialect,
    answer::{AnswerKind, Meter},
    headers,
    ratelimit::Allowance,
    route::{Billing, Operation},
    translate::{self, Translation},
};

use super::{Settled, Streaming, Way, described::Quote, streaming::Account};
use crate::{
    Facts, Refusal,
    guard::{AnswerView, Sentries},
};

/// AWS' name of an error.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// A call on its way to its provider. It may be sent more than once, as long as nothing of an answer was used.
#[derive(Debug)]
pub struct Routed<'s> {
    pub(super) sending: Sending<'s>,
    pub(super) reservation: Reservation,
}

/// A call that its provider did not serve. What it held is given back, so it cannot be sent any more: another
/// place may be asked, or what the provider answered is passed on.
#[derive(Debug)]
pub struct Unserved<'s>(Sending<'s>);

/// What is sent, and what its answer will be read by.
#[derive(Debug)]
pub(super) struct Sending<'s> {
    pub(super) provider: &'s Provider,
    /// As the provider names it.
    pub(super) model: Option<ModelName>,
    /// Which of a virtual model's it is.
    pub(super) target: Option<&'s Target>,
    /// Which of the provider's keys it is sent with.
    pub(super) key: Option<usize>,
    pub(super) affinity: Option<Affinity>,
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
    /// What the client said, where it asks for a stream of events in its provider's language.
    pub(super) asked: Option<Bytes>,
    /// Brings the answer back into the client's language, where the provider speaks another one.
    pub(super) translation: Option<Translation>,
    pub(super) price: Option<&'s PriceRow>,
    pub(super) quote: Quote,
    pub(super) sentries: Sentries,
    /// Takes its answer down, where that is to be kept.
    pub(super) recording: Option<Box<Recording>>,
    pub(super) content_limit: usize,
}

impl<'s> Routed<'s> {
    /// Where it goes.
    #[must_use]
    pub const fn provider(&self) -> &'s ProviderName {
        &self.sending.provider.name
    }

    /// Whether the call brings its own credential: then its headers and its answer's are its app's and
    /// its provider's affair.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        self.sending.direct
    }

    /// The host of such a call.
    #[must_use]
    pub fn direct_host(&self) -> Option<&str> {
        self.sending
            .direct
            .then(|| self.sending.provider.endpoint.host())
    }

    /// Path with query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.sending.path
    }

    /// The body to be sent.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.sending.body.clone()
    }

    /// The provider, with all that is known of it.
    #[must_use]
    pub const fn at(&self) -> &'s Provider {
        self.sending.provider
    }

    /// The model as the provider names it.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.sending.model.as_ref().map(ModelName::as_str)
    }

    /// Which of a virtual model's targets is asked.
    #[must_use]
    pub const fn target(&self) -> Option<&'s Target> {
        self.sending.target
    }

    /// What holds the call's conversation together.
    #[must_use]
    pub const fn affinity(&self) -> Option<Affinity> {
        self.sending.affinity
    }

    /// Whether a provider that may have worked on it already can be asked once more: making an answer twice
    /// costs, and changes nothing; making a file or a batch twice leaves two.
    #[must_use]
    pub const fn is_repeatable(&self) -> bool {
        match self.sending.operation.billing() {
            Billing::Tokens | Billing::Units => true,
            Billing::Batch | Billing::Free => self.sending.length.is_none(),
        }
    }

    /// Sends it with this one of the provider's keys.
    pub const fn use_key(&mut self, key: Option<usize>) {
        self.sending.key = key;
    }

    /// The key it is sent with.
    #[must_use]
    pub fn key(&self) -> Option<&'s ProviderKey> {
        self.sending.provider.keys().get(self.sending.key?)
    }

    /// Gives the place up, and what was reserved for it.
    #[must_use]
    pub fn give_up(self) -> Unserved<'s> {
        self.reservation.undo();
        Unserved(self.sending)
    }

    /// The client's headers as the provider gets them: without what is the client's own affair, with
    /// the provider's credential. Made anew for each attempt; a call is rarely sent twice.
    #[must_use]
    pub fn headers(&self, client: &HeaderMap) -> HeaderMap {
        let mut out = HeaderMap::with_capacity(client.len() + 6);
        let nominated = headers::nominated(client);
        let passes = match (self.sending.direct, &self.sending.translation) {
            (true, _) => headers::pass_through,
            (false, None) => headers::forward_to_upstream,
            (false, Some(_)) => headers::forward_translated,
        };
        for (name, value) in client {
            if passes(name) && !nominated.contains(name) {
                out.append(name.clone(), value.clone());
            }
        }
        if let Some(translation) = &self.sending.translation {
            let json = HeaderValue::from_static("application/json");
            out.insert(header::CONTENT_TYPE, json);
            if translation.upstream().framing() == AnswerKind::EventStream {
                // What the client takes is not what comes.
                out.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
            }
            if let Some(betas) = translation.betas().map(HeaderValue::try_from) {
                // Names have no bytes that a header cannot have.
                out.extend(betas.ok().map(|betas| (headers::ANTHROPIC_BETA, betas)));
            }
        }
        // A compressed answer could be neither metered nor scanned.
        out.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        if let Some(length) = self.sending.length {
            out.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        out.insert(
            header::HOST,
            self.sending.provider.endpoint.host_header().clone(),
        );
        if !self.sending.direct {
            self.sending.provider.authorize(self.key(), &mut out);
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
        let Sending {
            provider, direct, ..
        } = &self.sending;
        if *direct {
            return Ok(());
        }
        let target = (method.as_str(), self.path());
        let signed = provider.sign(self.key(), target, headers, body, now);
        signed.map_err(|_| Refusal::UpstreamUnreachable(provider.name.clone()))
    }

    /// What is left of the tightest limits: requests, tokens.
    #[must_use]
    pub fn allowances(&self) -> (Option<Allowance>, Option<Allowance>) {
        allowances(&self.reservation)
    }

    /// The provider began to answer.
    #[must_use]
    pub fn answered(self, status: u16, headers: &HeaderMap, facts: &mut Facts) -> Streaming<'s> {
        let reservation = Some(self.reservation);
        self.sending.answered(status, headers, reservation, facts)
    }

    /// The client went away before the provider answered. The provider may well have worked, so
    /// the prompt is charged, and for an answer that would have come in one piece its reserved
    /// length too: leaving is never free, unless nobody was `asked` at that moment.
    pub fn abandon(self, asked: bool, facts: &mut Facts) -> Settled {
        facts.outcome = Outcome::ClientGone;
        if !asked {
            return Settled::new(self.reservation.settle(Actual::default()));
        }
        let output = if facts.streamed {
            TokenCount(0)
        } else {
            self.sending.quote.output
        };
        facts.usage.input = self.sending.quote.input.0;
        facts.usage.output = output.0;
        facts.usage.tier = self.sending.quote.tier;
        facts.cost = match self.sending.price {
            Some(price) => price.cost(&facts.usage).min(self.sending.quote.cost),
            None => MicroUsd::ZERO,
        };
        let actual = Actual {
            cost: facts.cost,
            tokens: facts.usage.total(),
        };
        Settled::new(self.reservation.settle(actual))
    }
}

impl<'s> Unserved<'s> {
    /// What the provider answered is passed on all the same: nobody else can be asked. It is not charged.
    #[must_use]
    pub fn answered(self, status: u16, headers: &HeaderMap, facts: &mut Facts) -> Streaming<'s> {
        self.0.answered(status, headers, None, facts)
    }
}

impl<'s> Sending<'s> {
    fn answered(
        mut self,
        status: u16,
        headers: &HeaderMap,
        reservation: Option<Reservation>,
        facts: &mut Facts,
    ) -> Streaming<'s> {
        let text = |name| {
            let value: Option<&HeaderValue> = headers.get(name);
            value.map(|value| value.to_str().unwrap_or_default())
        };
        let content_type = text(header::CONTENT_TYPE);
        facts.status = status;
        let (ok, reserved) = ((200..300).contains(&status), reservation.is_some());
        let kind = if ok {
            AnswerKind::of_answer(content_type, facts.streamed)
        } else {
            AnswerKind::Opaque
        };
        facts.streamed = facts.streamed && ok;
        let retold = match kind {
            AnswerKind::Json if facts.streamed => self.retold(&facts.id.to_string()),
            _ => None,
        };
        // The guards see what the client gets.
        let shown = match retold.as_ref().or(self.translation.as_ref()) {
            Some(translation) if retold.is_some() || kind.is_events() => translation.framing(),
            _ => kind,
        };
        let content_type = match &retold {
            Some(_) if shown == AnswerKind::Sse => Some("text/event-stream"),
            Some(_) | None => content_type,
        };
        self.sentries.answer(&AnswerView {
            status,
            kind: shown,
            content_type,
            encoding: text(header::CONTENT_ENCODING),
        });
        let named = text(ERROR_TYPE).map(Box::from);
        let mut way = Way::by(self.sentries).recorded(self.recording, status, shown);
        if let Some(translation) = retold {
            way = way.retold(translation);
        } else if let Some(translation) = self.translation {
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
                model: self.model,
                quote: self.quote,
                reservation,
                charged: ok && reserved,
            },
            content_limit: self.content_limit,
        }
    }
}

impl Sending<'_> {
    /// What tells an answer in one piece as the stream that was asked for. Where the request asks for what streams
    /// of ours do not say, there is none, and the answer passes as it is.
    fn retold(&mut self, id: &str) -> Option<Translation> {
        if let Some(translation) = self.translation.take() {
            return Some(translation);
        }
        let asked = self.asked.take()?;
        let named = self.model.as_ref().map_or("", ModelName::as_str);
        let again = translate::again(self.operation, named, id, &asked).ok()?;
        Some(match self.hide_usage {
            // Only the gateway wants to know.
            true => again.without_usage(),
            false => again,
        })
    }
}

/// What is left of the tightest limits: requests, tokens.
pub(super) fn allowances(reservation: &Reservation) -> (Option<Allowance>, Option<Allowance>) {
    let (requests, tokens) = reservation.readings();
    let allowance = |reading: tidegate_governance::limit::Reading| Allowance {
        limit: reading.limit,
        remaining: reading.remaining,
        reset: reading.reset,
    };
    (requests.map(allowance), tokens.map(allowance))
}
