//! Each verb on each resource, and lists.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Provider, patch, text};
use crate::harness::Api;

#[tokio::test]
async fn a_user_lives_through_every_verb() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let new = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ada@Example.com",
        "displayName": "Ada", "password": "hunter2", "title": "Countess", "unknown": { "kept": true },
    });
    let made = provider.call("POST", "/Users", Some(new)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let user = made.json();
    let (id, path) = (text(&user["id"]), format!("/Users/{}", text(&user["id"])));
    let location = format!("http://127.0.0.1:8081/scim/v2{path}");
    assert_eq!(made.headers["location"], location.as_str());
    assert_eq!(
        made.headers["etag"],
        user["meta"]["version"].as_str().unwrap()
    );
    assert!(user.get("password").is_none() && !made.text.contains("hunter2"));
    assert_eq!(
        (&user["active"], &user["unknown"]),
        (&json!(true), &json!({ "kept": true }))
    );
    assert_eq!(user["meta"]["location"], location);
    assert_eq!(
        api.get(&format!("/users/{id}")).await["email"],
        "ada@example.com"
    );

    assert_eq!(provider.ok("GET", &path, None).await, user);
    let some = provider
        .ok(
            "GET",
            &format!("{path}?attributes=userName,meta.location"),
            None,
        )
        .await;
    assert_eq!(
        some,
        json!({
            "schemas": user["schemas"], "id": id, "userName": "Ada@Example.com", "meta": { "location": location },
        })
    );
    let less = provider
        .ok(
            "GET",
            &format!("{path}?excludedAttributes=title,unknown"),
            None,
        )
        .await;
    assert!(
        less.get("title").is_none()
            && less.get("unknown").is_none()
            && less["userName"].is_string()
    );

    let put =
        json!({ "userName": "ada@example.com", "name": { "givenName": "Ada", "familyName": "L" } });
    let put = provider.ok("PUT", &path, Some(put)).await;
    assert!(put.get("title").is_none(), "what a PUT leaves out is gone");
    assert_eq!(api.get(&format!("/users/{id}")).await["name"], "Ada L");
    let changed = provider
        .ok(
            "PATCH",
            &path,
            patch(json!([{ "op": "add", "path": "title", "value": "T" }])),
        )
        .await;
    assert_eq!(changed["title"], "T");
    assert_eq!(
        provider.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    for (verb, body) in [
        ("GET", None),
        ("PUT", Some(json!({ "userName": "x" }))),
        ("DELETE", None),
        ("PATCH", patch(json!([{ "op": "remove", "path": "title" }]))),
    ] {
        assert_eq!(provider.refused(verb, &path, body).await.0, 404, "{verb}");
    }
}

#[tokio::test]
async fn a_group_lives_through_every_verb() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let ada = provider.user("ada@example.com").await;
    let new = json!({ "displayName": "Blue", "externalId": "b", "members": [{ "value": ada }], "kept": 7 });
    let made = provider.call("POST", "/Groups", Some(new)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let group = made.json();
    let path = format!("/Groups/{}", text(&group["id"]));
    assert_eq!(group["members"][0]["value"], json!(ada));
    assert_eq!(
        (&group["members"][0]["type"], &group["kept"]),
        (&json!("User"), &json!(7))
    );
    assert_eq!(provider.ok("GET", &path, None).await, group);
    assert!(
        provider
            .ok("GET", &format!("{path}?excludedAttributes=members"), None)
            .await
            .get("members")
            .is_none()
    );
    let user = provider.ok("GET", &format!("/Users/{ada}"), None).await;
    assert_eq!(user["groups"][0]["display"], "Blue");

    let put = json!({ "displayName": "Navy", "members": [] });
    let put = provider.ok("PUT", &path, Some(put)).await;
    assert_eq!(
        (&put["displayName"], put.get("members"), put.get("kept")),
        (&json!("Navy"), None, None)
    );
    let add = patch(json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]));
    let changed = provider.call("PATCH", &path, add.clone()).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    assert!(changed.headers.contains_key("etag"));
    let shown = provider
        .ok("PATCH", &format!("{path}?attributes=displayName"), add)
        .await;
    assert_eq!(shown["displayName"], "Navy");
    assert_eq!(
        provider.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(provider.refused("GET", &path, None).await.0, 404);
}

#[tokio::test]
async fn lists_come_in_pages_and_are_filtered() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    for n in 0..5 {
        provider.user(&format!("u{n}@x.org")).await;
        provider.group(&format!("g{n}"), &[]).await;
    }
    let names = async |path: &str| {
        let list = provider.ok("GET", path, None).await;
        let of = |user: &Value| text(user.get("userName").unwrap_or(&user["displayName"]));
        let names: Vec<String> = list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect();
        assert_eq!(list["itemsPerPage"], names.len());
        (
            list["totalResults"].as_u64().unwrap(),
            list["startIndex"].as_u64().unwrap(),
            names.join(" "),
        )
    };
    for (path, total, start, found) in [
        ("/Users?startIndex=2&count=2", 5, 2, "u1@x.org u2@x.org"),
        ("/Users?startIndex=0&count=1", 5, 1, "u0@x.org"),
        ("/Users?startIndex=9", 5, 9, ""),
        ("/Users?count=-1", 5, 1, ""),
        ("/Users?count=0&filter=userName%20pr", 5, 1, ""),
        (
            "/Users?filter=userName%20eq%20%22U3@X.org%22",
            1,
            1,
            "u3@x.org",
        ),
        (
            "/Users?filter=externalId%20eq%20%22ext-u2@x.org%22%20and%20active%20eq%20true",
            1,
            1,
            "u2@x.org",
        ),
        (
            "/Users?filter=emails%5Btype%20eq%20%22work%22%5D.value%20sw%20%22u1%22",
            1,
            1,
            "u1@x.org",
        ),
        (
            "/Users?filter=userName%20sw%20%22u%22&startIndex=4&sortBy=userName",
            5,
            4,
            "u3@x.org u4@x.org",
        ),
        ("/Users?filter=id%20eq%20%22nobody%22", 0, 1, ""),
        ("/Groups?startIndex=5&count=100", 5, 5, "g4"),
        (
            "/Groups?filter=displayName%20eq%20%22G1%22&excludedAttributes=members",
            1,
            1,
            "g1",
        ),
        (
            "/Groups?filter=displayName%20co%20%22g%22%20and%20not%20(displayName%20ew%20%223%22)&count=3",
            4,
            1,
            "g0 g1 g2",
        ),
    ] {
        assert_eq!(
            names(path).await,
            (total, start, found.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_list_is_searched_by_a_body_too() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    for n in 0..2 {
        provider.user(&format!("u{n}@x.org")).await;
    }
    provider.group("g0", &[]).await;
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName sw \"u\"",
        "startIndex": 2, "count": 1, "attributes": ["userName"],
    });
    let found = provider.ok("POST", "/Users/.search", Some(search)).await;
    assert_eq!(found["Resources"][0]["userName"], "u1@x.org");
    assert!(found["Resources"][0].get("emails").is_none());
    assert_eq!(
        provider
            .ok("POST", "/Groups/.search", Some(json!({ "count": 1 })))
            .await["totalResults"],
        1
    );
}
