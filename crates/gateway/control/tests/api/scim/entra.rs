//! A synchronisation as Microsoft Entra ID makes one: a test with a user who does not exist, users who are
//! patched by capitalised operations with paths and texts for truth values, and groups that are never read
//! with their members. The requests are written after Microsoft's description of its own client.

use serde_json::{Value, json};

use super::{Provider, patch, text};
use crate::harness::Api;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn user(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": name,
        "active": true,
        "emails": [{ "primary": true, "type": "work", "value": "ada@example.com" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Ada L", "familyName": "L", "givenName": "Ada" },
        "roles": [],
    })
}

#[tokio::test]
async fn users_are_patched_by_paths() {
    let api = Api::start().await;
    let entra = Provider::of(&api).await;
    // The test of the connection.
    let nobody = "/Users?filter=userName%20eq%20%22e9e29d4b-7c2b-4c43-a9e8-6f0b6d4a2f11%22";
    let nobody = entra.ok("GET", nobody, None).await;
    assert_eq!(
        (&nobody["totalResults"], &nobody["Resources"]),
        (&json!(0), &json!([]))
    );

    let made = entra
        .call("POST", "/Users", Some(user("Test_User_Ada")))
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let id = text(&made["id"]);
    let path = format!("/Users/{id}");
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_eq!(
        api.get(&format!("/users/{id}")).await["email"],
        "ada@example.com"
    );
    assert_eq!(
        entra.ok("GET", &path, None).await["userName"],
        "Test_User_Ada"
    );
    let by_mail =
        "/Users?filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22ada%40example.com%22";
    assert_eq!(entra.ok("GET", by_mail, None).await["totalResults"], 1);

    let change = patch(json!([
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updatedEmail@example.com" },
        { "op": "Replace", "path": "name.familyName", "value": "Lovelace" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555 0100" },
        { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Engines" },
        { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "user_boss" },
        { "op": "Replace", "path": "displayName", "value": [{ "$ref": null, "value": "Ada Lovelace" }] },
    ]));
    let changed = entra.ok("PATCH", &path, change).await;
    assert_eq!(
        changed["emails"],
        json!([{ "primary": true, "type": "work", "value": "updatedEmail@example.com" }])
    );
    assert_eq!(changed["name"]["familyName"], "Lovelace");
    assert_eq!(
        changed["phoneNumbers"],
        json!([{ "type": "mobile", "value": "+1 555 0100" }])
    );
    assert_eq!(
        changed[ENTERPRISE],
        json!({ "department": "Engines", "manager": { "value": "user_boss" } })
    );
    let here = api.get(&format!("/users/{id}")).await;
    assert_eq!(
        (&here["email"], &here["name"]),
        (&json!("updatedemail@example.com"), &json!("Ada Lovelace"))
    );
}

#[tokio::test]
async fn users_are_switched_off_by_texts() {
    let api = Api::start().await;
    let entra = Provider::of(&api).await;
    let made = entra
        .ok("POST", "/Users", Some(user("Test_User_Ada")))
        .await;
    let id = text(&made["id"]);
    let path = format!("/Users/{id}");
    let phone = patch(
        json!([{ "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1" }]),
    );
    entra.ok("PATCH", &path, phone).await;
    let rename = patch(json!([{ "op": "Replace", "path": "userName", "value": "ada.lovelace" }]));
    assert_eq!(
        entra.ok("PATCH", &path, rename).await["userName"],
        "ada.lovelace"
    );
    let gone = patch(json!([{ "op": "Remove", "path": "phoneNumbers[type eq \"mobile\"].value" }]));
    assert!(
        entra.ok("PATCH", &path, gone).await["phoneNumbers"][0]
            .get("value")
            .is_none()
    );

    // Switched off as text, switched on without a path.
    let off = patch(json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    assert_eq!(entra.ok("PATCH", &path, off).await["active"], false);
    assert_eq!(api.get(&format!("/users/{id}")).await["disabled"], true);
    let on = patch(
        json!([{ "op": "replace", "value": { "active": "True", format!("{ENTERPRISE}:division"): "V" } }]),
    );
    let on = entra.ok("PATCH", &path, on).await;
    assert_eq!(
        (&on["active"], &on[ENTERPRISE]["division"]),
        (&json!(true), &json!("V"))
    );

    // Thirty days after the deletion.
    assert_eq!(entra.call("DELETE", &path, None).await.status, 204);
    assert_eq!(entra.refused("GET", &path, None).await.0, 404);
}

#[tokio::test]
async fn groups_are_matched_without_their_members() {
    let api = Api::start().await;
    let entra = Provider::of(&api).await;
    let ada = entra.user("ada@example.com").await;
    let find = "/Groups?excludedAttributes=members&filter=displayName%20eq%20%22displayName%22";
    assert_eq!(entra.ok("GET", find, None).await["totalResults"], 0);
    let new = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159", "displayName": "displayName",
        "meta": { "resourceType": "Group" },
    });
    let made = entra.call("POST", "/Groups", Some(new)).await;
    assert_eq!(made.status, 201);
    let id = text(&made.json()["id"]);
    let path = format!("/Groups/{id}");
    let found = entra.ok("GET", find, None).await;
    assert_eq!(found["Resources"][0]["id"], json!(id));
    entra
        .ok("GET", &format!("{path}?excludedAttributes=members"), None)
        .await;

    let rename = patch(json!([{ "op": "Replace", "path": "displayName", "value": "1879db59" }]));
    assert_eq!(entra.call("PATCH", &path, rename).await.status, 204);
    let one = json!([{ "$ref": null, "value": ada }]);
    let add = patch(json!([{ "op": "Add", "path": "members", "value": one }]));
    assert_eq!(entra.call("PATCH", &path, add).await.status, 204);
    assert_eq!(entra.members(&id).await, std::slice::from_ref(&ada));
    // Whether somebody is in a group, without reading it.
    let asked = format!(
        "/Groups?filter=id%20eq%20%22{id}%22%20and%20members%20eq%20%22{ada}%22&attributes=id"
    );
    let answer = entra.ok("GET", &asked, None).await;
    assert_eq!(
        (&answer["totalResults"], &answer["Resources"][0]["id"]),
        (&json!(1), &json!(id))
    );
    let remove = patch(json!([{ "op": "Remove", "path": "members", "value": one }]));
    assert_eq!(entra.call("PATCH", &path, remove).await.status, 204);
    assert_eq!(entra.ok("GET", &asked, None).await["totalResults"], 0);
    assert_eq!(entra.call("DELETE", &path, None).await.status, 204);
}
