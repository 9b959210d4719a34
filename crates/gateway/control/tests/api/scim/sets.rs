//! Requests that are sent twice, and members that come and go: what was sent twice does no more, and whoever
//! was added and removed was never there.

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use super::{Provider, patch};
use crate::harness::Api;

/// A change of members, in one of the ways that providers write it.
fn change() -> impl Strategy<Value = (bool, Vec<usize>, u8)> {
    (
        any::<bool>(),
        prop::collection::vec(0..4_usize, 1..4),
        0..3_u8,
    )
}

fn operations(add: bool, who: &[String], way: u8) -> Value {
    let list: Vec<Value> = who.iter().map(|id| json!({ "value": id })).collect();
    match (add, way) {
        (true, 0) => json!([{ "op": "add", "path": "members", "value": list }]),
        (true, 1) => json!([{ "op": "Add", "value": { "members": list } }]),
        (true, _) => who.iter().map(|id| json!({ "op": "add", "path": "members", "value": { "value": id } })).collect(),
        (false, 0) => json!([{ "op": "Remove", "path": "members", "value": list }]),
        (false, 1) => {
            let any: Vec<String> = who.iter().map(|id| format!("value eq \"{id}\"")).collect();
            json!([{ "op": "remove", "path": format!("members[{}]", any.join(" or ")) }])
        }
        (false, _) => who
            .iter()
            .map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\" and type eq \"user\"]") }))
            .collect(),
    }
}

#[tokio::test]
async fn members_are_a_set_whatever_the_way_they_are_sent() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let mut users = Vec::new();
    for name in ["a@x.org", "b@x.org", "c@x.org", "d@x.org"] {
        users.push(provider.user(name).await);
    }
    let group = provider.group("g", &[]).await;
    let path = format!("/Groups/{group}");
    let mut model = std::collections::BTreeSet::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..50 {
        let (add, places, way) = change().new_tree(&mut runner).unwrap().current();
        let who: Vec<String> = places.iter().map(|&place| users[place].clone()).collect();
        let body = patch(operations(add, &who, way));
        provider.ok("PATCH", &path, body.clone()).await;
        if add {
            model.extend(who.iter().cloned());
        } else {
            model.retain(|id| !who.contains(id));
        }
        let expected: Vec<String> = model.iter().cloned().collect();
        assert_eq!(provider.members(&group).await, expected, "{body:?}");
        let before = provider.ok("GET", &path, None).await;
        provider.ok("PATCH", &path, body).await;
        assert_eq!(provider.ok("GET", &path, None).await, before, "sent twice");
    }
}

#[tokio::test]
async fn adding_and_removing_leaves_what_was_there() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let (a, b) = (
        provider.user("a@x.org").await,
        provider.user("b@x.org").await,
    );
    let group = provider.group("g", &[&a]).await;
    let path = format!("/Groups/{group}");
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let (_, _, way) = change().new_tree(&mut runner).unwrap().current();
        let who = [b.clone()];
        provider
            .ok("PATCH", &path, patch(operations(true, &who, way)))
            .await;
        provider
            .ok(
                "PATCH",
                &path,
                patch(operations(false, &who, (way + 1) % 3)),
            )
            .await;
        assert_eq!(provider.members(&group).await, std::slice::from_ref(&a));
    }
}

#[tokio::test]
async fn a_users_request_that_is_sent_twice_does_no_more() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let id = provider.user("a@x.org").await;
    let path = format!("/Users/{id}");
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    for operations in [
        json!([{ "op": "Replace", "path": "active", "value": "False" }]),
        json!([{ "op": "Add", "path": "emails[type eq \"home\"].value", "value": "h@x.org" }]),
        json!([{ "op": "Add", "value": { "name.givenName": "A", (department): "D" } }]),
        json!([{ "op": "remove", "path": "emails[type eq \"home\"]" }]),
        json!([{ "op": "replace", "value": { "active": true, "id": id } }]),
    ] {
        let once = provider.ok("PATCH", &path, patch(operations.clone())).await;
        let entries = api.get("/audit?limit=200").await["items"]
            .as_array()
            .unwrap()
            .len();
        api.clock_forward();
        assert_eq!(
            provider.ok("PATCH", &path, patch(operations.clone())).await,
            once,
            "{operations}"
        );
        let whole = once.clone();
        assert_eq!(
            provider.ok("PUT", &path, Some(whole)).await,
            once,
            "what was answered changes nothing"
        );
        let after = api.get("/audit?limit=200").await["items"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(after, entries, "nothing to audit");
    }
}
