//! In a browser on the same machine.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::visit::{Browser, STATE, Scene, VERIFIER, begin, location};
use crate::{
    devices::{call, machine, text},
    idp::query,
};

#[tokio::test]
async fn a_person_becomes_a_device_of_theirs() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let ticket = browser
        .reaches_confirm(&scene, &begin("ann%3Cb%3Elaptop"))
        .await;
    let asked = browser
        .get(
            &scene,
            &format!("/device/v1/sign-in/confirm?ticket={ticket}"),
        )
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    for part in ["ada@example.com", "ann&lt;b&gt;laptop", "this is not mine"] {
        assert!(asked.text.contains(part), "{part}: {}", asked.text);
    }
    let policy = asked.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:45678;"),
        "{policy}"
    );
    assert!(
        policy.starts_with("default-src 'none';") && !policy.contains("script"),
        "{policy}"
    );
    assert_eq!(asked.headers["x-frame-options"], "DENY");

    let back = browser.confirm(&scene, &ticket, "yes").await;
    let place = location(&back);
    assert!(
        place.starts_with("http://127.0.0.1:45678/tidegate/sign-in?"),
        "{place}"
    );
    let brought = query(&place);
    assert_eq!(brought["state"], STATE);
    assert_eq!(scene.last().await.0, "device.sign_in");
    let again = browser.confirm(&scene, &ticket, "yes").await;
    assert_eq!(again.status, StatusCode::GONE, "one word is enough");

    let redeemed = scene.redeem(&brought["code"]).await;
    assert_eq!(redeemed.status, StatusCode::CREATED, "{}", redeemed.text);
    let redeemed = redeemed.json();
    assert_eq!(redeemed["user"]["email"], "ada@example.com");
    let token = text(&redeemed["token"]);
    let made = call(&scene.api, "enrol", "", &machine(&token, "ann-laptop")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let twice = call(&scene.api, "enrol", "", &machine(&token, "ann-laptop")).await;
    assert_eq!(twice.code(), "unauthenticated", "one device");
    let shown = scene
        .api
        .get(&format!("/devices/{}", text(&made["device_id"])))
        .await;
    let user = scene
        .api
        .get(&format!("/users/{}", text(&shown["user"])))
        .await;
    assert_eq!(
        (&user["email"], &user["name"]),
        (&json!("ada@example.com"), &json!("Ada"))
    );
    let bytes = scene.api.database_bytes();
    for secret in [&*ticket, &brought["code"], &token, VERIFIER] {
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "{secret} is stored");
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_who_made_its_challenge_and_not_for_long() {
    let scene = Scene::start().await;
    let code = scene.code().await;
    let wrong = json!({ "code": code, "verifier": "another device's verifier" });
    assert_eq!(
        scene.says("redeem", "", wrong).await.code(),
        "invalid_grant"
    );
    assert_eq!(
        scene.redeem(&code).await.code(),
        "invalid_grant",
        "it is used up"
    );

    let code = scene.code().await;
    assert_eq!(scene.redeem(&code).await.status, StatusCode::CREATED);
    assert_eq!(
        scene.redeem(&code).await.code(),
        "invalid_grant",
        "a second time"
    );

    let code = scene.code().await;
    scene.api.clock.advance(Duration::from_secs(121));
    assert_eq!(
        scene.redeem(&code).await.code(),
        "invalid_grant",
        "too late"
    );

    let code = scene.code().await;
    let token = text(&scene.redeem(&code).await.json()["token"]);
    scene.api.clock.advance(Duration::from_secs(301));
    let late = call(&scene.api, "enrol", "", &machine(&token, "late")).await;
    assert_eq!(late.code(), "unauthenticated");
    for nonsense in ["", "tg-enrol-x", "tg-sign-in-short"] {
        assert_eq!(scene.redeem(nonsense).await.code(), "invalid_grant");
    }
}

#[tokio::test]
async fn no_and_too_late_are_no() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let ticket = browser.reaches_confirm(&scene, &begin("host")).await;
    let form = format!("ticket={ticket}&answer=yes");
    let path = "/device/v1/sign-in/confirm";
    for site in ["cross-site", "same-site", "none"] {
        let forged = browser.post(&scene, path, &form, site).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{site}");
    }
    let place = location(&browser.confirm(&scene, &ticket, "no").await);
    assert_eq!(query(&place)["error"], "access_denied");
    let (action, detail) = scene.last().await;
    assert_eq!(
        (&*action, &detail["hostname"]),
        ("device.sign_in.deny", &json!("host"))
    );
    assert_eq!(
        browser.confirm(&scene, &ticket, "yes").await.status,
        StatusCode::GONE
    );

    let ticket = browser.reaches_confirm(&scene, &begin("host")).await;
    scene.api.clock.advance(Duration::from_secs(301));
    assert_eq!(
        browser.confirm(&scene, &ticket, "yes").await.status,
        StatusCode::GONE
    );
    let unknown = format!("tg-sign-in-{}", "A".repeat(43));
    assert_eq!(
        browser.confirm(&scene, &unknown, "yes").await.status,
        StatusCode::GONE
    );
}

#[tokio::test]
async fn only_what_a_device_makes_begins() {
    let scene = Scene::start().await;
    let right = begin("host");
    for (from, to) in [
        ("port=45678", "port=22"),
        ("port=45678", "port=99999"),
        ("port=45678", "port=x"),
        ("challenge=", "challenge=short"),
        ("challenge=", "other="),
        (STATE, "state"),
        (STATE, &"%3Cscript%3E".repeat(4)),
        ("hostname=host", "hostname="),
        ("hostname=host", "hostname=a%0Ab"),
        ("hostname=host", &format!("hostname={}", "x".repeat(256))),
    ] {
        let wrong = right.replacen(from, to, 1);
        let answer = Browser::default().get(&scene, &wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(!answer.text.contains("script"), "{}", answer.text);
    }
    let mut other = right.clone();
    other.push_str("&redirect_uri=http%3A%2F%2Fevil.example");
    let place = location(&Browser::default().get(&scene, &other).await);
    assert!(
        place.starts_with(scene.idp.issuer()),
        "nothing else says where to: {place}"
    );
    let mut begun = 0;
    while Browser::default().get(&scene, &right).await.status == StatusCode::SEE_OTHER {
        begun += 1;
        assert!(begun < 60, "it is not counted");
    }
    assert!(begun >= 20, "{begun}");
}

#[tokio::test]
async fn who_is_switched_off_or_not_vouched_for_does_not_sign_in() {
    let scene = Scene::start().await;
    let user = json!({ "email": "ada@example.com", "name": "Ada" });
    let id = text(&scene.api.post("/users", user).await["id"]);
    let path = format!("/users/{id}");
    scene
        .api
        .call("PATCH", &path, Some(json!({ "disabled": true })))
        .await;
    let mut browser = Browser::default();
    let ticket = browser.reaches_confirm(&scene, &begin("host")).await;
    let place = location(&browser.confirm(&scene, &ticket, "yes").await);
    assert_eq!(query(&place)["error"], "user_disabled");
    assert_eq!(scene.last().await.0, "device.sign_in.refuse");

    scene
        .api
        .call("PATCH", &path, Some(json!({ "disabled": false })))
        .await;
    let code = scene.code().await;
    scene
        .api
        .call("PATCH", &path, Some(json!({ "disabled": true })))
        .await;
    assert_eq!(
        scene.redeem(&code).await.code(),
        "invalid_grant",
        "switched off meanwhile"
    );

    scene.idp.script().person["email_verified"] = json!(false);
    let provider = location(&browser.get(&scene, &begin("host")).await);
    let place = location(&browser.returns(&scene, &provider).await);
    assert_eq!(query(&place)["error"], "sign_in_failed");
    assert!(place.starts_with("http://127.0.0.1:45678/"), "{place}");
}

#[tokio::test]
async fn another_browser_does_not_finish_what_one_began() {
    let scene = Scene::start().await;
    let provider = location(&Browser::default().get(&scene, &begin("host")).await);
    let answer = Browser::default().returns(&scene, &provider).await;
    assert_eq!(location(&answer), "/sign-in?problem=other_browser");
}

#[tokio::test]
async fn several_ways_are_a_choice_and_none_is_told() {
    let scene = Scene::start().await;
    scene.provider("Other <SSO>").await;
    let mut browser = Browser::default();
    let page = browser.get(&scene, &begin("host")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("Sign in with Other &lt;SSO&gt;"),
        "{}",
        page.text
    );
    let (_, rest) = page.text.split_once("<a href=\"").unwrap();
    let link = rest.split('"').next().unwrap().to_owned();
    let ticket = browser.reaches_confirm(&scene, &link).await;
    assert_eq!(
        browser.confirm(&scene, &ticket, "yes").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        browser.get(&scene, &link).await.status,
        StatusCode::GONE,
        "it went on"
    );
    let style = browser.get(&scene, "/device/v1/sign-in/style.css").await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");

    let all = scene.api.get("/identity-providers").await;
    for provider in all["items"].as_array().unwrap() {
        let path = format!("/identity-providers/{}", text(&provider["id"]));
        scene.api.call("DELETE", &path, None).await;
    }
    let place = location(&browser.get(&scene, &begin("host")).await);
    assert_eq!(query(&place)["error"], "no_provider");
}
