//! What the console shows besides plain lists: the overview, saved views, the trail of a call, what a budget
//! would have done, and lists in any order and as tables.

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_types::KeyId;

use crate::{
    devices::{call, enrolled, text},
    fleet::{app, says, server, upload},
    harness::{Answer, Api},
};

async fn key(api: &Api, name: &str) -> KeyId {
    let made = api.post("/keys", json!({ "name": name })).await;
    made["key"]["id"].as_str().unwrap().parse().unwrap()
}

/// A gateway with a device that has two servers and an app, of which one server was denied.
async fn with_a_device() -> (Api, String) {
    let api = Api::managing(10).await;
    let made = enrolled(&api, "ada-laptop").await;
    let key = text(&made["device_key"]);
    let inventory = json!({
        "apps": [app("claude-code", "2.0")],
        "mcp_servers": [server("one", "npm:x", 'b'), server("two", "npm:y", 'c')],
        "coverage": [],
    });
    let hash = upload(&api, &key, &inventory).await;
    let denied = json!({ "items": [{ "identity": "npm:x" }], "decision": "denied", "note": "No." });
    api.post("/edge/decisions", denied).await;
    let effect = json!({
        "item": {
            "kind": "mcp_server", "identity": "npm:x", "launch": "b".repeat(64),
            "client": "claude-code", "name": "one", "config_path": "~/.claude.json",
        },
        "decision": "denied", "state": "pending_restart", "means": ["config_edit"],
    });
    let mut said = says(1);
    said["inventory"] = hash.into();
    said["effects"] = json!({ "revision": 2, "effects": [effect] });
    let answer = call(&api, "check-in", &key, &said).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    (api, text(&made["device_id"]))
}

#[tokio::test]
async fn the_overview_counts_what_there_is() {
    let (api, _) = with_a_device().await;
    let key = key(&api, "ci").await;
    crate::requests::log(&api, key).await;
    let view = api.get("/overview").await;
    let fleet = &view["fleet"];
    assert_eq!(fleet["devices"]["total"], 1);
    assert_eq!(fleet["devices"]["online"], 1);
    assert_eq!(
        fleet["mcp_servers"],
        json!({ "approved": 0, "pending": 1, "denied": 1 })
    );
    assert_eq!(fleet["waiting"][0]["item"], "claude-code");
    assert_eq!(fleet["waiting"][1]["item"], "npm:y");
    assert_eq!(fleet["unsettled"]["pending_restart"], 1);
    let traffic = &view["traffic"];
    assert_eq!(traffic["series"].as_array().unwrap().len(), 24);
    let total = json!({
        "requests": 3, "errors": 1, "denied": 1, "tokens": 220, "cost_micro_usd": 700,
    });
    assert_eq!(traffic["total"], total);
    assert_eq!(traffic["previous"]["requests"], 0);
    assert_eq!(traffic["models"][0]["id"], "gpt-4o");
    assert_eq!(traffic["refusals"][0]["id"], "budget_exhausted");
    let actions: Vec<&str> = view["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions[..2], ["key.create", "edge_mcp.decide"]);
    assert_eq!(view["changes"][0]["target_name"], "ci");
    assert_eq!(view["changes"][0]["actor_name"], "tests");
    assert_eq!(view["node"]["log_depth"], 3);
    for (hours, parts) in [(168, 42), (720, 30)] {
        let view = api.get(&format!("/overview?hours={hours}")).await;
        assert_eq!(view["traffic"]["series"].as_array().unwrap().len(), parts);
        assert_eq!(view["traffic"]["total"]["requests"], 3);
    }
    let other = api.call("GET", "/overview?hours=25", None).await;
    assert_eq!(other.places(), ["hours"]);
}

#[tokio::test]
async fn what_was_read_of_users_is_read_again_when_they_call_again() {
    let api = Api::start().await;
    let key = key(&api, "ci").await;
    let users = ["ada", "grace"]
        .map(|name| json!({ "email": format!("{name}@example.com"), "name": name }));
    let mut ids = Vec::new();
    for user in users {
        ids.push(text(&api.post("/users", user).await["id"]));
    }
    for (round, calls) in [(0, vec![3]), (1, vec![6]), (2, vec![6, 3])] {
        let user = ids[usize::from(round == 2)].parse().unwrap();
        crate::requests::log_of(&api, key, Some(user)).await;
        // An overview is kept for a minute at the longest.
        (0..61).for_each(|_| api.clock_forward());
        for hours in [24, 168, 720] {
            let view = api.get(&format!("/overview?hours={hours}")).await;
            let ranks = view["traffic"]["users"].as_array().unwrap();
            let many: Vec<u64> = ranks
                .iter()
                .map(|rank| rank["requests"].as_u64().unwrap())
                .collect();
            assert_eq!(many, calls, "{hours} hours, round {round}");
            assert_eq!(ranks[0]["id"], ids[0]);
            assert_eq!(ranks[0]["name"], "ada");
        }
    }
}

#[tokio::test]
async fn a_teams_admin_sees_the_teams_part() {
    let (api, _) = with_a_device().await;
    let team = api.post("/teams", json!({ "name": "Blue" })).await;
    let team = team["id"].as_str().unwrap();
    let made = json!({ "name": "blue", "role": "team_admin", "team": team });
    let token = api.post("/tokens", made).await;
    let answer = api
        .call_as(token["secret"].as_str().unwrap(), "GET", "/overview", None)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let view = answer.json();
    assert_eq!(view["fleet"]["devices"]["total"], 0);
    assert_eq!(view["fleet"]["waiting"], json!([]));
    assert_eq!(view["fleet"]["unsettled"]["pending_restart"], 0);
    assert_eq!(
        (&view["changes"], &view["node"]),
        (&json!([]), &Value::Null)
    );
}

#[tokio::test]
async fn views_are_saved_by_whoever_is_signed_in() {
    let api = Api::start().await;
    api.account("ada@example.com", "correct horse battery")
        .await;
    let session = api
        .sign_in("ada@example.com", "correct horse battery")
        .await;
    let call = async |method: &str, path: &str, body: Option<Value>| -> Answer {
        api.call_as(&session, method, path, body).await
    };
    let view =
        json!({ "page": "devices", "name": "Missing", "query": "presence=missing&os=linux" });
    let made = call("POST", "/views", Some(view.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        call("GET", "/views", None).await.json()["items"][0]["query"],
        view["query"]
    );
    let long = json!({ "page": "devices", "name": "x", "query": "q".repeat(2_049) });
    assert_eq!(
        call("POST", "/views", Some(long)).await.places(),
        ["/query"]
    );
    let gone = call("DELETE", &format!("/views/{id}"), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let none = call("DELETE", &format!("/views/{id}"), None).await;
    assert_eq!(none.code(), "not_found");
    let token = api.call("GET", "/views", None).await;
    assert_eq!(token.code(), "session_required");
}

#[tokio::test]
async fn a_calls_trail_tells_where_it_ended() {
    let api = Api::start().await;
    let key = key(&api, "ci").await;
    let ids = crate::requests::log(&api, key).await;
    let trail = async |id: usize| -> Vec<(String, String)> {
        let shown = api.get(&format!("/requests/{}", ids[id])).await;
        let steps = shown["trail"].as_array().unwrap().clone();
        let word = |step: &Value, field: &str| step[field].as_str().unwrap().to_owned();
        steps
            .iter()
            .map(|step| (word(step, "step"), word(step, "verdict")))
            .collect()
    };
    let well = trail(0).await;
    assert_eq!(well[0], ("route".into(), "passed".into()));
    assert_eq!(well.last().unwrap(), &("answer".into(), "passed".into()));
    assert!(!well.iter().any(|(_, verdict)| verdict == "not_reached"));
    let shown = api.get(&format!("/requests/{}", ids[0])).await;
    assert_eq!(shown["request"]["key_name"], "ci");
    let identity = shown["trail"][1]["detail"].as_str().unwrap();
    assert!(identity.starts_with("Key ci, device dev_"), "{identity}");

    let listed = api.get(&format!("/requests?q={}", ids[1])).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let traced = api.get(&format!("/requests?q={}", "ab".repeat(16))).await;
    assert_eq!(traced["items"].as_array().unwrap().len(), 3);
    let dear = api.get("/requests?min_cost_micro_usd=350").await;
    assert_eq!(dear["items"].as_array().unwrap().len(), 2);
    let named = api.get("/requests?q=GPT-4").await;
    assert_eq!(named["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_budget_is_tried_on_what_was_spent() {
    let api = Api::start().await;
    let spender = key(&api, "ci").await;
    crate::requests::log(&api, spender).await;
    let other = key(&api, "other").await;
    let tried = |scope: &str, cap: u64, more: &str| {
        format!("/budgets/what-if?scope={scope}&cap_micro_usd={cap}&window=1d&windows=3{more}")
    };
    let view = api.get(&tried("organization", 700, "")).await;
    assert_eq!((&view["reached"], &view["used"]), (&json!(1), &json!(1)));
    assert_eq!(view["most_micro_usd"], 700);
    assert_eq!(view["windows"].as_array().unwrap().len(), 3);
    assert_eq!(view["windows"][2]["reached"], true);
    assert_eq!(api.get(&tried("organization", 701, "")).await["reached"], 0);
    assert_eq!(
        api.get(&tried(&spender.to_string(), 1, "")).await["reached"],
        1
    );
    assert_eq!(
        api.get(&tried(&other.to_string(), 0, "")).await["reached"],
        0
    );
    assert_eq!(
        api.get(&tried("organization", 1, "&model=gpt-*")).await["reached"],
        1
    );
    assert_eq!(
        api.get(&tried("organization", 1, "&model=claude-*")).await["reached"],
        0
    );
    let minute = "/budgets/what-if?scope=organization&cap_micro_usd=1&window=1m";
    assert_eq!(api.call("GET", minute, None).await.places(), ["window"]);
}

/// As a table, by its lines.
async fn table(api: &Api, path: &str) -> Vec<String> {
    let request = http::Request::get(format!("/api/v1{path}"))
        .header("host", "localhost")
        .header("accept", "text/csv")
        .header("authorization", format!("Bearer {}", api.token));
    let answer = api
        .send(request.body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn lists_are_sorted_searched_counted_and_exported() {
    let (api, device) = with_a_device().await;
    enrolled(&api, "zoe-laptop").await;
    enrolled(&api, "Bob-laptop").await;
    let names = async |query: &str| -> Vec<String> {
        let page = api.get(&format!("/devices?{query}")).await;
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|item| text(&item["hostname"])).collect()
    };
    let sorted = names("sort=hostname").await;
    assert_eq!(sorted, ["ada-laptop", "Bob-laptop", "zoe-laptop"]);
    assert_eq!(
        names("sort=hostname&order=desc&limit=1").await,
        ["zoe-laptop"]
    );
    assert_eq!(names("q=BOB").await, ["Bob-laptop"]);
    let here = "mcp_server=npm:x&effect=pending_restart";
    assert_eq!(names(here).await, ["ada-laptop"]);
    assert_eq!(
        names("mcp_server=npm:y&effect=pending_restart").await,
        Vec::<String>::new()
    );
    let page = api.get("/devices?sort=hostname&limit=2").await;
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(
        names(&format!("sort=hostname&limit=2&cursor={next}")).await,
        ["zoe-laptop"]
    );
    let wrong = api
        .call("GET", &format!("/devices?cursor={next}"), None)
        .await;
    assert_eq!(wrong.places(), ["cursor"]);
    let facets = api.get("/devices/facets").await;
    assert_eq!(facets["total"], 3);
    assert_eq!(
        facets["presence"][0],
        json!({ "value": "missing", "devices": 2 })
    );
    assert_eq!(api.get("/devices/facets?q=ada").await["total"], 1);

    let servers = api
        .get("/edge/mcp-servers?sort=devices&order=desc&present=true")
        .await;
    assert_eq!(servers["items"].as_array().unwrap().len(), 2);
    assert_eq!(servers["items"][0]["decided_by_name"], "tests");
    let apps = api.get("/edge/apps?present=true&limit=50").await;
    assert_eq!(apps["items"][0]["app"], "claude-code");
    let history = api.get("/audit?target=npm:x&action=edge_mcp.").await;
    assert_eq!(history["items"][0]["detail"]["after"]["note"], "No.");
    assert_eq!(
        api.get(&format!("/audit?target={device}")).await["items"][0]["target_name"],
        "ada-laptop"
    );

    api.post("/teams", json!({ "name": "=1+1" })).await;
    let audit = table(&api, "/audit?action=team.").await;
    assert_eq!(audit.len(), 2);
    assert!(audit[1].contains("\"'=1+1\""), "no formula: {}", audit[1]);
    let key = key(&api, "ci").await;
    crate::requests::log(&api, key).await;
    let calls = table(&api, "/requests?status=2xx").await;
    assert_eq!(calls.len(), 3);
    assert!(calls[0].starts_with("id,started_at,key,key_name"));
}
