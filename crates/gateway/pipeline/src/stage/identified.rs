//! Who asks is known, and the permit proves it.

use std::sync::Arc;

use bytes::Bytes;
use tidegate_governance::key::Permit;
use tidegate_provider::Provider;
use tidegate_types::{ModelName, ProviderName};
use tidegate_wire::{
    body::{self, Inspected},
    route::{BodyKind, ModelSource, Route},
};

use super::{Described, Payload};
use crate::{Facts, Refusal, Snapshot, guard::Memory};

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
    /// streams; and finds the provider and the price.
    ///
    /// # Errors
    /// The body is not what the route takes, no provider serves the model, or the key may use
    /// neither.
    pub fn describe(
        self,
        content_type: &'r str,
        body: Bytes,
        pinned: Option<&ProviderName>,
        facts: &mut Facts,
    ) -> Result<Described<'s, 'r>, Refusal> {
        let operation = self.route.operation;
        facts.request_bytes = body.len() as u64;
        let inspected = match operation.body() {
            BodyKind::Json => Some(body::inspect(operation, &body).map_err(Refusal::Body)?),
            BodyKind::Multipart => {
                Some(body::inspect_form(operation, content_type, &body).map_err(Refusal::Body)?)
            }
            BodyKind::None => None,
        };
        let requested = requested_model(&self.route, inspected.as_ref())?;
        facts.model.clone_from(&requested);
        let asked = requested.as_ref().map(ModelName::as_str);
        facts.streamed = inspected.as_ref().is_some_and(|found| found.stream)
            || operation.name() == "stream_generate_content";
        if let Some((found, model)) = inspected.as_ref().zip(asked)
            && let Some(other) = found.contradicts(model)
        {
            return Err(Refusal::ModelContradicted(other.to_string()));
        }
        let catalog = &*self.snapshot.catalog;
        let (provider, chosen, translate) = match self.direct {
            Some(direct) => (direct.provider, asked, None),
            None => {
                let choice = catalog
                    .choose(operation, asked, pinned)
                    .map_err(Refusal::Choose)?;
                (&**choice.provider, choice.model, choice.translate)
            }
        };
        facts.provider = Some(provider.name.clone());
        if !self.permit.allows_provider(&provider.name) {
            return Err(Refusal::ProviderDenied(provider.name.clone()));
        }
        let renamed = chosen != asked;
        let model = match chosen {
            Some(name) if renamed => Some(name.parse().map_err(|_| Refusal::ModelMissing)?),
            _ => requested.clone(),
        };
        if let Some(model) = &model
            && !self.permit.allows_model(model.as_str())
        {
            return Err(Refusal::ModelDenied(model.to_string()));
        }
        let price = model
            .as_ref()
            .and_then(|model| catalog.price(provider, model.as_str()));
        let price = price.map(Arc::as_ref);
        facts.listed_model = price.map(|row| row.model().clone());
        Ok(Described {
            id: facts.id,
            requested,
            renamed,
            route: self.route,
            permit: self.permit,
            settings: self.snapshot.settings,
            catalog,
            provider,
            model,
            price,
            payload: Payload { body, inspected },
            content_type,
            guards: &self.snapshot.guards,
            translate,
            direct: self.direct.map(|direct| direct.target),
            memory: Memory::default(),
        })
    }
}

fn requested_model(
    route: &Route<'_>,
    inspected: Option<&Inspected>,
) -> Result<Option<ModelName>, Refusal> {
    let model = match route.operation.model() {
        ModelSource::Path => route.path_model.as_ref().and_then(|name| name.parse().ok()),
        ModelSource::Body | ModelSource::Form => inspected
            .and_then(|found| found.model.as_ref())
            .map(|field| field.value.clone()),
        ModelSource::None => return Ok(None),
    };
    model.map(Some).ok_or(Refusal::ModelMissing)
}
