//! Every guard has seen the prompt: what is left of it may be sent.

use bytes::Bytes;
use tidegate_governance::govern::Reservation;
use tidegate_types::ModelName;
use tidegate_wire::{
    body::{self, Edits},
    route::{BodyKind, ModelSource},
};

use super::{Described, Routed, described::Quote};
use crate::guard::Sentries;

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
    /// usage switch of `OpenAI` streams.
    #[must_use]
    pub fn route(self) -> Routed<'s> {
        let Self {
            call,
            quote,
            reservation,
            sentries,
        } = self;
        let (body, hide_usage) = rewritten(&call);
        let takes_body = call.route.operation.body() != BodyKind::None;
        Routed {
            provider: call.provider,
            path: match call.direct {
                Some(target) => target.to_owned(),
                None => upstream_path(&call),
            },
            direct: call.direct.is_some(),
            length: takes_body.then_some(body.len()),
            body,
            hide_usage,
            operation: call.route.operation,
            price: call.price,
            quote,
            reservation,
            sentries,
            content_limit: call.settings.content_limit,
        }
    }
}

fn rewritten(call: &Described<'_, '_>) -> (Bytes, bool) {
    let Some(found) = call.payload.inspected.as_ref() else {
        return (call.payload.body.clone(), false);
    };
    let model = call
        .model
        .as_ref()
        .map(ModelName::as_str)
        .filter(|_| call.renamed);
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
    let prefix = call.provider.endpoint.prefix();
    let path = match call.model.as_ref().map(ModelName::as_str) {
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
