//! With a code that a person types in a browser elsewhere (RFC 8628).

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_device_api::challenge;

use super::visit::{Browser, Scene, VERIFIER, location};
use crate::{devices::text, harness::Answer};

async fn given(scene: &Scene) -> Value {
    let body = json!({ "challenge": challenge(VERIFIER), "hostname": "build-server" });
    let answer = scene.says("code", "", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn poll(scene: &Scene, given: &Value) -> Answer {
    let body = json!({ "device_code": given["device_code"] });
    scene.says("poll", "", body).await
}

async fn later(scene: &Scene, given: &Value) -> Answer {
    scene.api.clock.advance(Duration::from_secs(6));
    poll(scene, given).await
}

/// The first link of a page.
fn link(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("<a href=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn types(browser: &mut Browser, scene: &Scene, code: &str) -> Answer {
    let form = format!("user_code={code}");
    browser.post(scene, "/device", &form, "same-origin").await
}

#[tokio::test]
async fn a_typed_code_signs_a_device_in() {
    let scene = Scene::start().await;
    let given = given(&scene).await;
    let code = text(&given["user_code"]);
    assert_eq!(given["verification_uri"], "http://127.0.0.1:8081/device");
    let whole = format!("http://127.0.0.1:8081/device?user_code={code}");
    assert_eq!(given["verification_uri_complete"], whole);
    assert_eq!(
        (&given["interval"], &given["expires_in"]),
        (&json!(5), &json!(600))
    );
    assert_eq!(poll(&scene, &given).await.code(), "authorization_pending");
    let early = poll(&scene, &given).await;
    assert_eq!(early.code(), "slow_down");
    assert_eq!(early.headers["retry-after"], "10");
    assert_eq!(
        later(&scene, &given).await.code(),
        "slow_down",
        "ten seconds by now"
    );

    let mut browser = Browser::default();
    let page = browser
        .get(&scene, &format!("/device?user_code={code}"))
        .await;
    assert!(
        page.text.contains(&format!("value=\"{code}\"")),
        "{}",
        page.text
    );
    let page = browser
        .get(&scene, "/device?user_code=%22%3E%3Cscript%3E")
        .await;
    assert!(!page.text.contains("script"), "{}", page.text);
    let page = types(&mut browser, &scene, &code.to_lowercase().replace('-', "")).await;
    assert!(page.text.contains("build-server"), "{}", page.text);
    let ticket = browser.reaches_confirm(&scene, &link(&page)).await;
    scene.api.clock.advance(Duration::from_secs(20));
    assert_eq!(
        poll(&scene, &given).await.code(),
        "authorization_pending",
        "not confirmed yet"
    );
    let done = browser.confirm(&scene, &ticket, "yes").await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.text.contains("Go back to your device"),
        "{}",
        done.text
    );

    scene.api.clock.advance(Duration::from_secs(20));
    let polled = poll(&scene, &given).await;
    assert_eq!(polled.status, StatusCode::OK, "{}", polled.text);
    scene.api.clock.advance(Duration::from_secs(20));
    assert_eq!(
        poll(&scene, &given).await.code(),
        "expired_token",
        "given out once"
    );
    let code = text(&polled.json()["code"]);
    assert_eq!(scene.redeem(&code).await.status, StatusCode::CREATED);
    assert_eq!(scene.redeem(&code).await.code(), "invalid_grant");
}

#[tokio::test]
async fn codes_end_and_are_refused() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let made = given(&scene).await;
    let page = types(&mut browser, &scene, &text(&made["user_code"])).await;
    let ticket = browser.reaches_confirm(&scene, &link(&page)).await;
    let denied = browser.confirm(&scene, &ticket, "no").await;
    assert!(
        denied.text.contains("Nothing was connected"),
        "{}",
        denied.text
    );
    assert_eq!(poll(&scene, &made).await.code(), "access_denied");

    let late = given(&scene).await;
    scene.api.clock.advance(Duration::from_secs(601));
    assert_eq!(poll(&scene, &late).await.code(), "expired_token");
    let page = types(&mut browser, &scene, &text(&late["user_code"])).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let unknown = json!({ "device_code": format!("tg-sign-in-{}", "A".repeat(43)) });
    let answer = scene.says("poll", "", unknown).await;
    assert_eq!(answer.code(), "invalid_grant");
    let wrong = json!({ "challenge": "short", "hostname": "x" });
    assert_eq!(scene.says("code", "", wrong).await.places(), ["/challenge"]);
    let wrong = json!({ "challenge": challenge(VERIFIER), "hostname": "" });
    assert_eq!(scene.says("code", "", wrong).await.places(), ["/hostname"]);

    // A page that was left open belongs to nobody when somebody else typed the code after it.
    let made = given(&scene).await;
    let code = text(&made["user_code"]);
    let first = types(&mut browser, &scene, &code).await;
    let second = types(&mut Browser::default(), &scene, &code).await;
    assert_eq!(
        browser.get(&scene, &link(&first)).await.status,
        StatusCode::GONE
    );
    location(&browser.get(&scene, &link(&second)).await);
}

#[tokio::test]
async fn guessing_codes_is_slow() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let form = "user_code=BCDF-GHJK";
    let forged = browser.post(&scene, "/device", form, "cross-site").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let mut guesses = 0;
    loop {
        let page = types(&mut browser, &scene, "BCDF-GHJK").await;
        match page.status {
            StatusCode::NOT_FOUND => guesses += 1,
            status => break assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
        assert!(guesses < 100, "nobody counts");
    }
    assert!(guesses <= 30, "{guesses}");
}
