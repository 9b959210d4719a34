//! An answer that was kept may take the place of a provider's.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use tidegate_cache::{
    Answer, Asking, Cache, Directives, Found, Meaning, Question, Scope, Shape, Tenant, Vector,
};
use tidegate_governance::record::CacheUse;
use tidegate_types::{MicroUsd, ModelName};
use tidegate_wire::{
    answer::{AnswerKind, Meter},
    body::UsageSwitch,
    headers,
    ratelimit::Allowance,
    translate::{self, Form},
};

use super::{
    Cleared, Described, Streaming, Way, identified::PROVIDER, routed::allowances,
    streaming::Account,
};
use crate::{Facts, Refusal, guard::AnswerView};

/// What came of looking for an answer that was kept.
#[derive(Debug)]
pub enum Recalled<'s, 'r> {
    /// There is one.
    Kept(Box<Replay<'s>>),
    /// There is none, or the call is none that may be answered so. Where its answer may be kept, it will be.
    Missed(Box<Cleared<'s, 'r>>),
}

/// A question that nobody asked in these words.
#[derive(Debug)]
pub(super) struct Unlike {
    asking: Asking,
    meaning: Meaning,
    directives: Directives,
}

/// An answer that was kept, on its way to another client. It passes the guards as any answer does.
#[derive(Debug)]
pub struct Replay<'s> {
    /// What it passes through. Its bill is nothing.
    pub streaming: Streaming<'s>,
    /// Its body, in the shape that was asked for.
    pub body: Bytes,
    /// How old it is.
    pub age: Duration,
    /// What is left of the tightest limits: requests, tokens.
    pub allowances: (Option<Allowance>, Option<Allowance>),
}

impl<'s, 'r> Cleared<'s, 'r> {
    /// Looks for an answer that was kept.
    ///
    /// # Errors
    /// There is none, and the caller wants no other one.
    pub fn recall(
        mut self,
        cache: &Arc<Cache>,
        headers: &HeaderMap,
        facts: &mut Facts,
    ) -> Result<Recalled<'s, 'r>, Refusal> {
        let Some(directives) = Directives::of(headers, cache.settings().mode) else {
            return Ok(Recalled::Missed(Box::new(self)));
        };
        let settings = cache.settings();
        let asking = question(&self.call, cache, headers).read(settings);
        let Some(asking) = asking.filter(|_| self.call.direct.is_none()) else {
            return match directives.only_if_cached {
                true => Err(Refusal::NotCached),
                false => Ok(Recalled::Missed(Box::new(self))),
            };
        };
        let may = |answer: &Answer| allowed(&self.call, answer);
        let found = cache.find(&asking, &directives, facts.arrived, may);
        if let Some((body, found)) = found.and_then(|found| tell(&self.call, &asking, found)) {
            facts.cache = Some(CacheUse::Hit(saved(&self.call, &found.answer)));
            let replay = self.replay(body, &found, asking.shape, facts);
            return Ok(Recalled::Kept(Box::new(replay)));
        }
        facts.cache = Some(CacheUse::Miss);
        if directives.only_if_cached {
            return Err(Refusal::NotCached);
        }
        if settings.semantic.is_some() && !directives.no_cache {
            let meaning = question(&self.call, cache, headers).meaning(settings);
            self.unlike = meaning.map(|meaning| {
                Box::new(Unlike {
                    asking,
                    meaning,
                    directives,
                })
            });
        }
        if !directives.no_store {
            self.recording = Some(Box::new(cache.record(asking)));
        }
        Ok(Recalled::Missed(Box::new(self)))
    }

    /// The text by whose meaning an answer may be found, where that may be tried.
    #[must_use]
    pub fn meaning(&self) -> Option<&str> {
        self.unlike.as_ref().map(|unlike| &*unlike.meaning.text)
    }

    /// Looks for an answer to a question that means the same, by the vector of [`Self::meaning`].
    pub fn recall_meaning(
        mut self,
        cache: &Cache,
        vector: Vector,
        facts: &mut Facts,
    ) -> Recalled<'s, 'r> {
        let Some(unlike) = self.unlike.take() else {
            return Recalled::Missed(Box::new(self));
        };
        let Unlike {
            asking,
            meaning,
            directives,
        } = *unlike;
        let may = |answer: &Answer| allowed(&self.call, answer);
        let by = (&meaning, &vector);
        let found = cache.find_semantic(&asking, by, &directives, facts.arrived, may);
        if let Some((body, found)) = found.and_then(|found| tell(&self.call, &asking, found)) {
            facts.cache = Some(CacheUse::Semantic(saved(&self.call, &found.answer)));
            let replay = self.replay(body, &found, asking.shape, facts);
            return Recalled::Kept(Box::new(replay));
        }
        if let Some(recording) = &mut self.recording {
            recording.mean(meaning, vector);
        }
        Recalled::Missed(Box::new(self))
    }

    fn replay(self, body: Bytes, found: &Found, shape: Shape, facts: &mut Facts) -> Replay<'s> {
        let Self {
            call,
            quote,
            reservation,
            mut sentries,
            recording: _,
            unlike: _,
        } = self;
        let kind = match shape.form() {
            Form::Stream => AnswerKind::Sse,
            Form::Whole => AnswerKind::Json,
        };
        let bill = &found.answer.bill;
        facts.status = 200;
        facts.streamed = kind == AnswerKind::Sse;
        facts.provider = Some(bill.provider.clone());
        facts.served_model.clone_from(&bill.served);
        sentries.answer(&AnswerView {
            status: 200,
            kind,
            content_type: Some(content_type(shape)),
            encoding: None,
        });
        let operation = call.route.operation;
        Replay {
            allowances: allowances(&reservation),
            streaming: Streaming {
                // What it used was counted when it was made.
                meter: Meter::new(operation, AnswerKind::Opaque, false),
                events: kind.is_events().then_some(kind),
                changes_length: true,
                way: Way::by(sentries),
                account: Account {
                    operation,
                    price: call.at.price,
                    model: None,
                    quote,
                    reservation: Some(reservation),
                    charged: false,
                },
                content_limit: call.settings.content_limit,
            },
            body,
            age: found.age,
        }
    }
}

impl Replay<'_> {
    /// Its `content-type`.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        content_type(if self.streaming.events().is_some() {
            Shape::Stream
        } else {
            Shape::Whole
        })
    }
}

const fn content_type(shape: Shape) -> &'static str {
    match shape.form() {
        Form::Stream => "text/event-stream; charset=utf-8",
        Form::Whole => "application/json",
    }
}

fn question<'a>(
    call: &'a Described<'_, '_>,
    cache: &Cache,
    headers: &'a HeaderMap,
) -> Question<'a> {
    let key = Tenant::Key(call.permit.key_id());
    let team = call.permit.team().map(Tenant::Team);
    let found = call.payload.inspected.as_ref();
    Question {
        tenant: match cache.settings().scope {
            Scope::Key => key,
            Scope::Team => team.unwrap_or(key),
        },
        operation: call.route.operation,
        model: call.requested.as_ref().map_or("", ModelName::as_str),
        pinned: headers::text(headers.get(PROVIDER)),
        query: call.route.query.as_deref().unwrap_or_default(),
        headers,
        body: &call.payload.body,
        stream: found.is_some_and(|found| found.stream),
        stream_usage: found.is_some_and(|found| found.usage_switch == UsageSwitch::On),
    }
}

/// Whether the caller may have the answer of whom it is by: a provider that was asked for another key of the
/// tenant may be none that this one may use.
fn allowed(call: &Described<'_, '_>, answer: &Answer) -> bool {
    let bill = &answer.bill;
    let model = bill.model.as_ref();
    call.permit.allows_provider(&bill.provider)
        && model.is_none_or(|model| call.permit.allows_model(model.as_str()))
}

/// The body in the shape that is wanted, where it can be told so.
fn tell(call: &Described<'_, '_>, asking: &Asking, found: Found) -> Option<(Bytes, Found)> {
    let Answer {
        body, shape, bill, ..
    } = &*found.answer;
    let wanted = asking.shape;
    if *shape == wanted {
        return Some((body.clone(), found));
    }
    let named = call.requested.as_ref().map_or("", ModelName::as_str);
    let (id, operation) = (call.id.to_string(), call.route.operation);
    let again = translate::again(operation, named, &id, &call.payload.body).ok()?;
    let told = again.tell(body, shape.form(), wanted.form(), bill.usage);
    Some((told.ok()?.into(), found))
}

/// What the answer would have cost now.
fn saved(call: &Described<'_, '_>, answer: &Answer) -> MicroUsd {
    let bill = &answer.bill;
    let provider = call.catalog.provider(&bill.provider);
    let price = provider
        .zip(bill.model.as_ref())
        .and_then(|(provider, model)| call.catalog.price(provider, model.as_str()));
    price.map_or(MicroUsd::ZERO, |price| price.cost(&bill.usage))
}
