//! Virtual keys: made, narrowed, switched, rotated, revoked.

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_types::PlainKey;

use crate::harness::Api;

async fn key(api: &Api, body: Value) -> (String, String) {
    let made = api.post("/keys", body).await;
    let id = made["key"]["id"].as_str().unwrap().to_owned();
    (id, made["secret"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_is_made_with_its_limits_and_shown_without_its_secret() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let user = json!({ "email": "ada@example.com", "name": "Ada", "team": team });
    let user = api.post("/users", user).await["id"].clone();
    let allow =
        json!({ "providers": ["openai"], "models": ["gpt-4o*"], "routes": ["chat.completions"] });
    let body = json!({
        "name": "batch", "team": team, "user": user, "allow": allow, "log_content": true,
        "expires_at": "2027-01-01T00:00:00Z",
    });
    let (id, secret) = key(&api, body).await;
    let shown = api.get(&format!("/keys/{id}")).await;
    assert_eq!(shown["name"], "batch");
    assert_eq!((&shown["team"], &shown["user"]), (&team, &user));
    assert_eq!(shown["allow"], allow);
    assert_eq!(shown["log_content"], true);
    assert_eq!(shown["expires_at"], "2027-01-01T00:00:00.000000Z");
    assert_eq!(
        shown["hint"],
        format!("sk-tg-…{}", &secret[secret.len() - 4..])
    );
    assert_eq!(shown["revoked_at"], Value::Null);
    let hash = PlainKey::hash_presented(PlainKey::VIRTUAL, &secret).unwrap();
    let stored = api.store.key(id.parse().unwrap()).await.unwrap();
    assert!(stored.hash.matches(&hash));
}

#[tokio::test]
async fn all_errors_of_a_key_come_at_once() {
    let api = Api::start().await;
    let body = json!({
        "name": "", "team": "user_x", "allow": { "models": ["a b"], "hosts": [] },
        "expires_at": "tomorrow", "log_content": "yes", "secret": "mine",
    });
    let answer = api.call("POST", "/keys", Some(body)).await;
    assert_eq!(
        answer.places(),
        [
            "/name",
            "/team",
            "/allow/models/0",
            "/allow/hosts",
            "/log_content",
            "/expires_at",
            "/secret"
        ]
    );
}

#[tokio::test]
async fn what_the_store_refuses_is_a_field_error_or_a_conflict() {
    let api = Api::start().await;
    let past = json!({ "name": "k", "expires_at": "2020-01-01T00:00:00Z" });
    assert_eq!(
        api.call("POST", "/keys", Some(past)).await.places(),
        ["/expires_at"]
    );
    let nobody = json!({ "name": "k", "team": "team_00000000000000000000000000" });
    let answer = api.call("POST", "/keys", Some(nobody)).await;
    assert_eq!(answer.places(), ["/team"]);
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let (id, _) = key(
        &api,
        json!({ "name": "k", "team": team, "log_content": true }),
    )
    .await;
    let path = format!("/keys/{id}");
    let patch = |body: Value| api.call("PATCH", &path, Some(body));
    let renamed = patch(json!({ "name": "other" })).await.json();
    assert_eq!(
        (&renamed["name"], &renamed["team"]),
        (&json!("other"), &team)
    );
    assert_eq!(renamed["log_content"], true);
    let freed = patch(json!({ "team": null, "log_content": false }))
        .await
        .json();
    assert_eq!(
        (&freed["name"], &freed["team"]),
        (&json!("other"), &Value::Null)
    );
    assert_eq!(freed["log_content"], false);
    let same = patch(json!({})).await;
    assert_eq!(same.json(), freed);
    assert_eq!(
        patch(json!({ "name": null, "hint": "x" })).await.places(),
        ["/name", "/hint"]
    );
}

#[tokio::test]
async fn a_key_is_switched_off_and_on_and_off_for_good() {
    let api = Api::start().await;
    let (id, _) = key(&api, json!({ "name": "k" })).await;
    let path = |verb: &str| format!("/keys/{id}/{verb}");
    let call = async |verb: &str| api.call("POST", &path(verb), None).await;
    assert_eq!(call("disable").await.json()["disabled"], true);
    assert_eq!(call("enable").await.json()["disabled"], false);
    let revoked = call("revoke").await.json();
    assert_eq!(revoked["revoked_at"], "2026-11-25T12:00:00.000000Z");
    assert_eq!(
        call("revoke").await.json(),
        revoked,
        "twice changes nothing"
    );
    for verb in ["disable", "enable"] {
        assert_eq!(call(verb).await.code(), "conflict", "{verb}");
    }
    let rotate = api.call("POST", &path("rotate"), Some(json!({}))).await;
    assert_eq!(
        (rotate.status, rotate.code().as_str()),
        (StatusCode::CONFLICT, "conflict")
    );
}

#[tokio::test]
async fn a_rotation_gives_a_new_secret_and_keeps_the_old_for_a_while() {
    let api = Api::start().await;
    let (id, old) = key(&api, json!({ "name": "k" })).await;
    let path = format!("/keys/{id}/rotate");
    let rotated = api.post(&path, json!({ "grace_seconds": 3600 })).await;
    assert_ne!(rotated["secret"], old);
    assert_eq!(rotated["key"]["id"], id);
    assert_eq!(
        rotated["key"]["previous_valid_until"],
        "2026-11-25T13:00:00.000000Z"
    );
    for bad in [json!(-1), json!(2_592_001), json!("1h"), json!(1.5)] {
        let answer = api
            .call("POST", &path, Some(json!({ "grace_seconds": bad })))
            .await;
        assert_eq!(answer.places(), ["/grace_seconds"]);
    }
    let day = api.post(&path, json!({})).await;
    assert_eq!(
        day["key"]["previous_valid_until"],
        "2026-11-26T12:00:00.000000Z"
    );
}

#[tokio::test]
async fn keys_are_filtered() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let (in_team, _) = key(&api, json!({ "name": "a", "team": team })).await;
    let (named, _) = key(&api, json!({ "name": "b" })).await;
    api.post(&format!("/keys/{named}/revoke"), json!({})).await;
    let ids = async |query: &str| -> Vec<String> {
        let page = api.get(&format!("/keys{query}")).await;
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("").await, [in_team.as_str()]);
    assert_eq!(
        ids("?revoked=true").await,
        [in_team.as_str(), named.as_str()]
    );
    assert_eq!(ids("?revoked=true&name=b").await, [named.as_str()]);
    assert_eq!(
        ids(&format!("?team={}", team.as_str().unwrap())).await,
        [in_team.as_str()]
    );
    let bad = api
        .call("GET", "/keys?revoked=yes&team=x&sort=name&limit=0", None)
        .await;
    assert_eq!(bad.places(), ["team", "revoked", "limit", "sort"]);
    assert_eq!(
        api.call("GET", "/keys?limit=1&limit=2", None)
            .await
            .places(),
        ["limit"]
    );
}

#[tokio::test]
async fn ids_of_another_kind_or_of_nothing_are_not_found() {
    let api = Api::start().await;
    for id in [
        "key_00000000000000000000000000",
        "team_00000000000000000000000000",
        "x",
        "%00",
        "1",
    ] {
        let answer = api.call("GET", &format!("/keys/{id}"), None).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found")
        );
    }
}

#[tokio::test]
async fn names_stand_beside_the_ids_of_whom_keys_and_limits_are_for() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "Platform" })).await["id"].clone();
    let new = json!({ "name": "Ada", "email": "ada@example.com", "team": team });
    let user = api.post("/users", new).await["id"].clone();
    let made = api
        .post(
            "/keys",
            json!({ "name": "batch", "team": team, "user": user }),
        )
        .await;
    let key = made["key"]["id"].as_str().unwrap();
    let listed = api.get("/keys").await["items"][0].clone();
    for view in [
        made["key"].clone(),
        listed,
        api.get(&format!("/keys/{key}")).await,
    ] {
        assert_eq!(
            (&view["team_name"], &view["user_name"]),
            (&json!("Platform"), &json!("Ada"))
        );
    }
    let alone = api.post("/keys", json!({ "name": "alone" })).await["key"].clone();
    assert_eq!(
        (&alone["team_name"], &alone["user_name"]),
        (&Value::Null, &Value::Null)
    );

    for (scope, name) in [
        (json!(key), json!("batch")),
        (team, json!("Platform")),
        (user, json!("Ada")),
        (json!("organization"), Value::Null),
    ] {
        let limit = json!({ "scope": scope, "requests_per_minute": 1 });
        let limit = api.post("/limits", limit).await;
        assert_eq!(limit["scope_name"], name);
        let path = format!("/limits/{}", limit["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await["scope_name"], name);
    }
    let listed = api.get("/limits").await;
    let names: Vec<&Value> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|limit| &limit["scope_name"])
        .collect();
    assert_eq!(
        names,
        [
            &json!("batch"),
            &json!("Platform"),
            &json!("Ada"),
            &Value::Null
        ]
    );
}
