//! Decisions about MCP servers and apps, for everybody and for some, one and many; and the catalogue.

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_authority::verify;
use tidegate_device_api::SignedPolicy;
use tidegate_policy::{Decision, Document};

use crate::{
    devices::{call, enrolled, text},
    fleet::{app, says, server, upload, with_server},
    harness::{Answer, Api},
};

async fn put(api: &Api, path: &str, body: Value) -> Value {
    let answer = api.call("PUT", path, Some(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

/// The policy that a device gets.
async fn policy_of(api: &Api, device: &Value) -> Document {
    let answer = call(api, "check-in", &text(&device["device_key"]), &says(0)).await;
    let signed: SignedPolicy = serde_json::from_value(answer.json()["policy"].clone()).unwrap();
    let key = text(&device["policy_key"]);
    signed
        .open(|bytes, mark| verify(&key, bytes, mark))
        .unwrap()
}

fn decided(document: &Document) -> Vec<(String, Decision)> {
    let rules = document.mcp_servers.iter();
    let rule = |rule: &tidegate_policy::McpRule| (rule.target.identity.to_string(), rule.decision);
    rules.map(rule).collect()
}

#[tokio::test]
async fn a_device_obeys_what_was_decided_for_it_its_team_and_everybody() {
    let api = Api::managing(10).await;
    let team = text(&api.post("/teams", json!({ "name": "research" })).await["id"]);
    let (alone, mate, own) = (
        enrolled(&api, "alone").await,
        enrolled(&api, "mate").await,
        enrolled(&api, "own").await,
    );
    for device in [&mate, &own] {
        let path = format!("/devices/{}", text(&device["device_id"]));
        api.call("PATCH", &path, Some(json!({ "team": team })))
            .await;
    }
    let id = text(&own["device_id"]);
    let (for_team, for_own) = (format!("team:{team}"), format!("device:{id}"));
    let rule = |audience: &str, identity: &str, decision: &str| json!({ "audience": audience, "identity": identity, "decision": decision });
    put(&api, "/edge/mcp-rules", rule("fleet", "npm:x", "denied")).await;
    put(
        &api,
        "/edge/mcp-rules",
        rule(&for_team, "npm:x", "approved"),
    )
    .await;
    put(&api, "/edge/mcp-rules", rule(&for_team, "npm:y", "denied")).await;
    put(&api, "/edge/mcp-rules", rule(&for_own, "npm:y", "pending")).await;
    let codex = json!({ "audience": for_own, "decision": "denied" });
    put(&api, "/edge/apps/codex", codex).await;

    let fleet = policy_of(&api, &alone).await;
    assert_eq!(fleet.audience, "fleet");
    assert_eq!(decided(&fleet), [("npm:x".into(), Decision::Denied)]);
    assert!(fleet.apps.is_empty());
    let mates = policy_of(&api, &mate).await;
    assert_eq!(mates.audience, for_team);
    assert_eq!(
        decided(&mates),
        [
            ("npm:x".into(), Decision::Approved),
            ("npm:y".into(), Decision::Denied)
        ]
    );
    let mine = policy_of(&api, &own).await;
    assert_eq!(mine.audience, for_own);
    assert_eq!(
        decided(&mine),
        [
            ("npm:x".into(), Decision::Approved),
            ("npm:y".into(), Decision::Pending)
        ]
    );
    assert_eq!(mine.apps[0].decision, Decision::Denied);
    assert_eq!(fleet.revision, mine.revision);

    // Out of the team, and its own decision taken back.
    let path = format!("/devices/{id}");
    api.call("PATCH", &path, Some(json!({ "team": null })))
        .await;
    let gone = format!("/edge/apps/codex?audience={for_own}");
    assert_eq!(
        api.call("DELETE", &gone, None).await.status,
        StatusCode::NO_CONTENT
    );
    let mine = policy_of(&api, &own).await;
    assert_eq!(
        decided(&mine),
        [
            ("npm:x".into(), Decision::Denied),
            ("npm:y".into(), Decision::Pending)
        ]
    );
    assert!(mine.apps.is_empty() && mine.revision > fleet.revision);
}

#[tokio::test]
async fn a_denied_remote_server_is_governed_and_named_in_certificates() {
    let api = Api::managing(10).await;
    let device = enrolled(&api, "one").await;
    let rule = json!({
        "identity": "url:https://mcp.example.com/sse", "decision": "approved",
        "tools": { "deny": ["delete_all"] }, "note": "Not this one",
    });
    let made = put(&api, "/edge/mcp-rules", rule).await;
    assert_eq!(
        made["tools"],
        json!({ "allow": null, "deny": ["delete_all"] })
    );
    let policy = policy_of(&api, &device).await;
    assert!(policy.governs(&"mcp.example.com".parse().unwrap()));
    assert!(!policy.mcp_servers[0].tools.allows("delete_all"));
    let path = format!("/edge/mcp-rules/{}", text(&made["id"]));
    api.call("DELETE", &path, None).await;
    let policy = policy_of(&api, &device).await;
    assert!(!policy.governs(&"mcp.example.com".parse().unwrap()));
}

#[tokio::test]
async fn many_are_decided_at_once_or_none() {
    let api = Api::managing(10).await;
    let before = api.edge().policy().document.revision;
    let items = json!([
        { "app": "codex" }, { "identity": "npm:x" },
        { "identity": "npm:y", "launch": "1".repeat(64) },
    ]);
    let body = json!({ "items": items, "decision": "denied", "note": "Ask it@example.com" });
    let made = api.post("/edge/decisions", body.clone()).await;
    assert_eq!(made["revision"], before + 1);
    let changed = |made: &Value| -> Vec<bool> {
        let items = made["items"].as_array().unwrap().iter();
        items
            .map(|item| item["changed"].as_bool().unwrap())
            .collect()
    };
    assert_eq!(changed(&made), [true; 3]);
    assert!(text(&made["items"][1]["rule"]).starts_with("mcp_"));
    let again = api.post("/edge/decisions", body).await;
    assert_eq!(
        (&again["revision"], changed(&again)),
        (&made["revision"], vec![false; 3])
    );
    let audit = api.get("/audit?limit=3").await;
    let actions: Vec<String> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(
        actions,
        ["edge_mcp.decide", "edge_mcp.decide", "edge_app.decide"]
    );
    for (bad, place) in [
        (json!([]), "/items"),
        (json!([{ "app": "codex" }, {}]), "/items/1"),
        (json!([{ "app": "codex", "identity": "npm:x" }]), "/items/0"),
        (
            json!([{ "app": "codex", "launch": "1".repeat(64) }]),
            "/items/0",
        ),
        (json!([{ "identity": "x" }]), "/items/0/identity"),
    ] {
        let body = json!({ "items": bad, "decision": "approved" });
        let answer = api.call("POST", "/edge/decisions", Some(body)).await;
        assert_eq!(answer.places(), [place]);
    }
    assert_eq!(api.edge().policy().document.revision, before + 1);
}

#[tokio::test]
async fn tidegate_itself_is_not_denied() {
    let api = Api::managing(10).await;
    let settings = api.get("/edge/settings").await;
    let mut settings = settings.clone();
    settings["never_block"] = json!(["idp.example.com"]);
    settings["default_mcp_decision"] = json!("denied");
    let set = put(&api, "/edge/settings", settings).await;
    assert_eq!(set["default_mcp_decision"], "denied");
    let refused = |answer: Answer, place: &str| assert_eq!(answer.places(), [place]);
    let deny = json!({ "decision": "denied" });
    let answer = api
        .call("PUT", "/edge/apps/tidegate-edge", Some(deny))
        .await;
    refused(answer, "/decision");
    for identity in [
        "url:https://gw.example.com/mcp",
        "url:https://login.idp.example.com/x",
        "bin:dpkg:tidegate:tidegate-edge",
    ] {
        let rule = json!({ "identity": identity, "decision": "denied" });
        refused(
            api.call("PUT", "/edge/mcp-rules", Some(rule)).await,
            "/identity",
        );
        let many = json!({ "items": [{ "identity": identity }], "decision": "denied" });
        refused(
            api.call("POST", "/edge/decisions", Some(many)).await,
            "/items/0",
        );
        let rule = json!({ "identity": identity, "decision": "approved" });
        put(&api, "/edge/mcp-rules", rule).await;
    }
}

#[tokio::test]
async fn the_catalogue_shows_each_server_once_with_what_came_of_it() {
    let api = Api::managing(10).await;
    let one = enrolled(&api, "one").await;
    let two = enrolled(&api, "two").await;
    with_server(&api, &text(&one["device_key"])).await;
    let other = json!({
        "apps": [app("codex", "1.9")], "mcp_servers": [server("its tool", "npm:@acme/tool", '2')],
    });
    upload(&api, &text(&two["device_key"]), &other).await;
    let approve = json!({
        "identity": "npm:@acme/tool", "launch": "1".repeat(64), "decision": "approved",
    });
    put(&api, "/edge/mcp-rules", approve).await;
    let list = api.get("/edge/mcp-servers").await;
    let row = &list["items"][0];
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(row["names"], json!(["its tool", "tool"]));
    assert_eq!((&row["devices"], &row["launches"]), (&json!(2), &json!(2)));
    assert_eq!(
        (&row["decision"], &row["decided"]),
        (&json!("pending"), &json!(false))
    );
    assert_eq!(row["drift"], 1, "one launch is not the approved one");
    let tool = json!({ "name": "echo", "description": "Says it again", "source": "shim" });
    assert_eq!(row["tools"], json!([tool]));
    let effects = &row["effects"];
    assert_eq!(
        (
            &effects["devices"],
            &effects["verified"],
            &effects["unreported"]
        ),
        (&json!(2), &json!(1), &json!(1))
    );
    let detail = api.get("/edge/mcp-servers/npm%3A%40acme%2Ftool").await;
    let launches = detail["launches"].as_array().unwrap();
    let decisions: Vec<_> = launches
        .iter()
        .map(|way| (text(&way["launch"]).remove(0), text(&way["decision"])))
        .collect();
    assert_eq!(
        decisions,
        [('1', "approved".into()), ('2', "pending".into())]
    );
    assert_eq!(detail["occurrences"].as_array().unwrap().len(), 2);
    assert_eq!(detail["effects"][0]["state"], "verified");
    assert_eq!(detail["rules"][0]["launch"], "1".repeat(64));
    let unknown = api.call("GET", "/edge/mcp-servers/npm:nobody", None).await;
    assert_eq!(unknown.code(), "not_found");

    for (query, count) in [
        ("?q=ITS", 1),
        ("?q=nothing", 0),
        ("?client=cursor", 0),
        ("?decision=pending", 1),
        ("?decision=denied", 0),
        ("?decided=true", 0),
    ] {
        let list = api.get(&format!("/edge/mcp-servers{query}")).await;
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
    }
    let apps = api.get("/edge/apps").await;
    let codex = apps["items"].as_array().unwrap().iter();
    let codex = codex.clone().find(|app| app["app"] == "codex").unwrap();
    let version = |version: &str| json!({ "version": version, "source": "npm", "devices": 1 });
    assert_eq!(
        codex["installed"]["versions"],
        json!([version("1.9"), version("2.0")])
    );
}

#[tokio::test]
async fn a_long_catalogue_comes_in_pages_and_as_a_table() {
    let api = Api::managing(10).await;
    let device = enrolled(&api, "one").await;
    let servers: Vec<Value> = (0..5)
        .map(|n| server("=HYPERLINK(\"x\")", &format!("npm:s{n}"), '1'))
        .collect();
    upload(
        &api,
        &text(&device["device_key"]),
        &json!({ "mcp_servers": servers }),
    )
    .await;
    let mut seen = Vec::new();
    let mut path = "/edge/mcp-servers?limit=2".to_owned();
    loop {
        let page = api.get(&path).await;
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| text(&item["identity"])));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/edge/mcp-servers?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["npm:s0", "npm:s1", "npm:s2", "npm:s3", "npm:s4"]);
    for path in ["/edge/mcp-servers", "/edge/apps"] {
        let request = http::Request::get(format!("/api/v1{path}"))
            .header("host", "localhost")
            .header("accept", "text/csv")
            .header("authorization", format!("Bearer {}", api.token));
        let table = api
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        assert!(!table.text.contains(",=") && !table.text.contains("\n="));
        assert!(table.text.lines().count() > 5, "{}", table.text);
    }
}
