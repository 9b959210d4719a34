//! The answer is on its way to the client: metered as it comes, then shown to the guards.

use bytes::Bytes;
use smallvec::SmallVec;
use tidegate_cache::Bill;
use tidegate_governance::{
    govern::{Actual, Reservation},
    record::{CostBasis, Outcome},
};
use tidegate_provider::PriceRow;
use tidegate_types::{MicroUsd, ModelName, Usage, UsageSource};
use tidegate_wire::{
    answer::{AnswerKind, Forward, Meter},
    route::{Billing, Operation},
    translate::Broken,
};

use super::{Settled, Way, described::Quote};
use crate::{
    Facts,
    guard::{Step, Stop},
};

/// How the answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client went away.
    ClientGone,
    /// All of it passed.
    Completed,
    /// A guard stopped it.
    Stopped,
    /// The provider broke off.
    UpstreamBroken,
}

/// What is needed to work out the bill.
#[derive(Debug)]
pub(super) struct Account<'s> {
    pub(super) operation: Operation,
    pub(super) price: Option<&'s PriceRow>,
    /// As the provider was asked for it.
    pub(super) model: Option<ModelName>,
    pub(super) quote: Quote,
    /// None where the provider did not serve the call.
    pub(super) reservation: Option<Reservation>,
    /// Whether the provider's status says that it did the work.
    pub(super) charged: bool,
}

/// An answer in passing.
#[derive(Debug)]
pub struct Streaming<'s> {
    pub(super) meter: Meter,
    /// How the client gets it, where it is a stream of events.
    pub(super) events: Option<AnswerKind>,
    pub(super) changes_length: bool,
    pub(super) way: Way,
    pub(super) account: Account<'s>,
    pub(super) content_limit: usize,
}

impl Streaming<'_> {
    /// Takes a piece of the answer and gives what is to be sent on. Without guards that is there at
    /// once.
    ///
    /// # Errors
    /// It cannot be translated.
    pub fn push<'a>(
        &'a mut self,
        chunk: Bytes,
        facts: &'a mut Facts,
    ) -> Result<Step<'a, Forward>, Broken> {
        let forward = self.meter.push(chunk);
        self.pass(forward, false, facts)
    }

    /// The upstream has no more; gives what was still held back.
    ///
    /// # Errors
    /// It cannot be translated, or was cut.
    pub fn end<'a>(&'a mut self, facts: &'a mut Facts) -> Result<Step<'a, Forward>, Broken> {
        let forward = self.meter.end();
        self.pass(forward, true, facts)
    }

    fn pass<'a>(
        &'a mut self,
        pieces: Forward,
        last: bool,
        facts: &'a mut Facts,
    ) -> Result<Step<'a, Forward>, Broken> {
        let forward = self.way.bring_back(pieces, last)?;
        if self.way.sentries.is_empty() {
            keep(self.content_limit, &forward, facts);
            return Ok(Step::pass(forward));
        }
        Ok(Step::later(self.guarded(forward, last, facts)))
    }

    async fn guarded(
        &mut self,
        pieces: Forward,
        last: bool,
        facts: &mut Facts,
    ) -> Result<Forward, Stop> {
        let forward = self.way.sentries.pass(pieces, last).await?;
        keep(self.content_limit, &forward, facts);
        Ok(forward)
    }

    /// Whether the bill can be made: the dialect's terminal event was seen, so all usage is known, and
    /// nothing is held back that may still be stopped.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.meter.finished() && !self.way.holds()
    }

    /// Whether the answer's length may change on the way.
    #[must_use]
    pub const fn changes_length(&self) -> bool {
        self.changes_length
    }

    /// Whether the client gets other bytes than the provider sent, or may get none of them.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        !self.way.is_straight()
    }

    /// Whether the answer is translated: then its headers are its provider's affair.
    #[must_use]
    pub const fn is_translated(&self) -> bool {
        self.way.is_translated()
    }

    /// Whether the answer comes in one piece though a stream was asked for: then nothing of it is sent before all
    /// of it is there.
    #[must_use]
    pub const fn is_retold(&self) -> bool {
        self.way.is_retold()
    }

    /// How the client gets the answer, where it is a stream of events, into which an error can be put.
    #[must_use]
    pub const fn events(&self) -> Option<AnswerKind> {
        self.events
    }

    /// Works out the bill and settles the reservation with it. What still comes after that (the rest
    /// of a terminal event) goes its way all the same: that is given back.
    pub fn settle(mut self, end: End, facts: &mut Facts) -> (Settled, Way) {
        self.way.sentries.report(facts);
        facts.served_model = self.meter.served_model().map(Box::from);
        facts.outcome = match end {
            End::ClientGone => Outcome::ClientGone,
            End::Completed => Outcome::Completed,
            End::Stopped => Outcome::Refused,
            End::UpstreamBroken => Outcome::UpstreamBroken,
        };
        let Account {
            price,
            model,
            quote,
            reservation,
            charged,
            operation,
        } = self.account;
        if charged {
            facts.usage = usage(&self.meter, operation, &quote, end, facts.streamed);
            facts.cost = cost(operation, price, &quote, &facts.usage, &self.meter);
        } else {
            facts.cost_basis = CostBasis::Free;
        }
        if self.way.is_recorded() {
            let whole = end == End::Completed && self.meter.finished() && !self.meter.error_event();
            let bill = whole.then(|| bill(facts, model)).flatten();
            self.way.billed(bill, facts.arrived);
        }
        let actual = Actual {
            cost: facts.cost,
            tokens: facts.usage.total(),
        };
        let charges = reservation.map_or_else(SmallVec::new, |held| held.settle(actual));
        (Settled::new(charges), self.way)
    }
}

/// What an answer that is kept was billed for. The age of an answer counts from when it was asked for.
fn bill(facts: &Facts, model: Option<ModelName>) -> Option<Bill> {
    Some(Bill {
        provider: facts.provider.clone()?,
        model,
        served: facts.served_model.clone(),
        usage: facts.usage,
    })
}

/// Keeps what the client gets, where the key asks for it.
fn keep(limit: usize, forward: &Forward, facts: &mut Facts) {
    let Some(content) = facts.content.as_mut() else {
        return;
    };
    for piece in forward {
        let room = limit.saturating_sub(content.answer.len());
        content
            .answer
            .extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

/// The usage to bill: what was reported, or else an estimate that is marked as such.
fn usage(meter: &Meter, operation: Operation, quote: &Quote, end: End, streamed: bool) -> Usage {
    if operation.billing() == Billing::Free {
        return Usage {
            source: UsageSource::Reported,
            ..Usage::default()
        };
    }
    // Three bytes a token errs on the side of more tokens for every script we know.
    let passed = meter.content_bytes().div_ceil(3);
    match meter.usage() {
        Some(reported) if reported.source == UsageSource::Reported => reported,
        // Only the prompt was reported before the stream broke off.
        Some(partial) => Usage {
            output: partial.output.max(passed),
            ..partial
        },
        None => Usage {
            input: quote.input.0,
            // What a guard stops has been made, and an answer in one piece all of it.
            output: if streamed || matches!(end, End::ClientGone | End::UpstreamBroken) {
                passed
            } else {
                quote.output.0
            },
            tier: quote.tier,
            source: UsageSource::Estimated,
            ..Usage::default()
        },
    }
}

fn cost(
    operation: Operation,
    price: Option<&PriceRow>,
    quote: &Quote,
    usage: &Usage,
    meter: &Meter,
) -> MicroUsd {
    match (operation.billing(), price) {
        (Billing::Free, _) => MicroUsd::ZERO,
        // Charged in full when created; see `Described::quote_batch`.
        (Billing::Batch, _) => quote.cost,
        (_, None) => MicroUsd::ZERO,
        (Billing::Units, Some(price)) if usage.source == UsageSource::Estimated => {
            // By the second, where the answer says how many; else by the piece, known beforehand.
            let seconds = meter
                .sound()
                .map(|sound| sound.as_secs() + u64::from(sound.subsec_nanos() > 0));
            seconds
                .and_then(|seconds| price.duration_cost(seconds))
                .unwrap_or(quote.cost)
        }
        (_, Some(price)) => price.cost(usage),
    }
}
