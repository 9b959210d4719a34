//! Who may do what, tried: every operation of the OpenAPI document × every role, against two teams'
//! things. What the document says (`x-tidegate-roles`) is what happens, and an admin of one team neither
//! changes nor sees anything of the other.

mod bed;
mod table;

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_types::Role;

use self::bed::{Bed, Caller};

/// An operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) summary: String,
    /// Who may call it; nobody is named where no credential is needed.
    pub(crate) roles: Option<Vec<Role>>,
}

pub(crate) fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(tidegate_control::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let roles = operation["x-tidegate-roles"].as_array().map(|roles| {
                let parse = |role: &Value| role.as_str().unwrap().parse().unwrap();
                roles.iter().map(parse).collect()
            });
            let text = |field: &str| operation[field].as_str().unwrap().to_owned();
            all.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                tag: operation["tags"][0].as_str().unwrap().to_owned(),
                name: text("operationId"),
                summary: text("summary"),
                roles,
            });
        }
    }
    all
}

/// Those that need a credential always. The metrics need one only where others reach the listener.
fn guarded() -> impl Iterator<Item = Operation> {
    let versioned = |operation: &Operation| operation.path.starts_with("/api/v1");
    let all = operations().into_iter().filter(versioned);
    all.filter(|operation| operation.roles.is_some())
}

#[test]
fn every_operation_that_needs_a_credential_is_in_the_table() {
    for operation in crate::access::operations() {
        let (method, path, open) = operation;
        let mut known = operations().into_iter();
        let known = known.find(|known| known.method == method && known.path == path);
        let rows = known.unwrap().roles.is_some();
        if path != "/metrics" {
            assert_eq!(
                rows, !open,
                "{method} {path}: no row, or a row that is not asked"
            );
        }
    }
}

/// Tries one operation as everybody who may not call it, then as those who may.
async fn try_out(bed: &Bed, operation: &Operation) {
    let Operation {
        method, path, name, ..
    } = operation;
    let roles = operation.roles.as_deref().unwrap();
    let nobody = bed.call(Caller::Nobody, operation).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    for role in Role::ALL.into_iter().filter(|role| !roles.contains(role)) {
        let answer = bed.call(Caller::Role(role), operation).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} as {role}");
        assert_eq!(answer.code(), "forbidden", "{name} as {role}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        for may in roles {
            assert!(detail.contains(&format!("`{may}`")), "{name}: {detail}");
        }
    }
    if roles.contains(&Role::TeamAdmin) {
        let other = bed.call(Caller::OtherTeam, operation).await;
        bed.nothing_of_the_team_in(&other.text, &format!("{name} of another team"));
        if bed.is_of_the_team(path) {
            assert_eq!(
                other.status,
                StatusCode::NOT_FOUND,
                "{name}: {}",
                other.text
            );
        } else {
            assert_ne!(
                other.status,
                StatusCode::FORBIDDEN,
                "{name}: {}",
                other.text
            );
        }
        let own = bed.call(Caller::Role(Role::TeamAdmin), operation).await;
        if path.contains("/current/") {
            // What one does to one's own password and second factor has tests of its own.
            assert_ne!(own.status, StatusCode::FORBIDDEN, "{name}: {}", own.text);
        } else {
            assert!(own.status.is_success(), "{name} of the team: {}", own.text);
        }
    }
    for role in roles.iter().filter(|role| **role != Role::TeamAdmin) {
        let answer = bed.call(Caller::Role(*role), operation).await;
        let status = answer.status;
        assert_ne!(
            status,
            StatusCode::UNAUTHORIZED,
            "{name} as {role}: {}",
            answer.text
        );
        if status == StatusCode::FORBIDDEN {
            assert_ne!(answer.code(), "forbidden", "{name} as {role}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_lets_in_whom_the_document_names() {
    let reading = Bed::new().await;
    let mut tried = 0;
    for operation in guarded() {
        tried += 1;
        // What changes something gets a place of its own: the next operation needs it unchanged.
        if operation.method == "GET" {
            try_out(&reading, &operation).await;
        } else {
            try_out(&Bed::new().await, &operation).await;
        }
    }
    assert!(tried >= 90, "{tried}");
}

/// Filters and bodies are ways to another team's things too.
#[tokio::test]
async fn an_admin_of_another_team_gets_there_by_no_filter_and_no_body() {
    let bed = Bed::new().await;
    let (team, user, key, device) = (&bed.team, &bed.user, &bed.key, &bed.device);
    let time = "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z";
    let mut queries = BTreeMap::new();
    for list in ["users", "keys", "devices", "requests"] {
        queries.insert(format!("/{list}?team={team}"), StatusCode::NOT_FOUND);
    }
    queries.insert(format!("/usage?{time}&team={team}"), StatusCode::NOT_FOUND);
    for list in [
        format!("/keys?user={user}&revoked=true&devices=true"),
        format!("/devices?user={user}"),
        format!("/requests?key={key}"),
        format!("/requests?user={user}"),
        format!("/requests?device={device}"),
        format!("/usage?{time}&key={key}&group_by=user"),
        format!("/usage?{time}&group_by=key"),
        format!("/budgets?scope={team}"),
        format!("/budgets?scope={user}"),
        "/budgets?scope=organization".to_owned(),
        format!("/limits?scope={key}"),
    ] {
        queries.insert(list, StatusCode::OK);
    }
    for (query, status) in queries {
        let answer = bed.other("GET", &query, None).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        bed.nothing_of_the_team_in(&answer.text, &query);
        if let Some(items) = (status == StatusCode::OK).then(|| answer.json()) {
            let first = items.get("items").map(|items| &items[0]);
            let foreign = query.contains("scope=") || query.starts_with("/keys?user");
            assert!(!foreign || first == Some(&Value::Null), "{query}: {items}");
        }
    }
    for (path, body, place) in [
        (
            "/users",
            json!({ "email": "x@example.com", "name": "X", "team": team }),
            "/team",
        ),
        ("/keys", json!({ "name": "x", "team": team }), "/team"),
        ("/keys", json!({ "name": "x", "user": user }), "/user"),
        (
            "/budgets",
            json!({ "scope": team, "cap_micro_usd": 1, "window": "1d" }),
            "/scope",
        ),
        (
            "/budgets",
            json!({ "scope": "organization", "cap_micro_usd": 1, "window": "1d" }),
            "/scope",
        ),
        (
            "/limits",
            json!({ "scope": user, "concurrency": 1 }),
            "/scope",
        ),
        (
            "/limits",
            json!({ "scope": key, "concurrency": 1 }),
            "/scope",
        ),
    ] {
        let answer = bed.other("POST", path, Some(body.clone())).await;
        assert_eq!(answer.places(), [place], "{path} {body}");
    }
}

/// A team's admin makes things in the team, and takes none out of it or into it.
#[tokio::test]
async fn what_a_team_admin_makes_is_the_teams_and_stays_there() {
    let bed = Bed::new().await;
    let new = json!({ "email": "new@example.com", "name": "New" });
    let user = bed.own("POST", "/users", Some(new)).await.json();
    assert_eq!(user["team"], bed.team, "said or not");
    let key = json!({ "name": "new", "user": user["id"] });
    let key = bed.own("POST", "/keys", Some(key)).await.json()["key"].clone();
    assert_eq!(key["team"], bed.team);
    let user = format!("/users/{}", user["id"].as_str().unwrap());
    let key = format!("/keys/{}", key["id"].as_str().unwrap());
    for (path, to) in [
        (&user, json!({ "team": null })),
        (&user, json!({ "team": bed.other_team })),
        (&key, json!({ "team": bed.other_team })),
        (&key, json!({ "team": null })),
    ] {
        let answer = bed.own("PATCH", path, Some(to.clone())).await;
        assert_eq!(answer.code(), "forbidden", "{path} {to}");
    }
    let renamed = bed
        .own("PATCH", &user, Some(json!({ "name": "Newer" })))
        .await;
    assert_eq!(renamed.status, StatusCode::OK);

    // A key that is the team's by its user alone leaves with the user's name.
    let by_user = json!({ "name": "by user", "user": bed.user });
    let by_user = bed.api.post("/keys", by_user).await["key"]["id"].clone();
    let path = format!("/keys/{}", by_user.as_str().unwrap());
    assert_eq!(bed.own("GET", &path, None).await.status, StatusCode::OK);
    let freed = bed.own("PATCH", &path, Some(json!({ "user": null }))).await;
    assert_eq!(freed.code(), "forbidden");
    assert_eq!(bed.other("GET", &path, None).await.code(), "not_found");
}

/// Prompts are for who decides, not for everybody who sees that there was a call.
#[tokio::test]
async fn only_admin_and_security_read_prompts() {
    let bed = Bed::new().await;
    for role in Role::ALL {
        let path = format!("/requests/{}", bed.request);
        let answer = bed.as_role(role, "GET", &path, None).await;
        let answer = answer.json();
        let content = !answer["content"].is_null();
        let may = matches!(role, Role::Admin | Role::Security);
        assert_eq!(content, may, "{role}");
        assert_eq!(
            answer["request"]["has_content"], true,
            "that there is some, all see"
        );
    }
}
