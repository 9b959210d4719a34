//! Who somebody is here, once a provider has vouched for them.

use http::StatusCode;
use serde_json::json;

use super::browser::{Browser, Scene, session, visit};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn the_first_sign_in_makes_an_account_and_goes_to_the_page_that_was_asked_for() {
    let scene = Scene::start().await;
    let options = visit(&scene.api, "/api/v1/sign-in", &[]).await.json();
    let offered = json!([{ "id": scene.provider, "name": "Example SSO" }]);
    assert_eq!(options, json!({ "password": false, "providers": offered }));

    let mut browser = Browser::default();
    let begun = browser.begin(&scene, "/devices?platform=linux").await;
    assert_eq!(browser.cookies.len(), 1, "of this sign-in alone");
    let ended = browser.back(&scene, &scene.idp.agree(&begun.url)).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text);
    assert_eq!(ended.headers["location"], "/devices?platform=linux");
    assert_eq!(ended.headers["cache-control"], "no-store");
    assert_eq!(browser.cookies.len(), 1, "the sign-in's own is taken away");

    let current = browser.account(&scene).await;
    assert_eq!(current["account"]["email"], "ada@example.com");
    assert_eq!(current["account"]["name"], "Ada");
    assert_eq!(current["account"]["role"], "admin");
    assert_eq!(current["session"]["provider"], scene.provider);
    let accounts = scene.api.get("/accounts").await;
    assert_eq!(accounts["items"][0]["has_password"], false);
    let id = accounts["items"][0]["id"].as_str().unwrap();
    let known = scene.api.get(&format!("/accounts/{id}/identities")).await;
    assert_eq!(known["known"][0]["subject"], "ada");

    let audit = scene.api.get("/audit?limit=4").await;
    let items = audit["items"].as_array().unwrap();
    let actions: Vec<&str> = items
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions[..3],
        ["session.create", "account.vouch", "account.create"]
    );
    let vouched = &items[1]["detail"];
    assert_eq!(vouched["provider"], scene.provider);
    assert_eq!(vouched["subject"], "ada");
    assert_eq!(vouched["groups"], json!(["admins"]));
}

#[tokio::test]
async fn an_account_without_a_password_cannot_sign_in_by_one() {
    let scene = Scene::start().await;
    scene.sign_in().await;
    for password in ["", " ", PASSWORD] {
        let body = json!({ "email": "ada@example.com", "password": password });
        let answer = scene.api.call_as("", "POST", "/sessions", Some(body)).await;
        assert_eq!(answer.code(), "sign_in_failed", "{password:?}");
    }
}

#[tokio::test]
async fn the_role_follows_the_groups_and_sessions_of_another_role_end() {
    let scene = Scene::start().await;
    let (first, _) = scene.sign_in().await;
    assert_eq!(first.account(&scene).await["account"]["role"], "admin");
    let (second, _) = scene.sign_in().await;
    first.account(&scene).await;
    second.account(&scene).await;

    // The first rule that fits counts, whatever the order at the provider.
    scene.idp.script().person["groups"] = json!(["security", "other"]);
    let (third, _) = scene.sign_in().await;
    assert_eq!(third.account(&scene).await["account"]["role"], "security");
    for old in [first, second] {
        let current = visit(&scene.api, "/api/v1/sessions/current", &old.cookies).await;
        assert_eq!(current.code(), "unauthenticated");
    }
    let audit = scene.api.get("/audit?action=account.update").await;
    assert_eq!(audit["items"][0]["detail"]["role_before"], "admin");
    let accounts = scene.api.get("/accounts").await;
    assert_eq!(
        accounts["items"].as_array().unwrap().len(),
        1,
        "one person, one account"
    );
}

#[tokio::test]
async fn who_is_in_no_group_is_refused_unless_there_is_a_default() {
    let scene = Scene::start().await;
    scene.idp.script().person["groups"] = json!(["Admins", "interns"]);
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "no_role").await;
    let accounts = scene.api.get("/accounts").await;
    assert_eq!(accounts["items"], json!([]));

    let path = format!("/identity-providers/{}", scene.provider);
    let change = json!({ "default_role": "read_only" });
    assert_eq!(
        scene.api.call("PATCH", &path, Some(change)).await.status,
        StatusCode::OK
    );
    let (browser, _) = scene.sign_in().await;
    assert_eq!(
        browser.account(&scene).await["account"]["role"],
        "read_only"
    );
    let change = json!({ "default_role": null });
    assert_eq!(
        scene.api.call("PATCH", &path, Some(change)).await.status,
        StatusCode::OK
    );
    let (_, ended) = scene.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=no_role");
}

#[tokio::test]
async fn a_provider_cannot_take_a_local_account_by_naming_its_address() {
    let scene = Scene::start().await;
    let local = scene.api.account("ada@example.com", PASSWORD).await;
    scene.api.account("root@example.com", PASSWORD).await;
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "account_exists").await;

    // An admin says that it is theirs; it takes effect with the next sign-in, once.
    let path = format!("/accounts/{}/identities", local.id);
    let link = json!({ "provider": scene.provider, "linked": true });
    let expected = scene
        .api
        .call("PATCH", &path, Some(link.clone()))
        .await
        .json();
    assert_eq!(expected["expected"], json!([scene.provider]));
    let (browser, _) = scene.sign_in().await;
    let current = browser.account(&scene).await;
    assert_eq!(current["account"]["id"], local.id.to_string());
    let known = scene.api.get(&path).await;
    assert_eq!(known["known"][0]["subject"], "ada");
    assert_eq!(known["expected"], json!([]));
    let again = scene.api.call("PATCH", &path, Some(link)).await;
    assert_eq!(again.code(), "conflict");

    // Somebody else with the same address is still somebody else.
    scene.idp.script().person["sub"] = "mallory".into();
    let (_, ended) = scene.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=account_exists");

    let link = json!({ "provider": scene.provider, "linked": false });
    let gone = scene.api.call("PATCH", &path, Some(link)).await.json();
    assert_eq!(gone, json!({ "known": [], "expected": [] }));
    let current = visit(&scene.api, "/api/v1/sessions/current", &browser.cookies).await;
    assert_eq!(current.code(), "unauthenticated");
    scene.api.sign_in("ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_second_provider_cannot_take_what_the_first_made() {
    let scene = Scene::start().await;
    scene.sign_in().await;
    let other = crate::idp::Idp::start(&scene.api.clock).await;
    let body = json!({
        "name": "Other", "issuer": other.issuer(), "client_id": "tidegate",
        "client_secret": super::browser::SECRET, "default_role": "admin",
    });
    let made = scene.api.post("/identity-providers", body).await;
    let other = Scene {
        provider: made["id"].as_str().unwrap().to_owned(),
        idp: other,
        ..scene
    };
    let (_, ended) = other.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=account_exists");
}

#[tokio::test]
async fn a_disabled_account_stays_out_and_the_last_admin_with_a_password_stays_one() {
    let scene = Scene::start().await;
    scene.sign_in().await;
    let accounts = scene.api.get("/accounts").await;
    let id = accounts["items"][0]["id"].as_str().unwrap();
    scene
        .api
        .post(&format!("/accounts/{id}/disable"), json!({}))
        .await;
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "account_disabled").await;

    let local = scene.api.account("root@example.com", PASSWORD).await;
    let path = format!("/accounts/{}/identities", local.id);
    let link = json!({ "provider": scene.provider, "linked": true });
    assert_eq!(
        scene.api.call("PATCH", &path, Some(link)).await.status,
        StatusCode::OK
    );
    {
        let mut script = scene.idp.script();
        script.person["sub"] = "root".into();
        script.person["email"] = "root@example.com".into();
        script.person["groups"] = json!(["security"]);
    }
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "last_admin").await;
    let known = scene.api.get(&path).await;
    assert_eq!(
        known["expected"],
        json!([scene.provider]),
        "it is still expected"
    );
}

#[tokio::test]
async fn signing_in_is_open_to_everybody_and_gives_nothing_away() {
    let scene = Scene::start().await;
    for path in ["/identity-providers", "/identity-providers/x"] {
        let answer = scene.api.call_as("", "GET", path, None).await;
        assert_eq!(answer.code(), "unauthenticated");
    }
    let (browser, ended) = scene.sign_in().await;
    let cookie = session(&ended.headers).unwrap();
    let bytes = scene.api.database_bytes();
    for secret in [cookie.as_str(), super::browser::SECRET] {
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "a secret is in the database");
    }
    let listed = visit(&scene.api, "/api/v1/identity-providers", &browser.cookies).await;
    assert!(!listed.text.contains("s3cret"), "{}", listed.text);
    assert_eq!(listed.json()["items"][0]["has_secret"], true);
}
