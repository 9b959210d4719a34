//! What is refused, and in which words.

use axum::body::Body;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Provider, patch, refusal, text};
use crate::harness::Api;

/// Status, `scimType`, verb, path and body; a body with an `op` is one operation of a PATCH. There are Ada and
/// Bob (USER, BOB) and the group Blue (GROUP, BLUE); LONG is longer than anything may be.
const WRONG: &str = r#"
409 uniqueness    POST  /Users    {"userName":"ADA@example.com"}
409 uniqueness    PUT   USER      {"userName":"ada@example.com"}
409 uniqueness    PATCH USER      {"op":"replace","path":"userName","value":"ada@example.com"}
400 invalidValue  POST  /Users    {}
400 invalidSyntax POST  /Users    []
400 invalidSyntax POST  /Users    {"userName":"x","schemas":["urn:x"]}
400 invalidValue  POST  /Users    {"userName":"x","active":"maybe"}
400 invalidValue  POST  /Users    {"userName":"LONG"}
400 mutability    PATCH USER      {"op":"replace","path":"id","value":"x"}
400 mutability    PATCH USER      {"op":"remove","path":"userName"}
400 noTarget      PATCH USER      {"op":"remove"}
400 noTarget      PATCH USER      {"op":"replace","path":"emails[type eq \"x\"].value","value":"y"}
400 invalidPath   PATCH USER      {"op":"add","path":"a b","value":1}
400 invalidSyntax PATCH USER      {}
400 invalidSyntax PATCH USER      {"op":"copy","path":"title"}
400 invalidFilter GET   /Users?filter=userName
400 invalidFilter GET   /Users?filter=7
400 invalidFilter GET   /Users?filter=active%20gt%20true
400 invalidFilter GET   /Users?filter=userName%20eq%20%22LONG%22
400 invalidSyntax GET   /Users?filter=a%20pr&filter=b%20pr
400 invalidValue  GET   /Users?startIndex=x
400 invalidValue  GET   /Users?attributes=a&excludedAttributes=b
400 invalidFilter POST  /Users/.search {"filter":"x"}
404 -             GET   /Users/key_x
404 -             GET   /Groups/BOB
409 uniqueness    POST  /Groups   {"displayName":"BLUE"}
400 invalidValue  POST  /Groups   {"members":[]}
400 invalidValue  POST  /Groups   {"displayName":"x","members":["nobody"]}
400 invalidValue  PATCH GROUP     {"op":"add","path":"members","value":[{"value":"GROUP_ID"}]}
400 invalidValue  PATCH GROUP     {"op":"add","path":"members","value":[{"value":"BOB","type":"Group"}]}
400 mutability    PATCH GROUP     {"op":"replace","path":"members[value eq \"x\"].value","value":"y"}
400 mutability    PATCH GROUP     {"op":"remove","path":"displayName"}
400 invalidValue  PUT   GROUP     {"displayName":""}
400 invalidFilter GET   /Groups?filter=(
"#;

#[tokio::test]
async fn what_is_wrong_is_named_in_the_words_of_the_standard() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    provider.user("ada@example.com").await;
    let bob = provider.user("bob@example.com").await;
    let blue = provider.group("Blue", &[]).await;
    let lines = WRONG
        .replace("GROUP_ID", &blue)
        .replace("USER", &format!("/Users/{bob}"))
        .replace(" GROUP", &format!(" /Groups/{blue}"))
        .replace("BOB", &bob)
        .replace("LONG", &"x".repeat(5_000));
    let mut tried = 0;
    for line in lines.trim().lines() {
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_default();
        let (status, kind, verb, path) = (word(), word(), word(), word());
        let body = line.split_once(path).unwrap().1.trim();
        let body = (!body.is_empty()).then(|| serde_json::from_str::<Value>(body).unwrap());
        let body = match body {
            Some(one) if one.get("op").is_some() => patch(json!([one])),
            body => body,
        };
        let expected = (status.parse().unwrap(), kind.replace('-', ""));
        assert_eq!(
            provider.refused(verb, path, body).await,
            expected,
            "{line:.200}"
        );
        tried += 1;
    }
    assert_eq!(tried, 34);
    let entries = api.get("/audit").await["items"].as_array().unwrap().len();
    assert_eq!(entries, 3 + 2, "what is refused changes nothing");
}

#[tokio::test]
async fn bodies_are_json_and_have_an_end() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let post = |kind: &'static str, body: Vec<u8>| {
        let request = provider
            .request("POST", "/Users")
            .header("content-type", kind);
        api.send(request.body(Body::from(body)).unwrap())
    };
    assert_eq!(refusal(&post("text/plain", b"{}".to_vec()).await).0, 415);
    for bad in [
        &b"{"[..],
        b"",
        br#"{"userName":"a","userName":"b"}"#,
        b"\xff",
    ] {
        let answer = post("application/json", bad.to_vec()).await;
        assert_eq!(refusal(&answer), (400, "invalidSyntax".to_owned()));
    }
    let large = vec![b' '; 5 * 1024 * 1024];
    assert_eq!(refusal(&post("application/scim+json", large).await).0, 413);
    let good = post("application/json", br#"{"userName":"a@x.org"}"#.to_vec()).await;
    assert_eq!(
        good.status,
        StatusCode::CREATED,
        "providers send either type"
    );
}

#[tokio::test]
async fn a_change_of_what_changed_meanwhile_is_refused() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let (user, group) = (
        provider.user("a@x.org").await,
        provider.group("g", &[]).await,
    );
    let change = patch(json!([{ "op": "replace", "path": "externalId", "value": "1" }]));
    for path in [format!("/Users/{user}"), format!("/Groups/{group}")] {
        let before = provider.ok("GET", &path, None).await;
        let tag = text(&before["meta"]["version"]);
        let same = provider
            .with("GET", &path, ("if-none-match", &tag), None)
            .await;
        assert_eq!(same.status, StatusCode::NOT_MODIFIED);
        let good = provider
            .with("PATCH", &path, ("if-match", &tag), change.clone())
            .await;
        assert!(good.status.is_success(), "{}", good.text);
        let old = ("if-match", tag.as_str());
        let put = if path.starts_with("/Users") {
            json!({ "userName": "b" })
        } else {
            json!({ "displayName": "b" })
        };
        for (verb, body) in [
            ("PATCH", change.clone()),
            ("PUT", Some(put)),
            ("DELETE", None),
        ] {
            assert_eq!(
                refusal(&provider.with(verb, &path, old, body).await).0,
                412,
                "{verb} {path}"
            );
        }
        let now = provider
            .with("GET", &path, ("if-none-match", &tag), None)
            .await;
        assert_eq!(now.status, StatusCode::OK);
        assert_eq!(
            provider
                .with("DELETE", &path, ("if-match", "*"), None)
                .await
                .status,
            StatusCode::NO_CONTENT
        );
    }
}
