//! Setting providers up.

use http::StatusCode;
use serde_json::{Value, json};

use super::browser::{Browser, Scene, visit};
use crate::harness::Api;

#[tokio::test]
async fn a_provider_is_made_shown_changed_tested_and_removed() {
    let scene = Scene::start().await;
    let path = format!("/identity-providers/{}", scene.provider);
    let shown = scene.api.get(&path).await;
    assert_eq!(shown["client_auth"], "basic");
    assert_eq!(shown["scopes"], json!(["profile", "email"]));
    assert_eq!(shown["groups_claim"], "groups");
    assert_eq!(shown["trusts_email"], false);
    assert_eq!(shown["default_role"], Value::Null);
    assert_eq!(
        shown["redirect_uri"],
        "http://127.0.0.1:8081/api/v1/sign-in/callback"
    );
    assert!(shown.get("client_secret").is_none());

    let found = scene.api.post(&format!("{path}/test"), json!({})).await;
    assert_eq!(found["usable"], true, "{found}");
    assert_eq!(found["found"]["algorithms"], json!(["ES256", "EdDSA"]));
    assert_eq!(found["found"]["names_itself"], true);
    assert_eq!(found["notes"], json!([]));

    let public = json!({ "client_auth": "public" });
    let refused = scene.api.call("PATCH", &path, Some(public)).await;
    assert_eq!(refused.places(), ["/client_secret"]);
    let public = json!({ "client_auth": "public", "client_secret": null, "name": "SSO" });
    let changed = scene.api.call("PATCH", &path, Some(public)).await.json();
    assert_eq!(
        (&changed["has_secret"], &changed["name"]),
        (&json!(false), &json!("SSO"))
    );
    let issuer = json!({ "issuer": "https://evil.example" });
    let refused = scene.api.call("PATCH", &path, Some(issuer)).await;
    assert_eq!(refused.places(), ["/issuer"], "subjects are known by it");

    let gone = scene.api.call("DELETE", &path, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(scene.api.call("GET", &path, None).await.code(), "not_found");
    let audit = scene.api.get("/audit?limit=50").await;
    assert!(
        !audit.to_string().contains("s3cret"),
        "no secret is audited"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let api = Api::start().await;
    let body = json!({
        "name": "", "issuer": "http://idp.example", "client_id": "", "client_secret": "",
        "scopes": ["a b"], "groups_claim": "", "rules": [{ "group": "", "role": "root" }],
        "extra": 1,
    });
    let answer = api.call("POST", "/identity-providers", Some(body)).await;
    let mut places = answer.places();
    places.sort();
    assert_eq!(
        places,
        [
            "/client_id",
            "/client_secret",
            "/extra",
            "/groups_claim",
            "/issuer",
            "/name",
            "/rules/0/group",
            "/rules/0/role",
            "/scopes/0",
        ]
    );
    let with = |fields: Value| {
        let mut body = json!({ "name": "A", "issuer": "https://idp.example", "client_id": "x" });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for (fields, place) in [
        (json!({ "client_auth": "basic" }), "/client_secret"),
        (json!({ "default_role": "team_admin" }), "/default_role"),
        (
            json!({ "rules": [{ "group": "g", "role": "team_admin" }] }),
            "/rules/0/team",
        ),
        (
            json!({ "rules": [{ "group": "g", "role": "team_admin",
                "team": "team_01jdg8s6f7e2m9v4k3x5q8w0zr" }] }),
            "/rules",
        ),
        (json!({ "issuer": "https://169.254.169.254" }), "/issuer"),
        (json!({ "issuer": "https://idp.example/?x" }), "/issuer"),
    ] {
        let answer = api
            .call("POST", "/identity-providers", Some(with(fields)))
            .await;
        assert_eq!(answer.places(), [place]);
    }
    api.post("/identity-providers", with(json!({}))).await;
    let taken = api
        .call("POST", "/identity-providers", Some(with(json!({}))))
        .await;
    assert_eq!(taken.code(), "conflict");
}

#[tokio::test]
async fn disabling_and_removing_ends_the_sessions_that_a_provider_opened() {
    for remove in [false, true] {
        let scene = Scene::start().await;
        let (browser, _) = scene.sign_in().await;
        let mut half = Browser::default();
        let begun = half.begin(&scene, "/").await;
        let path = format!("/identity-providers/{}", scene.provider);
        if remove {
            scene.api.call("DELETE", &path, None).await;
        } else {
            let change = json!({ "disabled": true });
            scene.api.call("PATCH", &path, Some(change)).await;
        }
        let current = visit(&scene.api, "/api/v1/sessions/current", &browser.cookies).await;
        assert_eq!(current.code(), "unauthenticated");
        let ended = half.back(&scene, &scene.idp.agree(&begun.url)).await;
        let problem = if remove {
            "sign_in_lost"
        } else {
            "provider_unknown"
        };
        scene.refused(&ended, problem).await;
        let options = visit(&scene.api, "/api/v1/sign-in", &[]).await.json();
        assert_eq!(options["providers"], json!([]));
    }
}
