//! What devices obey, as an operator decides it: apps, hosts, settings.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    devices::{call, enrolled, text},
    harness::Api,
};

async fn put(api: &Api, path: &str, body: Value) -> Value {
    let answer = api.call("PUT", path, Some(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

fn find<'a>(list: &'a Value, field: &str, name: &str) -> Option<&'a Value> {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item[field] == name)
}

async fn newest(api: &Api) -> Value {
    api.get("/audit?limit=1").await["items"][0].clone()
}

#[tokio::test]
async fn apps_are_those_known_seen_and_decided() {
    let api = Api::managing(10).await;
    let device = enrolled(&api, "host").await;
    let seen =
        json!({ "app": "secret-tool", "path": "/opt/t", "relayed": 3, "denied": 0, "pinned": 1 });
    let body = json!({
        "revision": 0, "agent_version": "0.1.0", "effective": true, "apps": [seen],
    });
    call(&api, "check-in", &text(&device["device_key"]), &body).await;
    let list = api.get("/edge/apps").await;
    let known = find(&list, "app", "claude-code").unwrap();
    assert_eq!(
        (&known["decision"], &known["mode"]),
        (&json!("pending"), &json!("pass_through"))
    );
    assert_eq!(
        (&known["kind"], &known["decided_by"]),
        (&json!("cli"), &Value::Null)
    );
    assert_eq!(known["seen"], Value::Null);
    let tool = find(&list, "app", "secret-tool").unwrap();
    assert_eq!(
        (&tool["vendor"], &tool["seen"]["devices"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(
        (&tool["seen"]["relayed"], &tool["seen"]["pinned"]),
        (&json!(3), &json!(1))
    );

    let before = api.edge().policy().document.revision;
    let note = "Use Claude Code instead.";
    let body = json!({ "decision": "denied", "mode": "gateway", "pinned": "block", "note": note });
    let decided = put(&api, "/edge/apps/secret-tool", body.clone()).await;
    assert_eq!(
        (&decided["decision"], &decided["note"]),
        (&json!("denied"), &json!(note))
    );
    assert!(text(&decided["decided_by"]).starts_with("tok_"));
    assert_eq!(decided["seen"]["devices"], 1);
    assert_eq!(
        find(&api.get("/edge/apps").await, "app", "secret-tool"),
        Some(&decided)
    );
    let audit = newest(&api).await;
    assert_eq!(
        (&audit["action"], &audit["target"]),
        (&json!("edge_app.decide"), &json!("secret-tool"))
    );
    let told = json!({ "audience": "fleet", "before": null, "after": body });
    assert_eq!(audit["detail"], told);
    assert_eq!(api.edge().policy().document.revision, before + 1);
    let plain = put(&api, "/edge/apps/codex", json!({ "decision": "approved" })).await;
    assert_eq!(
        (&plain["mode"], &plain["pinned"]),
        (&json!("pass_through"), &json!("bypass"))
    );
    assert_eq!(plain["note"], Value::Null);
}

#[tokio::test]
async fn decisions_that_make_no_sense_are_refused() {
    let api = Api::managing(10).await;
    let body = json!({ "decision": "forbidden", "mode": "x", "pinned": 1, "note": " ", "why": "" });
    let answer = api.call("PUT", "/edge/apps/codex", Some(body)).await;
    assert_eq!(
        answer.places(),
        ["/decision", "/mode", "/pinned", "/note", "/why"]
    );
    assert!(
        answer
            .text
            .contains("must be one of `approved` `denied` `pending`")
    );
    let body = json!({ "decision": "denied" });
    let answer = api
        .call("PUT", "/edge/apps/Not%20An%20Id", Some(body))
        .await;
    assert_eq!(answer.code(), "not_found");
}

#[tokio::test]
async fn hosts_are_the_builds_and_the_operators() {
    let api = Api::managing(10).await;
    let list = api.get("/edge/hosts").await;
    let known = find(&list, "host", "api.openai.com").unwrap().clone();
    assert_eq!(
        (&known["treatment"], &known["builtin"]),
        (&json!("governed"), &json!("governed"))
    );
    assert_eq!(known["set_at"], Value::Null);
    let host = "api.openai.com".parse().unwrap();
    assert!(api.edge().policy().document.governs(&host));

    let ignored = json!({ "treatment": "ignored" });
    let set = put(&api, "/edge/hosts/API.openai.com", ignored).await;
    assert_eq!(
        (&set["treatment"], &set["builtin"]),
        (&json!("ignored"), &json!("governed"))
    );
    assert!(set["set_at"].is_string());
    assert!(!api.edge().policy().document.governs(&host));
    assert_eq!(
        find(&api.get("/edge/hosts").await, "host", "api.openai.com"),
        Some(&set)
    );
    assert_eq!(newest(&api).await["action"], "edge_host.set");
    let own = put(
        &api,
        "/edge/hosts/llm.example.com",
        json!({ "treatment": "governed" }),
    )
    .await;
    assert_eq!(own["builtin"], Value::Null);

    let delete = |host: &'static str| api.call("DELETE", host, None);
    let gone = delete("/edge/hosts/api.openai.com").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(newest(&api).await["action"], "edge_host.delete");
    assert!(api.edge().policy().document.governs(&host));
    assert_eq!(
        delete("/edge/hosts/api.openai.com").await.code(),
        "not_found"
    );
    for (path, body, place) in [
        (
            "/edge/hosts/com",
            json!({ "treatment": "governed" }),
            "host",
        ),
        (
            "/edge/hosts/a.example.com",
            json!({ "treatment": "blocked" }),
            "/treatment",
        ),
    ] {
        let answer = api.call("PUT", path, Some(body)).await;
        assert_eq!(answer.places(), [place]);
    }
    let address = json!({ "treatment": "governed" });
    let answer = api.call("PUT", "/edge/hosts/10.0.0.1", Some(address)).await;
    assert_eq!(answer.code(), "not_found");
}

#[tokio::test]
async fn settings_hold_for_what_has_no_rule() {
    let api = Api::managing(10).await;
    let shown = api.get("/edge/settings").await;
    let expected = json!({
        "fail": "open", "check_in_seconds": 60, "default_decision": "pending",
        "default_mode": "pass_through", "default_pinned": "bypass", "never_block": [],
        "default_mcp_decision": "pending",
    });
    assert_eq!(shown, expected);
    let new = json!({
        "fail": "closed", "check_in_seconds": 5, "default_decision": "denied",
        "default_mode": "gateway", "default_pinned": "block", "never_block": ["idp.example.com"],
        "default_mcp_decision": "denied",
    });
    assert_eq!(put(&api, "/edge/settings", new.clone()).await, new);
    let mut shorter = new.clone();
    shorter
        .as_object_mut()
        .unwrap()
        .remove("default_mcp_decision");
    assert_eq!(put(&api, "/edge/settings", shorter).await, new, "it stays");
    assert_eq!(api.get("/edge/settings").await, new);
    assert_eq!(newest(&api).await["action"], "edge_settings.set");
    let document = &api.edge().policy().document;
    assert_eq!(
        (document.check_in_seconds, document.never_block.len()),
        (5, 2)
    );
    let mut wrong = new.clone();
    wrong["check_in_seconds"] = json!(4);
    wrong["never_block"] = json!(["10.0.0.1"]);
    let answer = api.call("PUT", "/edge/settings", Some(wrong)).await;
    assert_eq!(answer.places(), ["/never_block/0"]);
    for seconds in [4_u64, 86_401, 10_000_000_000] {
        let mut wrong = new.clone();
        wrong["check_in_seconds"] = json!(seconds);
        let answer = api.call("PUT", "/edge/settings", Some(wrong)).await;
        assert_eq!(answer.places(), ["/check_in_seconds"], "{seconds}");
    }
    let answer = api.call("PUT", "/edge/settings", Some(json!({}))).await;
    assert_eq!(answer.places().len(), 5, "{}", answer.text);
}

#[tokio::test]
async fn enrolment_tokens_are_made_listed_and_revoked() {
    let api = Api::managing(10).await;
    let new = json!({ "name": "laptops", "expires_at": "2026-12-01T00:00:00Z" });
    let made = api.post("/enrolment-tokens", new).await;
    let (token, secret) = (made["token"].clone(), text(&made["secret"]));
    assert_eq!((&token["max_uses"], &token["used"]), (&json!(1), &json!(0)));
    assert!(secret.starts_with("tg-enrol-") && text(&token["id"]).starts_with("enr_"));
    let list = api.get("/enrolment-tokens").await;
    assert_eq!(list["items"], json!([token]));
    assert!(!list.to_string().contains(&secret));
    let path = format!("/enrolment-tokens/{}/revoke", text(&token["id"]));
    let revoked = api.post(&path, json!({})).await;
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(newest(&api).await["action"], "enrolment_token.revoke");
    let body = json!({
        "name": "", "team": "x", "expires_at": "2020-01-01T00:00:00Z", "max_uses": 0, "secret": "",
    });
    let answer = api.call("POST", "/enrolment-tokens", Some(body)).await;
    assert_eq!(answer.places(), ["/name", "/team", "/max_uses", "/secret"]);
    let past = json!({ "name": "x", "expires_at": "2020-01-01T00:00:00Z" });
    let answer = api.call("POST", "/enrolment-tokens", Some(past)).await;
    assert_eq!(answer.places(), ["/expires_at"]);
}

#[tokio::test]
async fn decisions_about_apps_are_listed_with_the_names_of_whom_they_are_for() {
    let api = Api::managing(10).await;
    let device = text(&enrolled(&api, "ada-mbp").await["device_id"]);
    let team = text(&api.post("/teams", json!({ "name": "Platform" })).await["id"]);
    let (for_team, for_device) = (format!("team:{team}"), format!("device:{device}"));
    for (app, audience, decision) in [
        ("codex", "fleet", "denied"),
        ("codex", for_team.as_str(), "approved"),
        ("cursor", for_device.as_str(), "denied"),
    ] {
        let body = json!({ "decision": decision, "audience": audience, "note": "Why." });
        put(&api, &format!("/edge/apps/{app}"), body).await;
    }
    let told = async |query: &str| {
        let list = api.get(&format!("/edge/app-rules{query}")).await;
        let told = list["items"].as_array().unwrap().iter().map(|rule| {
            let words = ["app", "audience_name", "decision"]
                .map(|name| rule[name].as_str().unwrap_or("-").to_owned());
            words.join(" ")
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        told("").await,
        [
            "codex - denied",
            "codex Platform approved",
            "cursor ada-mbp denied"
        ]
    );
    assert_eq!(told("?app=cursor").await, ["cursor ada-mbp denied"]);
    assert_eq!(
        told(&format!("?audience={for_team}")).await,
        ["codex Platform approved"]
    );
    assert_eq!(told("?app=codex&audience=fleet").await, ["codex - denied"]);
    let rule = api.get("/edge/app-rules?app=cursor").await["items"][0].clone();
    assert_eq!(
        (&rule["audience"], &rule["note"]),
        (&json!(for_device), &json!("Why."))
    );
    assert_eq!(rule["decided_by_name"], "tests");
    let gone = format!("/edge/apps/codex?audience={for_team}");
    assert_eq!(
        api.call("DELETE", &gone, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(told("?app=codex").await, ["codex - denied"]);
}
