//! A call that a device relays for an app: `/edge/{host}{path}`, with the device's key.
//!
//! Who sends it, and whether it may be sent at all, is decided here. What is then one of the gateway's
//! own operations goes through all the stages; the rest of a governed host (sign-in, telemetry) is
//! forwarded, and logged without its content.

use http::HeaderMap;
use tidegate_device_api::{ROUTE_PREFIX, headers as names};
use tidegate_governance::{key::AuthRefusal, key::Permit, record::EdgeRow};
use tidegate_policy::{AppId, HostName, Mode, Subject, Verdict};
use tidegate_types::PlainKey;
use tidegate_wire::{
    headers::CredentialError,
    percent, relayed,
    route::{self, Operation, RouteError},
};

use super::{Conversation, Identified, McpGate, identified::Direct};
use crate::{Facts, Refusal, Snapshot};

/// The longest value of a header that says who sends a call.
const LONGEST: usize = 2_048;

/// A relayed call, read. Nothing of it is believed yet.
#[derive(Debug)]
pub struct Relayed<'r> {
    host: HostName,
    /// Path and query as the app sent them.
    target: &'r str,
    /// The same call below the gateway's own mounts, where there is one.
    native: Option<String>,
    app: AppId,
    os_user: String,
    process: String,
}

/// A call to a governed host that is none of the gateway's operations.
#[derive(Debug)]
pub struct Forwarded {
    /// The host.
    pub host: HostName,
    /// What is refused there, where it is a remote MCP server that was decided about.
    pub mcp: Option<McpGate>,
    /// What guards see of it, where it is a conversation and there are guards.
    pub conversation: Option<Conversation>,
}

/// What becomes of a relayed call.
#[derive(Debug)]
pub enum Course<'s, 'r> {
    /// It goes through all the stages.
    Governed(Box<Identified<'s, 'r>>),
    /// It is passed on as it is.
    Forwarded(Forwarded),
}

impl<'r> Relayed<'r> {
    /// Reads a relayed call; `None` where the target is none.
    ///
    /// # Errors
    /// The host is none.
    pub fn parse(
        target: &'r str,
        headers: &HeaderMap,
        facts: &mut Facts,
    ) -> Result<Option<Self>, Refusal> {
        let Some(rest) = target.strip_prefix(ROUTE_PREFIX) else {
            return Ok(None);
        };
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, target) = rest.split_at(at);
        let host: HostName = host
            .parse()
            .map_err(|_| Refusal::HostNotGoverned(host.chars().take(253).collect()))?;
        facts.dialect = relayed::dialect_of(host.as_str());
        let text = |name: &str| {
            let value = headers.get(name).filter(|value| value.len() <= LONGEST);
            value.and_then(|value| value.to_str().ok())
        };
        Ok(Some(Self {
            native: relayed::native(host.as_str(), target),
            app: text(names::APP)
                .and_then(|app| app.parse().ok())
                .unwrap_or_else(AppId::unknown),
            os_user: decoded(text(names::USER).unwrap_or_default()),
            process: decoded(text(names::PROCESS).unwrap_or_default()),
            host,
            target,
        }))
    }

    /// Path and query as the app sent them.
    #[must_use]
    pub const fn target(&self) -> &'r str {
        self.target
    }

    /// The gateway's operation that a call by this method would be.
    #[must_use]
    pub fn operation(&self, method: &str) -> Option<Operation> {
        let route = route::resolve(method, self.native.as_deref()?).ok()?;
        Some(route.operation)
    }

    /// Finds out whose device it is, and whether the organisation lets this app speak to this host.
    ///
    /// # Errors
    /// The device's key is missing, unknown, disabled or expired; the host is not governed; the app is
    /// denied.
    pub fn identify<'s>(
        &'r self,
        method: &str,
        headers: &HeaderMap,
        snapshot: &'s Snapshot,
        facts: &mut Facts,
    ) -> Result<Course<'s, 'r>, Refusal> {
        let permit = device(headers, snapshot, facts)?;
        let policy = snapshot.edge.policy(&permit);
        if !policy.governs(&self.host) {
            return Err(Refusal::HostNotGoverned(self.host.to_string()));
        }
        let subject = Subject {
            app: &self.app,
            host: Some(&self.host),
        };
        // Whose credential a call carries is the policy's to say, not the device's.
        let mode = match policy.decide(subject) {
            Verdict::Deny(why) => return Err(Refusal::AppDenied(why)),
            Verdict::Relay { mode, .. } => mode,
            Verdict::Splice => Mode::PassThrough,
        };
        if let Some(device) = permit.device() {
            let host = self.host.as_str();
            let row = EdgeRow::new(
                device,
                self.app.as_str(),
                &self.os_user,
                &self.process,
                host,
            );
            facts.edge = Some(Box::new(row));
        }
        let route = self
            .native
            .as_deref()
            .and_then(|native| route::resolve(method, native).ok());
        let Some(route) = route else {
            if relayed::is_disguised(method, self.host.as_str(), self.target) {
                let dialect = facts.dialect;
                return Err(Refusal::Route(RouteError::Malformed { dialect }));
            }
            let call = (method, self.target);
            return Ok(Course::Forwarded(Forwarded {
                host: self.host.clone(),
                mcp: McpGate::at(&policy, &self.host, self.target),
                conversation: Conversation::at(&self.host, call, &self.app, &permit, snapshot),
            }));
        };
        facts.operation = Some(route.operation);
        facts.dialect = route.operation.dialect();
        let operation = route.operation.name();
        if !permit.allows_route(operation) {
            return Err(Refusal::RouteDenied(operation));
        }
        let own = snapshot.edge.provider(&self.host);
        let identified = match (mode, own) {
            (Mode::Gateway, _) | (_, None) => Identified::new(route, permit, snapshot),
            (Mode::PassThrough, Some(provider)) => {
                let target = self.target;
                Identified::direct(route, permit, snapshot, Direct { provider, target })
            }
        };
        Ok(Course::Governed(Box::new(identified)))
    }
}

/// The permit of the device whose key a relayed call carries.
fn device(headers: &HeaderMap, snapshot: &Snapshot, facts: &mut Facts) -> Result<Permit, Refusal> {
    let presented = headers
        .get(names::DEVICE_KEY)
        .ok_or(Refusal::Credential(CredentialError::Missing))?;
    let unknown = || Refusal::Auth(AuthRefusal::Unknown);
    let presented = presented.to_str().map_err(|_| unknown())?;
    let hash = PlainKey::hash_presented(PlainKey::DEVICE, presented).map_err(|_| unknown())?;
    let permit = snapshot
        .keyring
        .authenticate(&hash, facts.arrived)
        .map_err(Refusal::Auth)?;
    // The key of something that is no device opens nothing here.
    permit.device().ok_or_else(unknown)?;
    facts.key = Some(permit.key_id());
    facts.team = permit.team();
    facts.user = permit.user();
    Ok(permit)
}

/// A header's text, percent-decoded; what is no UTF-8 is shown as `U+FFFD`.
fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent::decode(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_devices_write_is_decoded() {
        assert_eq!(decoded("/opt/a%20b/%C3%A4"), "/opt/a b/ä");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%ff"), "\u{fffd}");
    }
}
