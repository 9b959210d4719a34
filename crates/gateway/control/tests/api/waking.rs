//! Which check-ins that wait are answered when something is decided: those of the devices that it is for.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    devices::text,
    fleet::{a_device, check_in, says, until_waiting, waits, with_server},
    harness::Api,
};

async fn decide(api: &Api, audience: &str, decision: &str) -> u64 {
    let body = json!({
        "items": [{ "app": "cursor" }], "decision": decision, "audience": audience,
    });
    let made = api.post("/edge/decisions", body).await;
    made["revision"].as_u64().unwrap()
}

fn revision(answer: &Value) -> Option<u64> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let document = STANDARD
        .decode(answer["policy"]["document"].as_str()?)
        .unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    document["revision"].as_u64()
}

#[tokio::test]
async fn what_is_decided_for_one_device_wakes_that_one() {
    let api = Arc::new(Api::managing(10).await);
    let (one, key) = a_device(&api, "one").await;
    let (_, other) = a_device(&api, "two").await;
    let others = waits(&api, &other, says(1));
    let audience = format!("device:{one}");
    let mut seq = 0;
    // An override, another one, and none any more: each is there at once.
    for step in 0..3 {
        seq += 1;
        let waiting = waits(&api, &key, says(seq));
        until_waiting(&api, 2).await;
        match step {
            0 => drop(decide(&api, &audience, "denied").await),
            1 => drop(decide(&api, &audience, "approved").await),
            _ => {
                let path = format!("/edge/apps/cursor?audience={audience}");
                let gone = api.call("DELETE", &path, None).await;
                assert!(gone.status.is_success(), "{}", gone.text);
            }
        }
        let answer = waiting.await.unwrap().json();
        let now = api.edge().policy().document.revision;
        assert_eq!(revision(&answer), Some(now), "{step}");
        assert!(!others.is_finished(), "{step}");
        assert_eq!(api.edge().waiting(), 1);
    }
    // What holds for all comes to all.
    let waiting = waits(&api, &key, says(seq + 1));
    until_waiting(&api, 2).await;
    let now = decide(&api, "fleet", "denied").await;
    for answer in [waiting.await, others.await] {
        assert_eq!(revision(&answer.unwrap().json()), Some(now));
    }
}

#[tokio::test]
async fn who_was_not_woken_has_the_revision_with_the_next_check_in() {
    let api = Arc::new(Api::managing(10).await);
    let (one, _) = a_device(&api, "one").await;
    let (_, other) = a_device(&api, "two").await;
    let before = api.edge().policy().document.revision;
    let now = decide(&api, &format!("device:{one}"), "denied").await;
    let mut body = says(1);
    body["revision"] = json!(before);
    assert_eq!(revision(&check_in(&api, &other, &body).await), Some(now));
}

#[tokio::test]
async fn what_is_decided_for_a_team_wakes_that_team_and_who_comes_to_it() {
    let api = Arc::new(Api::managing(10).await);
    let (one, key) = a_device(&api, "one").await;
    let (two, second) = a_device(&api, "two").await;
    let (_, third) = a_device(&api, "three").await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let joins = |device: String, team: Value| {
        let api = Arc::clone(&api);
        async move {
            let path = format!("/devices/{device}");
            let moved = api
                .call("PATCH", &path, Some(json!({ "team": team })))
                .await;
            assert!(moved.status.is_success(), "{}", moved.text);
        }
    };
    joins(one, team.clone()).await;
    let stranger = waits(&api, &third, says(1));
    let member = waits(&api, &key, says(1));
    let later = waits(&api, &second, says(1));
    until_waiting(&api, 3).await;
    let now = decide(&api, &format!("team:{}", text(&team)), "denied").await;
    assert_eq!(revision(&member.await.unwrap().json()), Some(now));
    assert!(!stranger.is_finished() && !later.is_finished());
    joins(two, team).await;
    assert!(later.await.unwrap().json()["policy"].is_object());
    assert!(!stranger.is_finished());
    stranger.abort();
}

#[tokio::test]
async fn an_answer_wakes_the_device_that_asked_and_is_told_until_it_is_known() {
    let api = Arc::new(Api::managing(10).await);
    let (_, key) = a_device(&api, "one").await;
    let (_, other) = a_device(&api, "two").await;
    let ids = with_server(&api, &key).await;
    let asks = |seq, open: &[&str]| {
        let mut body = says(seq);
        body["open"] = json!(open);
        body
    };
    let waiting = waits(&api, &key, asks(1, &["one", "two"]));
    let others = waits(&api, &other, says(1));
    until_waiting(&api, 2).await;
    let shown = api.get(&format!("/edge/access-requests/{}", ids[0])).await;
    let path = format!("/edge/access-requests/{}/decline", ids[0]);
    api.post(&path, json!({ "answer": "Use the other one." }))
        .await;
    let answer = waiting.await.unwrap().json();
    let answers = answer["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 1, "{shown}");
    assert_eq!(
        (&answers[0]["granted"], &answers[0]["note"]),
        (&json!(false), &json!("Use the other one."))
    );
    let known = text(&answers[0]["id"]);
    assert!(!others.is_finished());
    // It got lost: what is open is told again. What is not open any more is told to nobody.
    let again = check_in(&api, &key, &asks(2, &["one", "two"])).await;
    assert_eq!(again["answers"], answer["answers"]);
    let rest = if known == "one" { "two" } else { "one" };
    let none = check_in(&api, &key, &asks(3, &[rest])).await;
    assert_eq!(none["answers"], Value::Null);
    let nobody = check_in(&api, &other, &asks(4, &[&known])).await;
    assert_eq!(nobody["answers"], Value::Null, "it is not theirs");
    others.abort();
    // Granted, with the approval: policy and answer come together.
    let waiting = waits(&api, &key, asks(5, &[rest]));
    until_waiting(&api, 1).await;
    let path = format!("/edge/access-requests/{}/grant", ids[1]);
    api.post(&path, json!({ "approve_for": "fleet" })).await;
    let answer = waiting.await.unwrap().json();
    assert_eq!(answer["answers"][0]["granted"], true);
    assert!(answer["policy"].is_object());
}
