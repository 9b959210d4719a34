//! Tokens that are not what they must be, answers of somebody else, and providers that are down.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use serde_json::{Value, json};
use tidegate_identity::{Algorithm, testing::Signer};

use super::browser::{Browser, Scene, session, visit};
use crate::idp::Idp;

/// Signs in with other claims; refused, for this reason.
async fn claims(scene: &Scene, change: impl Fn(&mut Value) + Send + 'static, reason: &str) {
    scene.idp.script().claims = Box::new(change);
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "answer_invalid").await;
    let given = scene.reason().await;
    assert!(given.ends_with(reason), "{given}");
}

/// Signs in with another token of the right claims; refused, for this reason.
async fn forged(scene: &Scene, forge: impl Fn(&Value) -> String + Send + 'static, reason: &str) {
    scene.idp.script().forge = Some(Box::new(forge));
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "answer_invalid").await;
    let given = scene.reason().await;
    assert!(given.ends_with(reason), "{given}");
    scene.idp.script().forge = None;
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn a_token_of_another_sign_in_issuer_or_audience_is_refused() {
    let scene = Scene::start().await;
    claims(&scene, |c| c["nonce"] = "another".into(), "another sign-in").await;
    claims(&scene, |c| c["nonce"] = Value::Null, "another sign-in").await;
    claims(
        &scene,
        |c| c["iss"] = "https://evil.example".into(),
        "another issuer's",
    )
    .await;
    claims(&scene, |c| c["aud"] = "other".into(), "not for this client").await;
    claims(
        &scene,
        |c| c["aud"] = json!(["tidegate", "other"]),
        "for another party",
    )
    .await;
    let both = |c: &mut Value| {
        c["aud"] = json!(["tidegate", "other"]);
        c["azp"] = "other".into();
    };
    claims(&scene, both, "for another party").await;
    let ours = |c: &mut Value| {
        c["aud"] = json!(["other", "tidegate"]);
        c["azp"] = "tidegate".into();
    };
    scene.idp.script().claims = Box::new(ours);
    let (_, ended) = scene.sign_in().await;
    assert!(
        session(&ended.headers).is_some(),
        "made for us, though others may use it"
    );
}

#[tokio::test]
async fn a_token_out_of_its_time_is_refused() {
    let scene = Scene::start().await;
    let now = scene.api.now().seconds();
    claims(
        &scene,
        move |c| c["exp"] = (now - 60).into(),
        "it has expired",
    )
    .await;
    claims(
        &scene,
        |c| drop(c.as_object_mut().unwrap().remove("exp")),
        "it has expired",
    )
    .await;
    claims(
        &scene,
        move |c| c["nbf"] = (now + 61).into(),
        "not valid yet",
    )
    .await;
    claims(
        &scene,
        move |c| c["iat"] = (now + 61).into(),
        "not valid yet",
    )
    .await;
    scene.idp.script().claims = Box::new(move |c| {
        c["exp"] = (now - 59).into();
        c["nbf"] = (now + 60).into();
    });
    let (_, ended) = scene.sign_in().await;
    assert!(
        session(&ended.headers).is_some(),
        "clocks differ by a minute"
    );
}

#[tokio::test]
async fn a_token_without_a_signature_or_with_a_shared_secret_is_refused() {
    let scene = Scene::start().await;
    let not_accepted = "its algorithm is not accepted";
    for name in ["none", "None", "nOnE"] {
        let none = move |c: &Value| format!("{}.{}.", part(&json!({ "alg": name })), part(c));
        forged(&scene, none, not_accepted).await;
    }
    // HS256 with the public key as the secret: whatever bytes of it, the algorithm is not accepted.
    let hs256 = |c: &Value| {
        let header = json!({ "alg": "HS256", "kid": "first" });
        format!(
            "{}.{}.{}",
            part(&header),
            part(c),
            URL_SAFE_NO_PAD.encode([7; 32])
        )
    };
    forged(&scene, hs256, not_accepted).await;
    let signer = Arc::clone(&scene.idp.script().signer);
    let relabelled = move |c: &Value| signer.sign(&json!({ "alg": "HS256", "kid": "first" }), c);
    forged(&scene, relabelled, not_accepted).await;
    let stripped = |c: &Value| {
        let header = json!({ "alg": "ES256", "kid": "first" });
        format!("{}.{}.", part(&header), part(c))
    };
    forged(&scene, stripped, "its signature is wrong").await;
    let own = Signer::new(Algorithm::Es256, "first");
    let header = json!({ "alg": "ES256", "kid": "first", "jwk": own.public() });
    forged(
        &scene,
        move |c| own.sign(&header, c),
        "its signature is wrong",
    )
    .await;
    forged(&scene, |_| "not.a.token".to_owned(), "it cannot be read").await;
    forged(&scene, |_| String::new(), "it cannot be read").await;
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused_before_its_code_is_sent_anywhere() {
    let scene = Scene::start().await;
    let evil = Idp::start(&scene.api.clock).await;
    for issuer in [
        Some(evil.issuer()),
        Some(""),
        Some("https://evil.example"),
        None,
    ] {
        let mut browser = Browser::default();
        let begun = browser.begin(&scene, "/").await;
        let mut answer = scene.idp.agree(&begun.url);
        answer.retain(|(name, _)| *name != "iss");
        answer.extend(issuer.map(|issuer| ("iss", issuer.to_owned())));
        let ended = browser.back(&scene, &answer).await;
        scene.refused(&ended, "answer_invalid").await;
        let reason = scene.reason().await;
        assert_eq!(reason, "the issuer in the answer is not the configured one");
    }
    assert!(
        !scene.idp.script().asked.contains(&"token"),
        "no code was sent"
    );
}

#[tokio::test]
async fn a_provider_that_does_not_name_itself_may_leave_it_out_and_may_not_lie() {
    let scene = Scene::start().await;
    scene.idp.script().names_itself = false;
    let (_, ended) = scene.sign_in().await;
    assert!(session(&ended.headers).is_some());
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let mut answer = scene.idp.agree(&begun.url);
    answer.push(("iss", "https://evil.example".to_owned()));
    let ended = browser.back(&scene, &answer).await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=answer_invalid");
}

#[tokio::test]
async fn a_person_who_says_no_is_told_so() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let mut answer = scene.idp.agree(&begun.url);
    answer[0] = ("error", "access_denied".to_owned());
    let ended = browser.back(&scene, &answer).await;
    scene.refused(&ended, "provider_refused").await;
    assert_eq!(scene.reason().await, "the provider refused: access_denied");
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_as_such_and_passwords_still_work() {
    let scene = Scene::start().await;
    scene
        .api
        .account("root@example.com", "correct horse battery")
        .await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    scene.idp.script().down = true;
    let ended = browser.back(&scene, &scene.idp.agree(&begun.url)).await;
    scene.refused(&ended, "provider_unavailable").await;

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let body = json!({ "name": "Gone", "issuer": issuer, "client_id": "x" });
    let made = scene.api.post("/identity-providers", body).await;
    let id = made["id"].as_str().unwrap();
    let begun = visit(&scene.api, &format!("/api/v1/sign-in/{id}"), &[]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    assert_eq!(
        begun.headers["location"],
        "/sign-in?problem=provider_unavailable"
    );
    let found = scene
        .api
        .post(&format!("/identity-providers/{id}/test"), json!({}))
        .await;
    assert_eq!(found["usable"], false);
    assert!(
        found["notes"][0]
            .as_str()
            .unwrap()
            .contains("cannot be reached")
    );
    scene
        .api
        .sign_in("root@example.com", "correct horse battery")
        .await;
}

#[tokio::test]
async fn a_description_that_leads_inside_is_refused() {
    let scene = Scene::start().await;
    for (field, inside) in [
        ("token_endpoint", "http://169.254.169.254/latest/meta-data"),
        ("jwks_uri", "http://10.0.0.1/jwks"),
        ("userinfo_endpoint", "https://[fe80::1]/"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("issuer", "https://evil.example"),
    ] {
        scene.idp.script().description = Box::new(move |document| document[field] = inside.into());
        let begun = visit(
            &scene.api,
            &format!("/api/v1/sign-in/{}", scene.provider),
            &[],
        )
        .await;
        assert_eq!(
            begun.headers["location"], "/sign-in?problem=provider_unavailable",
            "{field}"
        );
        assert!(!begun.headers.contains_key("set-cookie"));
    }
}
