//! A copy of a call, for the shadow target of its model. Nobody waits for it, gets its answer or pays for it (ADR 0030);
//! in all else it is a call like any other: the caller's allow-lists hold for its place, the guards in force there look at
//! it, and it is billed and logged.

use std::time::Duration;

use http::HeaderValue;
use tidegate_governance::{govern::Governor, key::Permit};
use tidegate_routing::Affinity;
use tidegate_types::{ModelName, Mono, ProviderName};
use tidegate_wire::route::{Billing, Route};

use super::{
    Cleared, Described, Payload, Routed,
    candidate::{Asking, Candidates, nothing_left},
};
use crate::{Facts, Refusal, Settings, Snapshot, Unpriced, guard::Memory};

/// A copy of a call, which outlives the call.
#[derive(Debug)]
pub struct Copied {
    route: Route<'static>,
    permit: Permit,
    affinity: Option<Affinity>,
    requested: Option<ModelName>,
    /// The virtual model that was asked for.
    alias: ModelName,
    payload: Payload,
    content_type: Option<HeaderValue>,
    provider: ProviderName,
    timeout: Duration,
    facts: Facts,
}

impl Cleared<'_, '_> {
    /// A copy of the call as its guards left it, where the model that was asked for has a shadow target and chance will
    /// have it. Calls that change something, and answers that are made in the background, have none; nor have calls with
    /// their app's own credential.
    #[must_use]
    pub fn copy(&self, facts: &Facts) -> Option<Copied> {
        let call = &self.call;
        let alias = call.shadowed?;
        let shadow = alias.shadow.as_ref()?;
        let inspected = call.payload.inspected.as_ref();
        let background = inspected.is_some_and(|found| found.background);
        let answers = match call.route.operation.billing() {
            Billing::Tokens | Billing::Units => !background,
            Billing::Batch | Billing::Free => false,
        };
        if !answers || call.direct.is_some() || !shadow.draws() {
            return None;
        }
        let mut of_copy = Facts::new(call.id.shadow(), facts.arrived);
        of_copy.dialect = facts.dialect;
        of_copy.operation = facts.operation;
        of_copy.model.clone_from(&facts.model);
        of_copy.streamed = facts.streamed;
        of_copy.request_bytes = facts.request_bytes;
        of_copy.trace_id = facts.trace_id;
        of_copy.edge.clone_from(&facts.edge);
        of_copy.shadow_of = Some(call.id);
        Some(Copied {
            route: call.route.clone().into_owned(),
            permit: call.permit.clone(),
            affinity: call.affinity,
            requested: call.requested.clone(),
            alias: alias.name.clone(),
            payload: call.payload.clone(),
            content_type: call.content_type.clone(),
            provider: shadow.target.provider.clone(),
            timeout: shadow.timeout,
            facts: of_copy,
        })
    }
}

impl Copied {
    /// Where it goes.
    #[must_use]
    pub const fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// How many bytes of a request it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.payload.body.len()
    }

    /// Whether it has no body.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.payload.body.is_empty()
    }

    /// How long it may take in all.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Makes the shadow target's request of it. Beside that, or why there is none, what is known of the copy.
    pub async fn route<'s>(
        self,
        snapshot: &'s Snapshot,
        governor: &Governor,
        now: Mono,
    ) -> (Result<Routed<'s>, Refusal>, Facts) {
        let Self {
            route,
            permit,
            affinity,
            requested,
            alias,
            payload,
            content_type,
            provider: _,
            timeout: _,
            mut facts,
        } = self;
        let described = || {
            let routing = &*snapshot.routing;
            let asking = Asking {
                permit: &permit,
                catalog: &snapshot.catalog,
                routing,
                operation: route.operation,
                requested: requested.as_ref(),
                pinned: None,
                affinity,
                now,
            };
            // The name is of the snapshot that the call was decided by; this one may be newer.
            let gone = || nothing_left(route.operation);
            let alias = routing.model(alias.as_str()).ok_or_else(gone)?;
            let shadow = alias.shadow.as_ref().ok_or_else(gone)?;
            asking.shadow(alias, shadow)
        };
        let at = match described() {
            Ok(at) => at,
            Err(refusal) => return (Err(refusal), facts),
        };
        let model = at.model.clone();
        let described = Described {
            id: facts.id,
            route,
            permit,
            settings: Settings {
                // Nobody's budget is at stake.
                unpriced: Unpriced::Flag,
                ..snapshot.settings
            },
            catalog: &snapshot.catalog,
            routing: &snapshot.routing,
            at,
            others: Candidates::new(),
            affinity,
            requested,
            payload,
            content_type,
            guards: &snapshot.guards,
            direct: None,
            memory: Memory::default(),
            shadowed: None,
        };
        let routed = async {
            let admitted = described.exempt(governor, &mut facts)?;
            admitted.clear(&mut facts).await?.route()
        };
        let routed = routed.await;
        // The guards have seen whose it was; in the log it is nobody's, of the model that was really asked.
        facts.edge = None;
        facts.model = model;
        (routed, facts)
    }
}
