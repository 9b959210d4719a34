//! One walk through every operation: each succeeds once, each change is audited, no secret ever
//! comes back, and none is in the database.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    access::operations,
    authority, device_groups, devices, fleet,
    harness::{Api, UPSTREAM_KEY},
    requests, scim, second_factor, sign_in,
};

const PASSWORD: &str = "correct horse battery";
const NEXT_PASSWORD: &str = "another horse battery";

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Walks through all operations; returns every secret that was made on the way.
async fn walk(api: &Api) -> Vec<String> {
    let mut secrets = vec![
        api.token.clone(),
        PASSWORD.to_owned(),
        NEXT_PASSWORD.to_owned(),
    ];
    api.reload_prices().await;
    secrets.extend(people(api).await);
    secrets.extend(keys_and_money(api).await);
    secrets.extend(managed(api).await);
    guardrails(api).await;
    device_groups::walk(api).await;
    secrets.push(scim::walk(api).await);
    secrets.extend(sign_in::walk::walk(api).await);
    for path in [
        "/info",
        "/providers",
        "/providers/openai",
        "/prices",
        "/prices/overrides",
        "/audit",
        "/audit/verify",
        "/requests",
        "/openapi.json",
        "/keys?revoked=true",
        "/devices",
        "/edge/access-requests",
        "/edge/app-rules",
        "/edge/apps",
        "/edge/authority",
        "/edge/authority/certificate",
        "/edge/hosts",
        "/edge/mcp-rules",
        "/edge/mcp-servers",
        "/edge/settings",
        "/enrolment-tokens",
        "/groups",
        "/scim-tokens",
        "/teams",
        "/users",
        "/budgets",
        "/limits",
        "/accounts",
        "/tokens",
        "/usage?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z",
        "/budgets/what-if?scope=organization&cap_micro_usd=1&window=1d",
        "/devices/facets",
        "/overview",
        "/cache",
    ] {
        let answer = api.call("GET", path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
    let purged = api.call("DELETE", "/cache", None).await;
    assert_eq!(purged.status, StatusCode::OK, "{}", purged.text);
    let listen = http::Request::get("/api/v1/events")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", api.token));
    api.head(listen.body(axum::body::Body::empty()).unwrap())
        .await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let request = http::Request::get(path).header("host", "localhost");
        let answer = api
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    secrets
}

async fn guardrails(api: &Api) {
    let definition = json!({
        "detect": { "kind": "rules", "groups": ["secrets"] },
        "action": { "do": "redact", "with": "mask" },
    });
    let new = json!({ "name": "no secrets", "definition": definition });
    let made = api.post("/guardrails", new).await;
    let path = format!("/guardrails/{}", text(&made["id"]));
    let text = format!("a {} b", ["AKIA", "QYLPMN5HHHFPZAM2"].concat());
    let tried = json!({ "definition": definition, "text": text });
    let tried = api.post("/guardrails/test", tried).await;
    assert_eq!(tried["text"], "a ****************ZAM2 b", "{tried}");
    assert_eq!(tried["found"][0]["start"], 2);
    let change = json!({ "enabled": false });
    api.call("PATCH", &path, Some(change)).await;
    for path in [
        "/guardrails",
        &path,
        "/guardrails/detectors",
        "/guardrails/findings",
    ] {
        let answer = api.call("GET", path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
    let bad = json!({ "name": "x", "definition": {
        "detect": { "kind": "terms", "patterns": ["("] }, "action": { "do": "log" } } });
    let bad = api.call("POST", "/guardrails", Some(bad)).await;
    assert_eq!(
        bad.places(),
        ["/definition/detect/patterns"],
        "{}",
        bad.text
    );
    api.call("DELETE", &path, None).await;
}

async fn people(api: &Api) -> Vec<String> {
    // The last admin with a password could not be switched off.
    api.account("root@example.com", PASSWORD).await;
    let made = api
        .post("/accounts", json!({ "email": "ada@example.com" }))
        .await;
    let once = text(&made["one_time_password"]);
    let account = format!("/accounts/{}", text(&made["account"]["id"]));
    let body = json!({ "email": "ada@example.com", "password": once, "new_password": PASSWORD });
    let session = text(
        &api.call_as("", "POST", "/sessions", Some(body))
            .await
            .json()["token"],
    );
    let change = json!({ "current_password": PASSWORD, "new_password": NEXT_PASSWORD });
    let changed = api
        .call_as(&session, "PUT", "/accounts/current/password", Some(change))
        .await;
    let next = text(&changed.json()["token"]);
    let mut secrets = signed_in(api, &next, &account).await;
    let reset = api
        .post(&format!("{account}/reset-password"), json!({}))
        .await;
    api.post(&format!("{account}/disable"), json!({})).await;
    api.post(&format!("{account}/enable"), json!({})).await;
    let token = api.post("/tokens", json!({ "name": "ci" })).await;
    api.post(
        &format!("/tokens/{}/revoke", text(&token["token"]["id"])),
        json!({}),
    )
    .await;
    secrets.extend([
        once,
        session,
        next,
        text(&reset["one_time_password"]),
        text(&token["secret"]),
    ]);
    secrets
}

/// What an account does about its own sessions and second factor, and an admin about those of others.
async fn signed_in(api: &Api, session: &str, account: &str) -> Vec<String> {
    let view = json!({ "page": "devices", "name": "Missing", "query": "presence=missing" });
    let view = api
        .call_as(session, "POST", "/views", Some(view))
        .await
        .json();
    api.call_as(session, "GET", "/views", None).await;
    let view = format!("/views/{}", text(&view["id"]));
    api.call_as(session, "DELETE", &view, None).await;
    let own = "/accounts/current/totp";
    for path in ["/sessions/current", "/sessions"] {
        api.call_as(session, "GET", path, None).await;
    }
    let password = || Some(json!({ "password": NEXT_PASSWORD }));
    let begun = api.call_as(session, "POST", own, password()).await;
    let begun = begun.json();
    let secret = text(&begun["secret"]);
    let now = u64::try_from(api.now().micros() / 1_000_000).unwrap();
    let code = second_factor::app(&secret).generate(now).to_string();
    let confirm = Some(json!({ "code": code }));
    let confirmed = api.call_as(session, "PUT", own, confirm).await.json();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    let mut secrets: Vec<String> = codes.iter().map(text).collect();
    let remove = Some(json!({ "code": secrets[0] }));
    api.call_as(session, "DELETE", own, remove).await;
    api.call_as(session, "POST", own, password()).await;
    api.call_as(session, "DELETE", "/sessions/current", None)
        .await;
    api.post(&format!("{account}/reset-totp"), json!({})).await;
    api.sign_in("ada@example.com", NEXT_PASSWORD).await;
    let sessions = api.get("/sessions").await;
    let path = format!("/sessions/{}", text(&sessions["items"][0]["id"]));
    api.call("DELETE", &path, None).await;
    api.post(&format!("{account}/sign-out"), json!({})).await;
    let name = Some(json!({ "name": "Ada" }));
    api.call("PATCH", account, name).await;
    secrets.push(secret);
    secrets
}

async fn keys_and_money(api: &Api) -> Vec<String> {
    let team = text(&api.post("/teams", json!({ "name": "research" })).await["id"]);
    let new = json!({ "email": "bob@example.com", "name": "Bob", "team": team });
    let user = text(&api.post("/users", new).await["id"]);
    let made = api
        .post("/keys", json!({ "name": "k", "user": user }))
        .await;
    let key = text(&made["key"]["id"]);
    let rotated = api.post(&format!("/keys/{key}/rotate"), json!({})).await;
    let budget = json!({ "scope": key, "cap_micro_usd": 5, "window": "1h" });
    let budget = text(&api.post("/budgets", budget).await["id"]);
    let limit = json!({ "scope": key, "concurrency": 1 });
    let limit = text(&api.post("/limits", limit).await["id"]);
    let row = json!({ "family": "openai", "model": "mine", "input": "1", "output": "2" });
    api.call("PUT", "/prices/overrides", Some(row)).await;
    let logged = requests::log(api, key.parse().unwrap()).await;
    api.get(&format!("/requests/{}", logged[2])).await;
    for (path, body) in [
        (format!("/teams/{team}"), json!({ "name": "science" })),
        (format!("/users/{user}"), json!({ "name": "Robert" })),
        (format!("/keys/{key}"), json!({ "name": "l" })),
        (format!("/budgets/{budget}"), json!({ "cap_micro_usd": 6 })),
        (format!("/limits/{limit}"), json!({ "concurrency": 2 })),
    ] {
        api.get(&path).await;
        let answer = api.call("PATCH", &path, Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
    for verb in ["disable", "enable", "revoke"] {
        api.post(&format!("/keys/{key}/{verb}"), json!({})).await;
    }
    for path in [
        format!("/budgets/{budget}"),
        format!("/limits/{limit}"),
        format!("/users/{user}"),
        format!("/teams/{team}"),
        "/prices/overrides/openai%2Fmine".to_owned(),
    ] {
        let answer = api.call("DELETE", &path, None).await;
        assert_eq!(
            answer.status,
            StatusCode::NO_CONTENT,
            "{path}: {}",
            answer.text
        );
    }
    vec![text(&made["secret"]), text(&rotated["secret"])]
}

async fn managed(api: &Api) -> Vec<String> {
    let new = json!({ "name": "laptops", "expires_at": "2026-12-01T00:00:00Z" });
    let made = api.post("/enrolment-tokens", new).await;
    let token = text(&made["secret"]);
    let device = devices::call(api, "enrol", "", &devices::machine(&token, "host")).await;
    assert_eq!(device.status, StatusCode::CREATED, "{}", device.text);
    let (id, key) = (
        text(&device.json()["device_id"]),
        text(&device.json()["device_key"]),
    );
    let revoke = format!("/enrolment-tokens/{}/revoke", text(&made["token"]["id"]));
    api.post(&revoke, json!({})).await;
    let path = format!("/devices/{id}");
    api.get(&path).await;
    api.get(&format!("{path}/apps")).await;
    fleet(api, &id, &key).await;
    let own = authority::own();
    let settings = json!({
        "fail": "closed", "check_in_seconds": 30, "default_decision": "pending",
        "default_mode": "gateway", "default_pinned": "block", "never_block": [],
    });
    for (method, path, body) in [
        ("PATCH", path.as_str(), json!({ "name": "renamed" })),
        ("PUT", "/edge/apps/codex", json!({ "decision": "denied" })),
        (
            "PUT",
            "/edge/hosts/llm.example.com",
            json!({ "treatment": "governed" }),
        ),
        ("PUT", "/edge/settings", settings),
        ("PUT", "/edge/authority", own.clone()),
    ] {
        let answer = api.call(method, path, Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
    for path in ["/edge/hosts/llm.example.com", path.as_str()] {
        let answer = api.call("DELETE", path, None).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
    }
    vec![token, key, text(&own["private_key_pem"])]
}

/// What is on a device, what is decided about it, and what its person asks for.
async fn fleet(api: &Api, id: &str, key: &str) {
    let asked = fleet::with_server(api, key).await;
    let path = format!("/devices/{id}");
    for place in ["inventory", "effects"] {
        api.get(&format!("{path}/{place}")).await;
    }
    api.get("/edge/mcp-servers/npm%3A%40acme%2Ftool").await;
    let rule = json!({ "identity": "npm:@acme/tool", "decision": "denied" });
    let rule = api.call("PUT", "/edge/mcp-rules", Some(rule)).await.json();
    let rule = format!("/edge/mcp-rules/{}", text(&rule["id"]));
    let many = json!({ "items": [{ "app": "cursor" }], "decision": "denied" });
    api.post("/edge/decisions", many).await;
    for gone in [rule.as_str(), "/edge/apps/cursor"] {
        let answer = api.call("DELETE", gone, None).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{gone}");
    }
    for (request, verb) in asked.iter().zip(["grant", "decline"]) {
        let path = format!("/edge/access-requests/{request}");
        api.get(&path).await;
        api.post(&format!("{path}/{verb}"), json!({})).await;
    }
    api.post(&format!("{path}/scan"), json!({})).await;
    api.post("/devices/scan", json!({ "devices": [id] })).await;
    api.post(&format!("{path}/clear-quarantine"), json!({}))
        .await;
}

/// Whether a called path is one of a template of the document.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[tokio::test]
async fn every_operation_succeeds_is_audited_and_keeps_secrets() {
    let api = Api::managing(10).await;
    let secrets = walk(&api).await;
    let calls = std::mem::take(&mut *api.calls.lock().unwrap());

    for (method, template, _) in operations() {
        let called = calls.iter().any(|call| {
            // A browser that signs in is sent on.
            (call.status.is_success() || call.status.is_redirection())
                && call.method.as_str() == method
                && fits(&template, &call.path)
        });
        assert!(called, "{method} {template} never succeeded");
    }

    // The secrets are answered by the calls that make them, and by no others.
    for secret in &secrets {
        let told = calls
            .iter()
            .filter(|call| call.text.contains(secret.as_str()));
        let told: Vec<&Method> = told.map(|call| &call.method).collect();
        assert!(told.len() <= 1 && !told.contains(&&Method::GET), "{told:?}");
    }
    for call in &calls {
        assert!(
            !call.text.contains(UPSTREAM_KEY) && !call.text.contains("$argon2"),
            "{call:?}"
        );
    }
    let database = api.database_bytes();
    assert!(!database.is_empty());
    for secret in &secrets {
        let found = database
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "a secret is in the database in plain");
    }

    let mut before = 0;
    for call in calls
        .iter()
        .filter(|call| !call.method.is_safe() && call.status.is_success())
        // What devices say is no change by anyone, and a saved view changes nothing for anybody.
        .filter(|call| {
            !["/check-in", "/inventory"]
                .iter()
                .any(|end| call.path.ends_with(end))
                && !call.path.starts_with("/api/v1/views")
                && !call.path.ends_with("/guardrails/test")
        })
    {
        assert!(
            call.audited > before,
            "{} {} left no audit entry",
            call.method,
            call.path
        );
        before = call.audited;
    }
}
