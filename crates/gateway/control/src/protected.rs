//! What must not be denied, or a fleet could be cut off from those who would undo it: Tidegate itself,
//! the gateway, and the hosts that are never refused.

use tidegate_policy::{AppId, Decision, HostName, McpRule, Scheme};

use crate::{app::App, problem::Problem};

/// The agent's program, as an app, a program or a script.
const AGENT: &str = "tidegate-edge";

/// Refuses the denial of the agent.
pub(crate) fn app(id: &AppId, decision: Decision, at: &str) -> Result<(), Problem> {
    if decision == Decision::Denied && id.as_str().starts_with("tidegate") {
        return Err(Problem::field(
            at,
            "is Tidegate itself, which cannot be denied",
        ));
    }
    Ok(())
}

/// Refuses the denial of the agent, of the gateway and of hosts that are never refused.
pub(crate) async fn server(app: &App, rule: &McpRule, at: &str) -> Result<(), Problem> {
    if rule.decision != Decision::Denied {
        return Ok(());
    }
    let identity = &rule.target.identity;
    let program = identity
        .rest()
        .split([':', '+', '/'])
        .any(|part| part == AGENT);
    if program && matches!(identity.scheme(), Scheme::Bin | Scheme::Path) {
        return Err(Problem::field(
            at,
            "is Tidegate itself, which cannot be denied",
        ));
    }
    let Some(host) = remote_host(identity.as_str()) else {
        return Ok(());
    };
    let never = app.store.edge_settings().await?.never_block;
    let mut own: Vec<HostName> = app
        .settings
        .hosts
        .iter()
        .filter_map(|name| name.parse().ok())
        .collect();
    if let Some(edge) = &app.edge {
        own.extend(edge.policy().document.never_block.iter().cloned());
    }
    if never.iter().chain(&own).any(|safe| host.is_within(safe)) {
        return Err(Problem::field(
            at,
            "is at the gateway or at a host that is never refused",
        ));
    }
    Ok(())
}

/// The host of a remote server, whatever its scheme.
fn remote_host(identity: &str) -> Option<HostName> {
    let (_, rest) = identity.strip_prefix("url:")?.split_once("://")?;
    let authority = rest.split('/').next()?;
    let name = authority
        .rsplit_once(':')
        .map_or(authority, |(name, _)| name);
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_remote_server_is_found() {
        let host = |identity| remote_host(identity).map(|host| host.to_string());
        assert_eq!(
            host("url:https://gw.example.com/mcp").as_deref(),
            Some("gw.example.com")
        );
        assert_eq!(
            host("url:http://gw.example.com:81").as_deref(),
            Some("gw.example.com")
        );
        for none in ["url:https://127.0.0.1/x", "npm:gw.example.com", "url:x"] {
            assert_eq!(host(none), None);
        }
    }

    #[test]
    fn the_agent_is_not_denied() {
        let agent: AppId = "tidegate-edge".parse().unwrap();
        assert!(app(&agent, Decision::Denied, "/app").is_err());
        assert!(app(&agent, Decision::Approved, "/app").is_ok());
        assert!(app(&AppId::unknown(), Decision::Denied, "/app").is_ok());
    }
}
