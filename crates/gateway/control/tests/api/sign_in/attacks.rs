//! Ways around the sign-in that need no fault of the provider's: other people's callbacks, old ones,
//! planted cookies.

use http::StatusCode;
use tidegate_types::PlainKey;

use super::browser::{Browser, Scene, callback, session, visit};

fn with(
    answer: &[(&'static str, String)],
    name: &'static str,
    value: Option<&str>,
) -> Vec<(&'static str, String)> {
    let mut answer: Vec<_> = answer.iter().filter(|(n, _)| *n != name).cloned().collect();
    answer.extend(value.map(|value| (name, value.to_owned())));
    answer
}

#[tokio::test]
async fn a_wrong_state_is_refused() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let right = scene.idp.agree(&begun.url);
    let other = PlainKey::generate(PlainKey::SIGN_IN).unwrap();
    for state in [Some(other.expose()), Some("x"), Some(""), None] {
        let ended = browser.back(&scene, &with(&right, "state", state)).await;
        scene.refused(&ended, "sign_in_lost").await;
    }
    let twice = format!("{}&state=x", callback(&right));
    let ended = visit(&scene.api, &twice, &browser.cookies).await;
    scene.refused(&ended, "answer_invalid").await;
    let ended = browser.back(&scene, &right).await;
    assert!(
        session(&ended.headers).is_some(),
        "the right one still works"
    );
}

#[tokio::test]
async fn a_second_callback_is_refused_on_any_replica() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let cookies = browser.cookies.clone();
    let right = scene.idp.agree(&begun.url);
    let ended = browser.back(&scene, &right).await;
    assert!(session(&ended.headers).is_some());
    // The same browser, with the cookie that it had; and the code would be good again.
    scene.idp.agree(&begun.url);
    let ended = visit(&scene.api, &callback(&right), &cookies).await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=sign_in_lost");
    assert!(session(&ended.headers).is_none());
}

#[tokio::test]
async fn two_callbacks_at_once_open_one_session() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let path = callback(&scene.idp.agree(&begun.url));
    let (one, two) = tokio::join!(
        visit(&scene.api, &path, &browser.cookies),
        visit(&scene.api, &path, &browser.cookies)
    );
    let opened = [one, two]
        .iter()
        .filter(|ended| session(&ended.headers).is_some())
        .count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_callback_that_fails_is_used_up_too() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let right = scene.idp.agree(&begun.url);
    let cookies = browser.cookies.clone();
    let ended = browser
        .back(&scene, &with(&right, "code", Some("code-9")))
        .await;
    scene.refused(&ended, "provider_refused").await;
    assert_eq!(scene.reason().await, "the provider refused: invalid_grant");
    let ended = visit(&scene.api, &callback(&right), &cookies).await;
    scene.refused(&ended, "sign_in_lost").await;
}

#[tokio::test]
async fn a_replayed_code_is_refused() {
    let scene = Scene::start().await;
    let mut victim = Browser::default();
    let begun = victim.begin(&scene, "/").await;
    let theirs = scene.idp.agree(&begun.url);
    let code = theirs[0].1.clone();
    // Who got hold of a code puts it into a sign-in of their own: PKCE and nonce belong to another.
    let mut thief = Browser::default();
    let begun = thief.begin(&scene, "/").await;
    let own = scene.idp.agree(&begun.url);
    let ended = thief.back(&scene, &with(&own, "code", Some(&code))).await;
    scene.refused(&ended, "provider_refused").await;
    assert_eq!(scene.reason().await, "the provider refused: invalid_grant");
}

#[tokio::test]
async fn a_callback_without_the_browsers_cookie_is_refused() {
    let scene = Scene::start().await;
    // An attacker signs in as themselves and has the victim's browser go to the callback.
    let mut attacker = Browser::default();
    let begun = attacker.begin(&scene, "/").await;
    let path = callback(&scene.idp.agree(&begun.url));
    let ended = visit(&scene.api, &path, &[]).await;
    scene.refused(&ended, "other_browser").await;
    // The victim has a cookie of its own sign-in.
    let begun = attacker.begin(&scene, "/").await;
    let path = callback(&scene.idp.agree(&begun.url));
    let mut victim = Browser::default();
    victim.begin(&scene, "/").await;
    let ended = visit(&scene.api, &path, &victim.cookies).await;
    scene.refused(&ended, "other_browser").await;
    // Of the right name, with another secret.
    let begun = attacker.begin(&scene, "/").await;
    let path = callback(&scene.idp.agree(&begun.url));
    let mut planted = attacker.cookies.last().unwrap().clone();
    planted.1 = PlainKey::generate(PlainKey::SIGN_IN)
        .unwrap()
        .expose()
        .to_owned();
    let ended = visit(&scene.api, &path, &[planted]).await;
    scene.refused(&ended, "other_browser").await;
}

#[tokio::test]
async fn a_planted_session_is_given_up_and_its_owner_signed_out() {
    let scene = Scene::start().await;
    let (attacker, _) = scene.sign_in().await;
    let planted = attacker.cookies[0].clone();
    scene.idp.script().person["sub"] = "victim".into();
    scene.idp.script().person["email"] = "victim@example.com".into();
    let mut victim = Browser {
        cookies: vec![planted.clone()],
    };
    let begun = victim.begin(&scene, "/").await;
    let ended = victim.back(&scene, &scene.idp.agree(&begun.url)).await;
    assert_ne!(session(&ended.headers).unwrap(), planted.1, "a new secret");
    let current = victim.account(&scene).await;
    assert_eq!(current["account"]["email"], "victim@example.com");
    let old = visit(&scene.api, "/api/v1/sessions/current", &[planted]).await;
    assert_eq!(
        old.code(),
        "unauthenticated",
        "the planted one opens nothing"
    );
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_is_lost() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/").await;
    let right = scene.idp.agree(&begun.url);
    scene.api.clock.advance(std::time::Duration::from_secs(600));
    let ended = browser.back(&scene, &right).await;
    scene.refused(&ended, "sign_in_lost").await;
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let scene = Scene::start().await;
    let mut browser = Browser::default();
    let first = browser.begin(&scene, "/devices").await;
    let second = browser.begin(&scene, "/audit").await;
    let ended = browser.back(&scene, &scene.idp.agree(&first.url)).await;
    assert_eq!(ended.headers["location"], "/devices");
    let ended = browser.back(&scene, &scene.idp.agree(&second.url)).await;
    assert_eq!(ended.headers["location"], "/audit");
}

#[tokio::test]
async fn attempts_of_an_address_are_counted() {
    let scene = Scene::start().await;
    let junk = "/api/v1/sign-in/callback?state=x&code=y";
    for _ in 0..20 {
        let ended = visit(&scene.api, junk, &[]).await;
        assert_eq!(ended.headers["location"], "/sign-in?problem=sign_in_lost");
    }
    let ended = visit(&scene.api, junk, &[]).await;
    assert_eq!(
        ended.headers["location"],
        "/sign-in?problem=too_many_attempts"
    );
    let begin = format!("/api/v1/sign-in/{}", scene.provider);
    for _ in 0..30 {
        let begun = visit(&scene.api, &begin, &[]).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER);
        assert!(
            begun.headers.contains_key("set-cookie"),
            "{:?}",
            begun.headers
        );
    }
    let begun = visit(&scene.api, &begin, &[]).await;
    assert_eq!(
        begun.headers["location"],
        "/sign-in?problem=too_many_attempts"
    );
}
