//! A synchronisation as Okta makes one: a look at the server, a user who is looked for, created, changed by
//! PUT and switched off by a PATCH without a path, and groups that are pushed. The requests are written
//! after Okta's description of its own client.

use serde_json::{Value, json};

use super::{Provider, patch, text};
use crate::harness::Api;

/// What Okta sends of a user.
fn user(name: &str, family: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "name": { "givenName": "Ada", "familyName": family },
        "emails": [{ "primary": true, "value": name, "type": "work" }],
        "displayName": format!("Ada {family}"),
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

#[tokio::test]
async fn users_are_looked_for_created_replaced_and_switched_off() {
    let api = Api::start().await;
    let okta = Provider::of(&api).await;
    // When provisioning is switched on.
    let empty = okta.ok("GET", "/Users?startIndex=1&count=2", None).await;
    assert_eq!(
        empty,
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
        })
    );
    okta.ok("GET", "/Groups?startIndex=1&count=100", None).await;

    // A user is assigned to the application.
    let find = "/Users?filter=userName%20eq%20%22ada.l%40example.com%22&startIndex=1&count=100";
    assert_eq!(okta.ok("GET", find, None).await["totalResults"], 0);
    let made = okta
        .call("POST", "/Users", Some(user("ada.l@example.com", "L")))
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let id = text(&made["id"]);
    let path = format!("/Users/{id}");
    for (name, expected) in [
        ("userName", json!("ada.l@example.com")),
        ("externalId", json!("00ujl29u0le5T6Aj10h7")),
        ("locale", json!("en-US")),
        ("active", json!(true)),
        ("name", json!({ "givenName": "Ada", "familyName": "L" })),
    ] {
        assert_eq!(made[name], expected, "{name}");
    }
    assert!(made.get("password").is_none());
    assert_eq!(
        okta.ok("GET", find, None).await["Resources"][0]["id"],
        json!(id)
    );
    let again = okta
        .refused("POST", "/Users", Some(user("ada.l@example.com", "L")))
        .await;
    assert_eq!(again, (409, "uniqueness".to_owned()));

    // Her profile changes: Okta reads her, and puts what it read with the change in it.
    let mut whole = okta.ok("GET", &path, None).await;
    whole["name"]["familyName"] = "Lovelace".into();
    whole["displayName"] = "Ada Lovelace".into();
    let put = okta.ok("PUT", &path, Some(whole)).await;
    assert_eq!(put["name"]["familyName"], "Lovelace");
    assert_eq!(
        api.get(&format!("/users/{id}")).await["name"],
        "Ada Lovelace"
    );

    // She is unassigned, and assigned again.
    let off = patch(json!([{ "op": "replace", "value": { "active": false } }]));
    assert_eq!(okta.ok("PATCH", &path, off).await["active"], false);
    assert_eq!(api.get(&format!("/users/{id}")).await["disabled"], true);
    let mut whole = okta.ok("GET", &path, None).await;
    whole["active"] = true.into();
    assert_eq!(okta.ok("PUT", &path, Some(whole)).await["active"], true);
}

#[tokio::test]
async fn groups_are_pushed() {
    let api = Api::start().await;
    let okta = Provider::of(&api).await;
    let (ada, bob) = (
        okta.user("ada@example.com").await,
        okta.user("bob@example.com").await,
    );
    let find = "/Groups?filter=displayName%20eq%20%22Engineers%22&startIndex=1&count=100";
    assert_eq!(okta.ok("GET", find, None).await["totalResults"], 0);
    let new = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Engineers",
        "members": [{ "value": ada, "display": "ada@example.com" }],
    });
    let made = okta.call("POST", "/Groups", Some(new)).await;
    assert_eq!(made.status, 201);
    let id = text(&made.json()["id"]);
    let path = format!("/Groups/{id}");

    // Renamed: the id stands in the value, and is what it was.
    let rename =
        patch(json!([{ "op": "replace", "value": { "id": id, "displayName": "Engineering" } }]));
    assert_eq!(okta.call("PATCH", &path, rename).await.status, 204);
    assert_eq!(
        okta.ok("GET", &path, None).await["displayName"],
        "Engineering"
    );
    assert_eq!(
        okta.members(&id).await,
        std::slice::from_ref(&ada),
        "members are not touched by it"
    );

    // One leaves and one comes, in one request.
    let swap = patch(json!([
        { "op": "remove", "path": format!("members[value eq \"{ada}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": bob, "display": "bob@example.com" }] },
    ]));
    assert_eq!(okta.call("PATCH", &path, swap).await.status, 204);
    assert_eq!(okta.members(&id).await, std::slice::from_ref(&bob));
    // All are pushed anew.
    let all = patch(
        json!([{ "op": "replace", "path": "members", "value": [{ "value": ada }, { "value": bob }] }]),
    );
    okta.ok("PATCH", &path, all).await;
    assert_eq!(okta.members(&id).await, [ada, bob]);
    assert_eq!(okta.call("DELETE", &path, None).await.status, 204);
    assert_eq!(okta.ok("GET", find, None).await["totalResults"], 0);
}
