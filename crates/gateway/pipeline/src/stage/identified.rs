//! Who asks is known, and the permit proves it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tidegate_governance::key::Permit;
use tidegate_provider::Provider;
use tidegate_routing::{Affinity, Asked, Then};
use tidegate_types::{ModelName, Mono};
use tidegate_wire::{
    body::{self, Inspected},
    headers,
    json::Ends,
    route::{BodyKind, ModelSource, Operation, Route},
};

use super::{
    Described, Payload,
    candidate::{Asking, Candidate, Candidates, allowed, nothing_left, take_next},
};
use crate::{Facts, Refusal, Snapshot, guard::Memory};

/// Names the provider of a call whose route names no model.
pub(super) const PROVIDER: HeaderName = HeaderName::from_static("x-tidegate-provider");

/// Headers in which clients name a conversation: ours, Claude Code's, Codex's, and what others use.
const SESSIONS: [&str; 5] = [
    "x-tidegate-session",
    "x-claude-code-session-id",
    "session-id",
    "session_id",
    "x-session-id",
];

/// Of a longer id in a body only this much is looked at, in bytes; the longest that a provider documents has 256.
const LONGEST_ID: usize = 1_024;

/// A call by a known key. What exactly it asks for is still unread.
#[derive(Debug)]
pub struct Identified<'s, 'r> {
    route: Route<'r>,
    permit: Permit,
    snapshot: &'s Snapshot,
    direct: Option<Direct<'s, 'r>>,
}

/// Where a relayed call goes that brings its own credential: where its app sent it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Direct<'s, 'r> {
    pub(super) provider: &'s Provider,
    /// Path and query as the app sent them.
    pub(super) target: &'r str,
}

impl<'s, 'r> Identified<'s, 'r> {
    pub(super) const fn new(route: Route<'r>, permit: Permit, snapshot: &'s Snapshot) -> Self {
        Self {
            route,
            permit,
            snapshot,
            direct: None,
        }
    }

    pub(super) const fn direct(
        route: Route<'r>,
        permit: Permit,
        snapshot: &'s Snapshot,
        direct: Direct<'s, 'r>,
    ) -> Self {
        Self {
            route,
            permit,
            snapshot,
            direct: Some(direct),
        }
    }

    /// What is asked for.
    #[must_use]
    pub const fn route(&self) -> &Route<'r> {
        &self.route
    }

    /// Who asks.
    #[must_use]
    pub const fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The picture the call is decided by.
    #[must_use]
    pub const fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// The provider at its own host, and path and query there, of a relayed call that brings its own
    /// credential.
    #[must_use]
    pub fn direct_to(&self) -> Option<(&'s Provider, &'r str)> {
        self.direct.map(|direct| (direct.provider, direct.target))
    }

    /// Whether what is asked can be asked over a WebSocket of any provider that the caller may use.
    #[must_use]
    pub fn has_websocket(&self) -> bool {
        let dialect = self.route.operation.dialect();
        self.direct.is_some()
            || self.snapshot.catalog.providers().any(|provider| {
                provider.dialect == dialect
                    && provider.speaks_websocket()
                    && self.permit.allows_provider(&provider.name)
            })
    }

    /// Reads from the body what decides the call: the model, how much it may answer, whether it
    /// streams; and finds the provider and the price, and the providers after it.
    ///
    /// # Errors
    /// The body is not what the route takes, no provider serves the model, the key may use
    /// neither, or a rule refuses the call.
    pub fn describe(
        self,
        headers: &HeaderMap,
        body: Bytes,
        now: Mono,
        facts: &mut Facts,
    ) -> Result<Described<'s, 'r>, Refusal> {
        let operation = self.route.operation;
        facts.request_bytes = body.len() as u64;
        let content_type = headers::text(headers.get(header::CONTENT_TYPE));
        let (inspected, ends) = read(operation, content_type, &body)?;
        let requested = requested_model(&self.route, inspected.as_ref())?;
        facts.model.clone_from(&requested);
        facts.streamed = inspected.as_ref().is_some_and(|found| found.stream)
            || operation.name() == "stream_generate_content";
        if let Some((found, model)) = inspected.as_ref().zip(requested.as_ref())
            && let Some(other) = found.contradicts(model.as_str())
        {
            return Err(Refusal::ModelContradicted(other.to_string()));
        }
        let routing = &*self.snapshot.routing;
        let affinity = if routing.chooses() {
            let named = conversation(headers, inspected.as_ref(), &body);
            affinity(named, &self.permit, operation)
        } else {
            None
        };
        let (at, others, shadowed) = match self.direct {
            Some(direct) => (
                self.at_its_own(direct, requested.as_ref())?,
                Candidates::new(),
                None,
            ),
            None => {
                let pinned = headers::text(headers.get(PROVIDER)).parse().ok();
                let asking = Asking {
                    permit: &self.permit,
                    catalog: &self.snapshot.catalog,
                    routing,
                    operation,
                    requested: requested.as_ref(),
                    pinned: pinned.as_ref(),
                    affinity,
                    now,
                };
                let ruled = ruled(&asking, headers, inspected.as_ref(), facts)?;
                let model = ruled.or_else(|| requested.as_ref().map(ModelName::as_str));
                let mut found = asking.candidates(model)?;
                let first = take_next(&mut found, routing, now);
                let first = first.ok_or_else(|| nothing_left(operation))?;
                let named = model.and_then(|model| routing.model(model));
                (first, found, named.filter(|model| model.shadow.is_some()))
            }
        };
        let betas = headers.get(headers::ANTHROPIC_BETA);
        let betas = betas.filter(|_| operation == Operation::Messages).cloned();
        let described = Described {
            id: facts.id,
            requested,
            routing,
            at,
            others,
            affinity,
            route: self.route,
            permit: self.permit,
            settings: self.snapshot.settings,
            catalog: &self.snapshot.catalog,
            payload: Payload {
                body,
                inspected,
                ends,
                betas,
            },
            content_type: headers.get(header::CONTENT_TYPE).cloned(),
            guards: &self.snapshot.guards,
            direct: self.direct.map(|direct| direct.target),
            memory: Memory::default(),
            shadowed,
        };
        described.note(facts);
        Ok(described)
    }

    /// Where its app sent it, which no rule of the gateway's changes.
    fn at_its_own(
        &self,
        direct: Direct<'s, 'r>,
        requested: Option<&ModelName>,
    ) -> Result<Candidate<'s>, Refusal> {
        let provider = direct.provider;
        allowed(&self.permit, provider, requested, None)?;
        let catalog = &self.snapshot.catalog;
        let price = requested.and_then(|model| catalog.price(provider, model.as_str()));
        Ok(Candidate {
            provider,
            model: requested.cloned(),
            renamed: false,
            price: price.map(Arc::as_ref),
            translate: None,
            target: None,
        })
    }
}

/// What a body says, and what is known to those who read it again.
fn read(
    operation: Operation,
    content_type: &str,
    body: &Bytes,
) -> Result<(Option<Inspected>, Option<Ends>), Refusal> {
    let read = match operation.body() {
        BodyKind::Json => {
            let (inspected, ends) = body::inspect_once(operation, body).map_err(Refusal::Body)?;
            (Some(inspected), Some(ends))
        }
        BodyKind::Multipart => {
            let read = body::inspect_form(operation, content_type, body);
            (Some(read.map_err(Refusal::Body)?), None)
        }
        BodyKind::None => (None, None),
    };
    Ok(read)
}

/// The model that a rule asks instead, if one does.
///
/// # Errors
/// A rule refuses the call.
fn ruled<'s>(
    asking: &Asking<'s, '_>,
    headers: &HeaderMap,
    inspected: Option<&Inspected>,
    facts: &Facts,
) -> Result<Option<&'s str>, Refusal> {
    let rules = asking.routing.rules();
    if rules.is_empty() {
        return Ok(None);
    }
    let id = |id: Option<String>| id.unwrap_or_default();
    let permit = asking.permit;
    let model = asking.requested.map_or("", ModelName::as_str);
    let asked = Asked {
        operation: asking.operation.name(),
        model,
        key: permit.key_id().to_string(),
        team: id(permit.team().map(|id| id.to_string())),
        user: id(permit.user().map(|id| id.to_string())),
        device: id(permit.device().map(|id| id.to_string())),
        streamed: facts.streamed,
        input_tokens: inspected.map_or(0, |found| found.input.0),
        budget_used: permit.budget_used(model),
        headers: headers
            .iter()
            .filter(|(name, _)| !headers::is_credential(name))
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect(),
    };
    match rules.iter().find(|rule| rule.concerns(&asked)) {
        None => Ok(None),
        Some(rule) => match &rule.then {
            Then::Use(model) => Ok(Some(model)),
            Then::Refuse(why) => Err(Refusal::Ruled {
                rule: rule.name.clone(),
                why: why.clone(),
            }),
        },
    }
}

/// The id by which the client knows its conversation: a header's, or else the body's.
fn conversation<'a>(
    headers: &'a HeaderMap,
    inspected: Option<&Inspected>,
    body: &'a [u8],
) -> Option<&'a [u8]> {
    let named = SESSIONS.iter().find_map(|name| headers.get(*name));
    let named = named.map(HeaderValue::as_bytes);
    named.or_else(|| {
        let id = body.get(inspected?.conversation.clone()?)?;
        Some(&id[..id.len().min(LONGEST_ID)])
    })
}

/// What holds a conversation together: an id that its client sends, or, where a provider keeps what was said
/// (Responses), at least the key.
fn affinity(named: Option<&[u8]>, permit: &Permit, operation: Operation) -> Option<Affinity> {
    match named {
        Some(id) => Some(Affinity::of(id)),
        None if matches!(operation, Operation::Responses) => {
            Some(Affinity::of(permit.key_id().uuid().as_bytes()))
        }
        None => None,
    }
}

fn requested_model(
    route: &Route<'_>,
    inspected: Option<&Inspected>,
) -> Result<Option<ModelName>, Refusal> {
    let model = match route.operation.model() {
        ModelSource::Path | ModelSource::Query => {
            route.path_model.as_ref().and_then(|name| name.parse().ok())
        }
        ModelSource::Body | ModelSource::Form => inspected
            .and_then(|found| found.model.as_ref())
            .map(|field| field.value.clone()),
        ModelSource::None => return Ok(None),
    };
    model.map(Some).ok_or(Refusal::ModelMissing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_the_conversation_or_else_the_body() {
        let body = br#"{"model":"m","prompt_cache_key":"thread-7"}"#;
        let found = body::inspect(Operation::ChatCompletions, body).unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(
            conversation(&headers, Some(&found), body),
            Some(&b"thread-7"[..])
        );
        assert_eq!(conversation(&headers, None, body), None);
        headers.insert("session-id", HeaderValue::from_static("s"));
        assert_eq!(conversation(&headers, Some(&found), body), Some(&b"s"[..]));
        let long = format!(
            r#"{{"model":"m","prompt_cache_key":"{}"}}"#,
            "k".repeat(5_000)
        );
        let found = body::inspect(Operation::Responses, long.as_bytes()).unwrap();
        headers.clear();
        let cut = conversation(&headers, Some(&found), long.as_bytes());
        assert_eq!(cut.map(<[u8]>::len), Some(LONGEST_ID));
    }
}
