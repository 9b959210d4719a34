//! A call arrived, and its route is on the list.

use http::HeaderMap;
use tidegate_types::PlainKey;
use tidegate_wire::{
    Dialect, headers,
    route::{self, Operation, Route},
};

use super::Identified;
use crate::{Facts, Refusal, Snapshot};

/// A call whose route is known. Who asks is not.
#[derive(Debug)]
pub struct Received<'r> {
    route: Route<'r>,
}

impl<'r> Received<'r> {
    /// Resolves the route.
    ///
    /// # Errors
    /// The route is not on the list, its method is wrong, or its path malformed.
    pub fn parse(
        method: &str,
        target: &'r str,
        headers: &HeaderMap,
        facts: &mut Facts,
    ) -> Result<Self, Refusal> {
        facts.dialect = dialect_hint(target, headers);
        let route = route::resolve(method, target).map_err(Refusal::Route)?;
        let unified_models = matches!(
            route.operation,
            Operation::UnifiedModelsGet | Operation::UnifiedModelsList
        );
        if !unified_models {
            facts.dialect = route.operation.dialect();
        }
        facts.operation = Some(route.operation);
        Ok(Self { route })
    }

    /// Finds out who asks, and whether they may ask this at all.
    ///
    /// # Errors
    /// No credential or a bad one, a key that is unknown, disabled or expired, or one that is not
    /// allowed to use this operation.
    pub fn identify<'s>(
        self,
        headers: &HeaderMap,
        snapshot: &'s Snapshot,
        facts: &mut Facts,
    ) -> Result<Identified<'s, 'r>, Refusal> {
        let presented = headers::credential(headers).map_err(Refusal::Credential)?;
        let hash = PlainKey::hash_presented(PlainKey::VIRTUAL, presented)
            .map_err(|_| Refusal::Auth(tidegate_governance::key::AuthRefusal::Unknown))?;
        let permit = snapshot
            .keyring
            .authenticate(&hash, facts.arrived)
            .map_err(Refusal::Auth)?;
        facts.key = Some(permit.key_id());
        facts.team = permit.team();
        facts.user = permit.user();
        let operation = self.route.operation;
        if !permit.allows_route(operation.name()) {
            return Err(Refusal::RouteDenied(operation.name()));
        }
        Ok(Identified::new(self.route, permit, snapshot))
    }
}

/// The dialect to refuse in before the route is known: by mount, and on the shared `/v1` by the
/// header that only Anthropic's clients send.
fn dialect_hint(target: &str, headers: &HeaderMap) -> Dialect {
    if target.starts_with("/anthropic") || headers.contains_key("anthropic-version") {
        Dialect::Anthropic
    } else if target.starts_with("/bedrock/") {
        Dialect::Bedrock
    } else if target.starts_with("/genai") {
        Dialect::Gemini
    } else {
        Dialect::OpenAi
    }
}
