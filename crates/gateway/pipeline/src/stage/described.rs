//! What is asked for is known: the model, the provider, the price, and what it may cost at most.

use bytes::Bytes;
use http::HeaderValue;
use tidegate_governance::{
    govern::{Ask, Governor},
    key::Permit,
    record::CostBasis,
};
use tidegate_provider::{Catalog, PriceRow};
use tidegate_routing::{Affinity, Routing, VirtualModel};
use tidegate_types::{MicroUsd, ModelName, Mono, ProviderName, RequestId, ServiceTier, TokenCount};
use tidegate_wire::{
    answer::AnswerKind,
    body::Inspected,
    headers,
    json::Ends,
    route::{Billing, Route},
};

use super::{
    Admitted,
    admitted::guarded,
    candidate::{Candidate, Candidates, take_next},
};
use crate::{
    Facts, Refusal, Settings, Unpriced,
    guard::{AnswerView, CallView, Guards, Memory},
};

/// A request body and what was read from it.
#[derive(Debug, Clone)]
pub struct Payload {
    pub(super) body: Bytes,
    pub(super) inspected: Option<Inspected>,
    /// What is known of the body to those who read it again.
    pub(super) ends: Option<Ends>,
    /// Of a call of Messages: the features that it names beside its body, in `anthropic-beta`.
    pub(super) betas: Option<HeaderValue>,
}

/// The most a call is expected to use; what is reserved for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote {
    pub(super) cost: MicroUsd,
    pub(super) basis: CostBasis,
    pub(super) input: TokenCount,
    pub(super) output: TokenCount,
    pub(super) tier: ServiceTier,
}

/// A call that is understood, and not yet paid for.
#[derive(Debug, Clone)]
pub struct Described<'s, 'r> {
    pub(super) id: RequestId,
    pub(super) route: Route<'r>,
    pub(super) permit: Permit,
    pub(super) settings: Settings,
    pub(super) catalog: &'s Catalog,
    pub(super) routing: &'s Routing,
    /// Where it goes.
    pub(super) at: Candidate<'s>,
    /// Where else it could go.
    pub(super) others: Candidates<'s>,
    /// What holds its conversation together.
    pub(super) affinity: Option<Affinity>,
    /// The model as the caller wrote it.
    pub(super) requested: Option<ModelName>,
    pub(super) payload: Payload,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) guards: &'s Guards,
    /// Path and query of a relayed call that brings its own credential.
    pub(super) direct: Option<&'r str>,
    /// What guards remember of the calls before in the same conversation.
    pub(super) memory: Memory,
    /// The virtual model that was asked for, where it has a shadow target.
    pub(super) shadowed: Option<&'s VirtualModel>,
}

impl<'s, 'r> Described<'s, 'r> {
    /// The same call, asked over a WebSocket: at the first of its places that takes it so, and its answer is
    /// always a stream. `memory` is what guards remember of the calls before on the same one.
    ///
    /// # Errors
    /// None of them takes it, or only in another language.
    pub fn over_websocket(
        mut self,
        memory: Memory,
        now: Mono,
        facts: &mut Facts,
    ) -> Result<Self, Refusal> {
        let direct = self.direct.is_some();
        let takes = |at: &Candidate<'_>| {
            (direct || at.provider.speaks_websocket()) && at.translate.is_none()
        };
        self.others.retain(|at| takes(at));
        if !takes(&self.at) {
            self.at = take_next(&mut self.others, self.routing, now).ok_or(Refusal::WebSocket)?;
        }
        self.memory = memory;
        facts.streamed = true;
        Ok(self)
    }

    /// The same call at this place only: its session is open there. What is said in it counts as the prompt, in
    /// tokens.
    ///
    /// # Errors
    /// The model is no longer served there.
    pub fn in_session(
        mut self,
        provider: &ProviderName,
        model: Option<&ModelName>,
        said: TokenCount,
        facts: &mut Facts,
    ) -> Result<Self, Refusal> {
        let here = |at: &Candidate<'_>| {
            at.provider.name == *provider && at.model.as_ref() == model && at.translate.is_none()
        };
        if !here(&self.at) {
            let at = self.others.iter().position(here);
            self.at = self.others.remove(at.ok_or(Refusal::SessionMoved)?);
        }
        self.others.clear();
        if let Some(found) = &mut self.payload.inspected {
            found.input.0 = found.input.0.saturating_add(said.0);
        }
        self.note(facts);
        Ok(self)
    }

    /// The place where it goes: provider, and the model as that names it.
    #[must_use]
    pub const fn place(&self) -> (&ProviderName, Option<&ModelName>) {
        (&self.at.provider.name, self.at.model.as_ref())
    }

    /// Shows the guards a message of a session that asks for nothing by itself, but is a part of what will be asked.
    /// Gives what is to be sent, and what they remember.
    ///
    /// # Errors
    /// A guard's rule forbids it, or a guard cannot do its work.
    pub async fn show(mut self, facts: &mut Facts) -> Result<(Bytes, Memory), Refusal> {
        if self.guards.is_empty() {
            return Ok((self.payload.body, self.memory));
        }
        let mut sentries = Box::pin(guarded(&mut self, facts)).await?;
        let memory = if sentries.is_empty() {
            self.memory
        } else {
            sentries.remember()
        };
        Ok((self.payload.body, memory))
    }

    /// Shows the guards what a session's provider says outside of any response, whole. Gives what may be passed on.
    ///
    /// # Errors
    /// A guard's rule forbids it, or a guard cannot do its work.
    pub async fn overhear(&self, message: Bytes, facts: &mut Facts) -> Result<Bytes, Refusal> {
        if self.guards.is_empty() {
            return Ok(message);
        }
        let operation = self.route.operation.into();
        let provider = &self.at.provider.name;
        let mut sentries =
            self.guards
                .post(&CallView::new(operation, provider, &self.permit, facts));
        sentries.recall(&self.memory);
        sentries.answer(&AnswerView {
            status: 200,
            kind: AnswerKind::Json,
            content_type: Some("application/json"),
            encoding: None,
        });
        let said = sentries
            .pass(std::iter::once(message).collect(), true)
            .await;
        sentries.report(facts);
        let said = said.map_err(Refusal::of_answer)?;
        Ok(Bytes::from(said.concat()))
    }

    /// Reserves rate and budget for the most the call may cost.
    ///
    /// # Errors
    /// A limit or a budget is reached, or the call's cost cannot be bounded under a budget.
    pub async fn admit(
        self,
        governor: &Governor,
        facts: &mut Facts,
    ) -> Result<Admitted<'s, 'r>, Refusal> {
        self.note(facts);
        let quote = self.quote()?;
        facts.cost_basis = quote.basis;
        let ask = Ask {
            model: self.model_name(),
            cost: quote.cost,
            tokens: TokenCount(quote.input.0.saturating_add(quote.output.0)),
        };
        let reservation = governor
            .admit(&self.permit, ask)
            .await
            .map_err(Refusal::Denied)?;
        Ok(Admitted {
            call: self,
            quote,
            reservation,
        })
    }

    /// Reserves nothing: nobody asked for this call, and nobody pays for it.
    ///
    /// # Errors
    /// The call's cost cannot be told.
    pub(super) fn exempt(
        self,
        governor: &Governor,
        facts: &mut Facts,
    ) -> Result<Admitted<'s, 'r>, Refusal> {
        self.note(facts);
        let quote = self.quote()?;
        facts.cost_basis = quote.basis;
        let reservation = governor.exempt(&self.permit);
        Ok(Admitted {
            call: self,
            quote,
            reservation,
        })
    }

    /// The same call at the place that would be asked next; `None` where there is none. It is asked for before
    /// the call goes on its way, since from then on its prompt may be another.
    #[must_use]
    pub fn spare(&self, now: Mono) -> Option<Self> {
        if self.others.is_empty() {
            return None;
        }
        let mut other = self.clone();
        other.at = take_next(&mut other.others, self.routing, now)?;
        Some(other)
    }

    /// The body's, as the client named it; empty where it did not.
    pub(super) fn content_type(&self) -> &str {
        headers::text(self.content_type.as_ref())
    }

    /// Notes where the call goes.
    pub(super) fn note(&self, facts: &mut Facts) {
        facts.provider = Some(self.at.provider.name.clone());
        facts.listed_model = self.at.price.map(|row| row.model().clone());
    }

    fn model_name(&self) -> &str {
        self.at.model.as_ref().map_or("", ModelName::as_str)
    }

    fn quote(&self) -> Result<Quote, Refusal> {
        let free = Quote {
            cost: MicroUsd::ZERO,
            basis: CostBasis::Free,
            input: TokenCount(0),
            output: TokenCount(0),
            tier: ServiceTier::Standard,
        };
        match self.route.operation.billing() {
            Billing::Free => Ok(free),
            Billing::Batch => self.quote_batch(free),
            Billing::Tokens | Billing::Units => self.quote_call(free),
        }
    }

    fn quote_call(&self, free: Quote) -> Result<Quote, Refusal> {
        let found = self.payload.inspected.as_ref();
        let choices = found.map_or(1, |found| found.choices.max(1));
        let listed = self
            .at
            .price
            .and_then(PriceRow::max_output)
            .map_or(u64::MAX, |limit| limit.0);
        let asked = found.and_then(|found| found.max_output).unwrap_or(u64::MAX);
        let output = asked
            .min(listed)
            .min(self.settings.reserve_output)
            .saturating_mul(choices);
        let quote = Quote {
            input: found.map_or(TokenCount(0), |found| found.input),
            output: TokenCount(output),
            tier: found.and_then(|found| found.tier).unwrap_or_default(),
            ..free
        };
        let Some(price) = self.at.price else {
            return self.quote_unpriced(self.model_name(), quote);
        };
        let characters = found.map_or(0, |found| found.characters);
        let cost = price
            .unit_cost(choices, characters)
            .unwrap_or_else(|| price.estimate(quote.input, quote.output, quote.tier));
        Ok(Quote {
            cost,
            basis: CostBasis::Priced,
            ..quote
        })
    }

    /// A batch answers long after this call: its worst case is charged when it is created.
    fn quote_batch(&self, free: Quote) -> Result<Quote, Refusal> {
        let batch = self
            .payload
            .inspected
            .as_ref()
            .and_then(|found| found.batch.as_ref());
        let Some(batch) = batch else {
            // The items are in a file that the provider holds.
            return if self.permit.has_any_budget() {
                Err(Refusal::BatchUnbounded)
            } else {
                Ok(Quote {
                    basis: CostBasis::Unpriced,
                    ..free
                })
            };
        };
        let mut quote = Quote {
            basis: CostBasis::Priced,
            tier: ServiceTier::Batch,
            ..free
        };
        for part in &batch.models {
            let model = part.model.as_str();
            if !self.permit.allows_model(model) {
                return Err(Refusal::ModelDenied(model.to_owned()));
            }
            let Some(price) = self.catalog.price(self.at.provider, model) else {
                return self.quote_unpriced(model, quote);
            };
            let output = TokenCount(part.max_output);
            let cost = price.estimate(part.input, output, ServiceTier::Batch);
            quote.cost = quote.cost.saturating_add(cost);
            quote.input.0 = quote.input.0.saturating_add(part.input.0);
            quote.output.0 = quote.output.0.saturating_add(part.max_output);
        }
        Ok(quote)
    }

    fn quote_unpriced(&self, model: &str, quote: Quote) -> Result<Quote, Refusal> {
        let refuse = match self.settings.unpriced {
            Unpriced::Flag => false,
            Unpriced::Refuse => true,
            Unpriced::RefuseUnderBudget => self.permit.has_any_budget(),
        };
        if refuse {
            return Err(Refusal::ModelUnpriced(model.to_owned()));
        }
        Ok(Quote {
            cost: MicroUsd::ZERO,
            basis: CostBasis::Unpriced,
            ..quote
        })
    }
}
