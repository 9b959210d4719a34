//! Every guard has seen the prompt: what is left of it may be sent.

use bytes::Bytes;
use tidegate_governance::govern::Reservation;
use tidegate_types::ModelName;
use tidegate_wire::{
    body::{self, Edits},
    route::{BodyKind, ModelSource, Operation},
    translate::{self, Language, Refused, Translated, Translation},
};

use super::{Described, Routed, described::Quote, routed::Sending};
use crate::{Refusal, guard::Sentries};

/// A call whose prompt may be sent.
#[derive(Debug)]
pub struct Cleared<'s, 'r> {
    pub(super) call: Described<'s, 'r>,
    pub(super) quote: Quote,
    pub(super) reservation: Reservation,
    pub(super) sentries: Sentries,
}

impl<'s> Cleared<'s, '_> {
    /// Turns the request into the provider's: the body byte for byte but for the model's name and the
    /// usage switch of `OpenAI` streams, or, where the provider speaks another language, translated.
    ///
    /// # Errors
    /// It says what cannot be said in that language.
    pub fn route(self) -> Result<Routed<'s>, Refusal> {
        let Self {
            call,
            quote,
            reservation,
            sentries,
        } = self;
        let sent = match call.at.translate {
            Some(language) => translated(&call, language).map_err(Refusal::Untranslatable)?,
            None => Sent::as_it_is(&call),
        };
        let takes_body = call.route.operation.body() != BodyKind::None;
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
            translation: sent.translation,
            price: call.at.price,
            quote,
            sentries,
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
}

fn translated(call: &Described<'_, '_>, language: Language) -> Result<Sent, Refused> {
    let operation = call.route.operation;
    let query = call.route.query.as_deref().unwrap_or_default();
    let asks_for_events = query.split('&').any(|pair| pair.ends_with("alt=sse"));
    if operation == Operation::StreamGenerateContent && !asks_for_events {
        return Err(Refused {
            field: "alt".to_owned(),
            why: "must be `sse`: only streams of events are translated".into(),
        });
    }
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
        &call.id.to_string(),
        &call.payload.body,
    )?;
    Ok(Sent {
        body: body.into(),
        path: format!("{}{target}", call.at.provider.endpoint.prefix()),
        operation,
        hide_usage: false,
        translation: Some(back),
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
    let report_usage = found.usage_switch.must_be_set();
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

fn upstream_path(call: &Described<'_, '_>) -> String {
    let prefix = call.at.provider.endpoint.prefix();
    let path = match call.at.model.as_ref().map(ModelName::as_str) {
        Some(model) if call.route.operation.model() == ModelSource::Path => {
            call.route.upstream_path_for(model)
        }
        _ => call.route.upstream_path.to_string(),
    };
    match &call.route.query {
        Some(query) => format!("{prefix}{path}?{query}"),
        None if prefix.is_empty() => path,
        None => format!("{prefix}{path}"),
    }
}
