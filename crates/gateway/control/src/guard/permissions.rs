//! Who may do what: one table of all operations. What is not in it, nobody may.
//!
//! A role that is confined to a team may call what its row says, and then finds only what belongs to
//! that team (`guard::team`). `docs/roles.md` is made from this table, by a test that tries it.

use http::Method;
use tidegate_types::{Grant, Role};

use crate::problem::{Code, Problem};

type Roles = &'static [Role];

const ADMIN: Roles = &[Role::Admin];
/// Everybody: it shows nothing, or only what is the caller's own or their team's.
const ALL: Roles = &Role::ALL;
/// Decides about the fleet.
const FLEET: Roles = &[Role::Admin, Role::Security];
/// Sees how the gateway itself is set up.
const SEES_ADMIN: Roles = &[Role::Admin, Role::ReadOnly];
/// Sees all of the fleet.
const SEES_FLEET: Roles = &[Role::Admin, Role::ReadOnly, Role::Security];
/// Sees what calls cost and what may be spent.
const SEES_MONEY: Roles = &[Role::Admin, Role::ReadOnly, Role::TeamAdmin];
/// Changes what belongs to a team.
const TEAM: Roles = &[Role::Admin, Role::TeamAdmin];

/// A path below `/api/v1`, and for each of its methods who may.
type Row = (&'static str, &'static [(&'static str, Roles)]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Signing in, and what is one's own.
    ("/sessions",                            &[("GET", ALL)]),
    ("/sessions/current",                    &[("GET", ALL), ("DELETE", ALL)]),
    ("/sessions/{id}",                       &[("DELETE", ALL)]),
    ("/accounts/current/password",           &[("PUT", ALL)]),
    ("/accounts/current/totp",               &[("POST", ALL), ("PUT", ALL), ("DELETE", ALL)]),
    ("/accounts/{id}/sign-out",              &[("POST", ALL)]),
    ("/events",                              &[("GET", ALL)]),
    ("/info",                                &[("GET", ALL)]),
    ("/overview",                            &[("GET", ALL)]),
    ("/views",                               &[("GET", ALL), ("POST", ALL)]),
    ("/views/{id}",                          &[("DELETE", ALL)]),
    // Who may use the control plane.
    ("/accounts",                            &[("GET", SEES_ADMIN), ("POST", ADMIN)]),
    ("/accounts/{id}",                       &[("PATCH", ADMIN)]),
    ("/accounts/{id}/disable",               &[("POST", ADMIN)]),
    ("/accounts/{id}/enable",                &[("POST", ADMIN)]),
    ("/accounts/{id}/identities",            &[("GET", SEES_ADMIN), ("PATCH", ADMIN)]),
    ("/accounts/{id}/reset-password",        &[("POST", ADMIN)]),
    ("/accounts/{id}/reset-totp",            &[("POST", ADMIN)]),
    ("/identity-providers",                  &[("GET", ADMIN), ("POST", ADMIN)]),
    ("/identity-providers/{id}",             &[("GET", ADMIN), ("PATCH", ADMIN), ("DELETE", ADMIN)]),
    ("/identity-providers/{id}/test",        &[("POST", ADMIN)]),
    ("/tokens",                              &[("GET", SEES_ADMIN), ("POST", ADMIN)]),
    ("/tokens/{id}/revoke",                  &[("POST", ADMIN)]),
    ("/scim-tokens",                         &[("GET", ADMIN), ("POST", ADMIN)]),
    ("/scim-tokens/{id}/revoke",             &[("POST", ADMIN)]),
    ("/guardrails",                          &[("GET", SEES_FLEET), ("POST", FLEET)]),
    ("/guardrails/detectors",                &[("GET", SEES_FLEET)]),
    ("/guardrails/findings",                 &[("GET", ALL)]),
    ("/guardrails/test",                     &[("POST", FLEET)]),
    ("/guardrails/{id}",                     &[("GET", SEES_FLEET), ("PATCH", FLEET), ("DELETE", FLEET)]),
    ("/groups",                              &[("GET", SEES_FLEET)]),
    ("/groups/{id}/team",                    &[("PUT", ADMIN)]),
    ("/audit",                               &[("GET", SEES_FLEET)]),
    ("/audit/verify",                        &[("GET", SEES_FLEET)]),
    // Teams, their people and keys, and what those may spend.
    ("/teams",                               &[("GET", ALL), ("POST", ADMIN)]),
    ("/teams/{id}",                          &[("GET", ALL), ("PATCH", ADMIN), ("DELETE", ADMIN)]),
    ("/users",                               &[("GET", ALL), ("POST", TEAM)]),
    ("/users/{id}",                          &[("GET", ALL), ("PATCH", TEAM), ("DELETE", TEAM)]),
    ("/keys",                                &[("GET", ALL), ("POST", TEAM)]),
    ("/keys/{id}",                           &[("GET", ALL), ("PATCH", TEAM)]),
    ("/keys/{id}/disable",                   &[("POST", TEAM)]),
    ("/keys/{id}/enable",                    &[("POST", TEAM)]),
    ("/keys/{id}/revoke",                    &[("POST", TEAM)]),
    ("/keys/{id}/rotate",                    &[("POST", TEAM)]),
    ("/budgets",                             &[("GET", SEES_MONEY), ("POST", TEAM)]),
    ("/budgets/what-if",                     &[("GET", SEES_MONEY)]),
    ("/budgets/{id}",                        &[("GET", SEES_MONEY), ("PATCH", TEAM), ("DELETE", TEAM)]),
    ("/limits",                              &[("GET", SEES_MONEY), ("POST", TEAM)]),
    ("/limits/{id}",                         &[("GET", SEES_MONEY), ("PATCH", TEAM), ("DELETE", TEAM)]),
    // Calls, and where they go.
    ("/requests",                            &[("GET", ALL)]),
    ("/requests/{id}",                       &[("GET", ALL)]),
    ("/usage",                               &[("GET", ALL)]),
    ("/providers",                           &[("GET", SEES_MONEY)]),
    ("/providers/{name}",                    &[("GET", SEES_MONEY)]),
    ("/cache",                               &[("GET", SEES_ADMIN), ("DELETE", ADMIN)]),
    ("/prices",                              &[("GET", SEES_MONEY)]),
    ("/prices/overrides",                    &[("GET", SEES_MONEY), ("PUT", ADMIN)]),
    ("/prices/overrides/{name}",             &[("DELETE", ADMIN)]),
    // Managed devices, and what is decided for them.
    ("/device-groups",                       &[("GET", SEES_FLEET), ("POST", FLEET)]),
    ("/device-groups/{id}",                  &[("GET", SEES_FLEET), ("PATCH", FLEET), ("DELETE", FLEET)]),
    ("/devices",                             &[("GET", ALL)]),
    ("/devices/facets",                      &[("GET", ALL)]),
    ("/devices/move",                        &[("POST", FLEET)]),
    ("/devices/scan",                        &[("POST", FLEET)]),
    ("/devices/{id}",                        &[("GET", ALL), ("PATCH", FLEET), ("DELETE", FLEET)]),
    ("/devices/{id}/apps",                   &[("GET", ALL)]),
    ("/devices/{id}/clear-quarantine",       &[("POST", FLEET)]),
    ("/devices/{id}/effects",                &[("GET", ALL)]),
    ("/devices/{id}/inventory",              &[("GET", ALL)]),
    ("/devices/{id}/scan",                   &[("POST", FLEET)]),
    ("/enrolment-tokens",                    &[("GET", SEES_FLEET), ("POST", FLEET)]),
    ("/enrolment-tokens/{id}/revoke",        &[("POST", FLEET)]),
    ("/edge/access-requests",                &[("GET", SEES_FLEET)]),
    ("/edge/access-requests/{id}",           &[("GET", SEES_FLEET)]),
    ("/edge/access-requests/{id}/decline",   &[("POST", FLEET)]),
    ("/edge/access-requests/{id}/grant",     &[("POST", FLEET)]),
    ("/edge/apps",                           &[("GET", SEES_FLEET)]),
    ("/edge/app-rules",                      &[("GET", SEES_FLEET)]),
    ("/edge/apps/{app}",                     &[("PUT", FLEET), ("DELETE", FLEET)]),
    ("/edge/authority",                      &[("GET", SEES_FLEET), ("PUT", ADMIN)]),
    ("/edge/authority/certificate",          &[("GET", SEES_FLEET)]),
    ("/edge/decisions",                      &[("POST", FLEET)]),
    ("/edge/hosts",                          &[("GET", SEES_FLEET)]),
    ("/edge/hosts/{host}",                   &[("PUT", FLEET), ("DELETE", FLEET)]),
    ("/edge/mcp-rules",                      &[("GET", SEES_FLEET), ("PUT", FLEET)]),
    ("/edge/mcp-rules/{id}",                 &[("DELETE", FLEET)]),
    ("/edge/mcp-servers",                    &[("GET", SEES_FLEET)]),
    ("/edge/mcp-servers/{identity}",         &[("GET", SEES_FLEET)]),
    ("/edge/settings",                       &[("GET", SEES_FLEET), ("PUT", FLEET)]),
];

/// Outside the versioned API. It shows what all teams spend together.
const METRICS: Row = ("/metrics", &[("GET", SEES_FLEET)]);

/// What a call is to, as the table says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// An operation, for these roles.
    Operation(Roles),
    /// A path without this method.
    Path(&'static [(&'static str, Roles)]),
    /// Nothing that the table knows.
    Nothing,
}

/// The row of an operation; `path` is the route's template.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let row = match path.strip_prefix(crate::router::BASE) {
        Some(below) => TABLE.iter().find(|(template, _)| *template == below),
        None => Some(&METRICS).filter(|(template, _)| *template == path),
    };
    let Some((_, methods)) = row else {
        return Found::Nothing;
    };
    // What answers GET answers HEAD.
    let method = if method == "HEAD" { "GET" } else { method };
    match methods.iter().find(|(known, _)| *known == method) {
        Some((_, roles)) => Found::Operation(roles),
        None => Found::Path(methods),
    }
}

/// Refuses a call that its caller's role may not make.
///
/// # Errors
/// `forbidden`, naming the roles that may; `method_not_allowed` where the path has no such method.
pub(crate) fn check(method: &Method, path: &str, grant: Grant) -> Result<(), Problem> {
    let roles = match find(method.as_str(), path) {
        Found::Operation(roles) => roles,
        Found::Path(methods) => {
            let methods: Vec<&str> = methods.iter().map(|(method, _)| *method).collect();
            let detail = format!("The methods served here are {}.", methods.join(", "));
            return Err(Problem::new(Code::MethodNotAllowed, detail));
        }
        Found::Nothing => &[],
    };
    if roles.contains(&grant.role()) {
        Ok(())
    } else {
        Err(forbidden(roles, grant.role()))
    }
}

fn forbidden(roles: Roles, role: Role) -> Problem {
    let names: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
    let detail = match names.split_last() {
        None => "No role may do this.".to_owned(),
        Some((one, [])) => format!("Only the role {one} may do this; yours is `{role}`."),
        Some((last, rest)) => format!(
            "Only the roles {} and {last} may do this; yours is `{role}`.",
            rest.join(", ")
        ),
    };
    Problem::new(Code::Forbidden, detail)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_row_that_is_not_there_lets_nobody_in() {
        for role in Role::ALL {
            let team = tidegate_types::TeamId::generate(tidegate_types::Timestamp::from_micros(0));
            let grant = Grant::new(role, None).or(Grant::new(role, Some(team)));
            let refused = check(&Method::GET, "/api/v1/nowhere", grant.unwrap()).unwrap_err();
            assert_eq!(refused.code(), Code::Forbidden);
            let refused = check(&Method::GET, "/api/v1/metrics", grant.unwrap()).unwrap_err();
            assert_eq!(refused.code(), Code::Forbidden, "{role}");
        }
        let patch = check(&Method::PATCH, "/api/v1/keys", Grant::Admin).unwrap_err();
        assert_eq!(patch.code(), Code::MethodNotAllowed);
    }

    #[test]
    fn an_admin_may_everything_and_a_reader_changes_only_what_is_their_own() {
        let mut seen = BTreeSet::new();
        for (path, methods) in TABLE.iter().chain([&METRICS]) {
            assert!(seen.insert(path), "{path} is there twice");
            for (method, roles) in *methods {
                assert!(roles.contains(&Role::Admin), "{method} {path}");
                let changes = *method != "GET";
                let own = path.starts_with("/sessions")
                    || path.starts_with("/accounts/current/")
                    || path.starts_with("/views")
                    || *path == "/accounts/{id}/sign-out";
                if changes && !own {
                    assert!(!roles.contains(&Role::ReadOnly), "{method} {path}");
                }
            }
        }
    }
}
