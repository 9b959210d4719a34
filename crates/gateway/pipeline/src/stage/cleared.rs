//! Every guard has seen the prompt: what is left of it may be sent.

use bytes::Bytes;
use tidegate_cache::Recording;
use tidegate_governance::govern::Reservation;
use tidegate_types::ModelName;
use tidegate_wire::{
    body::{self, Edits},
    headers,
    route::{BodyKind, ModelSource, Operation},
    translate::{self, About, Language, Refused, Translated, Translation},
};

use super::{Described, Routed, described::Quote, recalled::Unlike, routed::Sending};
use crate::{Refusal, guard::Sentries};

/// A call whose prompt may be sent.
#[derive(Debug)]
pub struct Cleared<'s, 'r> {
    pub(super) call: Described<'s, 'r>,
    pub(super) quote: Quote,
    pub(super) reservation: Reservation,
    pub(super) sentries: Sentries,
    /// Takes its answer down, where that is to be kept.
    pub(super) recording: Option<Box<Recording>>,
    /// Nobody asked the same; somebody may have meant it.
    pub(super) unlike: Option<Box<Unlike>>,
}

impl<'s> Cleared<'s, '_> {
    /// Turns the request into the provider's: the body byte for byte but for the model's name and the
    /// usage switch of `OpenAI` streams, or, where the provider speaks another language, translated. What a
    /// provider's profile says it takes otherwise is changed in either.
    ///
    /// # Errors
    /// It says what cannot be said in that language, or to that provider.
    pub fn route(self) -> Result<Routed<'s>, Refusal> {
        let Self {
            call,
            quote,
            reservation,
            sentries,
            recording,
            unlike: _,
        } = self;
        let sent = match call.at.translate {
            Some(language) => translated(&call, language),
            None => Ok(Sent::as_it_is(&call)),
        };
        let sent = sent
            .and_then(|sent| sent.fit(&call))
            .map_err(Refusal::Untranslatable)?;
        let takes_body = call.route.operation.body() != BodyKind::None;
        let native = sent.translation.is_none();
        let asked = native.then(|| asked_for_events(&call)).flatten();
        let sending = Sending {
            provider: call.at.provider,
            model: call.at.model,
            target: call.at.target,
            key: None,
            affinity: call.affinity,
            path: sent.path,
            direct: call.direct.is_some(),
            length: takes_body.then_some(sent.body.len()),
            body: sent.body,
            hide_usage: sent.hide_usage,
            operation: sent.operation,
            asked,
            translation: sent.translation,
            price: call.at.price,
            quote,
            sentries,
            recording,
            content_limit: call.settings.content_limit,
        };
        Ok(Routed {
            sending,
            reservation,
        })
    }
}

/// What the provider gets.
struct Sent {
    body: Bytes,
    path: String,
    operation: Operation,
    hide_usage: bool,
    translation: Option<Translation>,
}

impl Sent {
    fn as_it_is(call: &Described<'_, '_>) -> Self {
        let (body, hide_usage) = rewritten(call);
        Self {
            body,
            path: match call.direct {
                Some(target) => target.to_owned(),
                None => upstream_path(call),
            },
            operation: call.route.operation,
            hide_usage,
            translation: None,
        }
    }

    /// The same, with a body as the provider takes it. What brings its own credential goes as its app wrote it.
    fn fit(self, call: &Described<'_, '_>) -> Result<Self, Refused> {
        let quirks = call.at.provider.quirks(self.operation);
        if quirks.is_empty() || call.direct.is_some() {
            return Ok(self);
        }
        let body = body::fit(&self.body, quirks)?;
        Ok(Self { body, ..self })
    }
}

fn translated(call: &Described<'_, '_>, language: Language) -> Result<Sent, Refused> {
    let operation = call.route.operation;
    let array = operation == Operation::StreamGenerateContent && !names_events(call);
    let named = call.requested.as_ref().map_or("", ModelName::as_str);
    let model = call.at.model.as_ref().map_or(named, ModelName::as_str);
    let Translated {
        body,
        target,
        operation,
        back,
    } = translate::request(
        operation,
        language,
        (named, model),
        About {
            id: &call.id.to_string(),
            betas: headers::text(call.payload.betas.as_ref()),
        },
        &call.payload.body,
    )?;
    Ok(Sent {
        body: body.into(),
        path: call.at.provider.target(target, Some(model), streams(call)),
        operation,
        hide_usage: false,
        translation: Some(if array { back.as_array() } else { back }),
    })
}

fn rewritten(call: &Described<'_, '_>) -> (Bytes, bool) {
    let Some(found) = call.payload.inspected.as_ref() else {
        return (call.payload.body.clone(), false);
    };
    let model = call
        .at
        .model
        .as_ref()
        .map(ModelName::as_str)
        .filter(|_| call.at.renamed);
    let report_usage =
        found.usage_switch.must_be_set() && !call.at.provider.reports_usage_unasked();
    let body = body::rewrite(
        &call.payload.body,
        found,
        &Edits {
            model,
            report_usage,
        },
    );
    (body, report_usage)
}

/// Whether the query of a call of Gemini's asks for events; else its streams are an array that grows.
fn names_events(call: &Described<'_, '_>) -> bool {
    let query = call.route.query.as_deref().unwrap_or_default();
    query.split('&').any(|pair| pair.ends_with("alt=sse"))
}

/// What the client said, where it asks for an answer as a stream of events that could be told as one if it came in
/// one piece. An app with its own credential gets what it is given.
fn asked_for_events(call: &Described<'_, '_>) -> Option<Bytes> {
    let operation = call.route.operation;
    let events = operation != Operation::StreamGenerateContent || names_events(call);
    let asked = streams(call) && call.direct.is_none() && Language::of(operation).is_some();
    (asked && events).then(|| call.payload.body.clone())
}

/// Whether the answer is asked for as a stream.
fn streams(call: &Described<'_, '_>) -> bool {
    let found = call.payload.inspected.as_ref();
    found.is_some_and(|found| found.stream)
}

fn upstream_path(call: &Described<'_, '_>) -> String {
    let path = match call.at.model.as_ref().map(ModelName::as_str) {
        Some(model)
            if matches!(
                call.route.operation.model(),
                ModelSource::Path | ModelSource::Query
            ) =>
        {
            call.route.upstream_path_for(model)
        }
        _ => call.route.upstream_path.to_string(),
    };
    let path = match &call.route.query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let model = call.at.model.as_ref().map(ModelName::as_str);
    call.at.provider.target(path, model, streams(call))
}
