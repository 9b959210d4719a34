//! What a provider says about a person, and where it says it.

use http::StatusCode;
use serde_json::json;

use super::browser::{Scene, session, visit};
use crate::scim::{Provider, text};

#[tokio::test]
async fn an_address_that_is_not_verified_opens_nothing() {
    let scene = Scene::start().await;
    scene.idp.script().person["email_verified"] = false.into();
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "email_unverified").await;
    let person = json!({ "sub": "ada", "groups": ["admins"] });
    scene.idp.script().person = person.clone();
    scene.idp.script().userinfo = json!({ "sub": "ada" });
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "email_missing").await;
    // Without the provider's word an address counts only where the admin says so.
    scene.idp.script().userinfo = json!({ "sub": "ada", "email": "ada@example.com" });
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "email_unverified").await;
    let path = format!("/identity-providers/{}", scene.provider);
    let change = json!({ "trusts_email": true });
    scene.api.call("PATCH", &path, Some(change)).await;
    let (_, ended) = scene.sign_in().await;
    assert!(session(&ended.headers).is_some());
}

#[tokio::test]
async fn userinfo_is_asked_where_the_token_is_silent_and_must_be_about_the_same_person() {
    let scene = Scene::start().await;
    scene.idp.script().person = json!({ "sub": "ada" });
    let told = json!({
        "sub": "ada", "email": "ada@example.com", "email_verified": true, "groups": "security",
    });
    scene.idp.script().userinfo = told.clone();
    let (browser, _) = scene.sign_in().await;
    assert_eq!(browser.account(&scene).await["account"]["role"], "security");

    scene.idp.script().userinfo["sub"] = "mallory".into();
    let (_, ended) = scene.sign_in().await;
    assert_eq!(
        ended.headers["location"],
        "/sign-in?problem=provider_unavailable"
    );
    assert!(session(&ended.headers).is_none());
}

#[tokio::test]
async fn groups_are_found_where_the_provider_keeps_them() {
    let scene = Scene::with(json!({ "groups_claim": "realm_access.roles" })).await;
    scene.idp.script().person["realm_access"] = json!({ "roles": ["offline_access", "admins"] });
    scene.idp.script().person["groups"] = json!(["security"]);
    let (browser, _) = scene.sign_in().await;
    assert_eq!(browser.account(&scene).await["account"]["role"], "admin");
    assert!(
        !scene.idp.script().asked.contains(&"userinfo"),
        "the token said it all"
    );
}

#[tokio::test]
async fn a_team_admin_gets_the_team_of_the_rule_while_it_is_there() {
    let scene = Scene::start().await;
    let team = scene
        .api
        .post("/teams", json!({ "name": "research" }))
        .await;
    let team = team["id"].as_str().unwrap();
    let path = format!("/identity-providers/{}", scene.provider);
    let rules = json!([{ "group": "leads", "role": "team_admin", "team": team }]);
    let changed = scene
        .api
        .call("PATCH", &path, Some(json!({ "rules": rules })))
        .await;
    assert_eq!(changed.json()["rules"], rules, "{}", changed.text);
    scene.idp.script().person["groups"] = json!(["leads"]);
    let (browser, _) = scene.sign_in().await;
    let current = browser.account(&scene).await;
    assert_eq!(current["account"]["role"], "team_admin");
    assert_eq!(current["account"]["team"], team);
}

#[tokio::test]
async fn groups_sent_by_scim_count_where_the_provider_says_nothing_about_groups() {
    let scene = Scene::start().await;
    let provider = Provider::of(&scene.api).await;
    let ada = provider.user("ada@example.com").await;
    provider.group("security", &[&ada]).await;
    let silent = json!({ "sub": "ada", "email": "ada@example.com", "email_verified": true });
    scene.idp.script().person = silent.clone();
    scene.idp.script().userinfo = silent.clone();
    let (browser, _) = scene.sign_in().await;
    assert_eq!(browser.account(&scene).await["account"]["role"], "security");
    let audit = scene.api.get("/audit?action=account.vouch").await;
    assert_eq!(audit["items"][0]["detail"]["groups"], json!(["security"]));

    // What it says at the sign-in is newer, also where it says that there are none.
    scene.idp.script().person["groups"] = json!(["admins"]);
    let (browser, _) = scene.sign_in().await;
    assert_eq!(browser.account(&scene).await["account"]["role"], "admin");
    scene.idp.script().person["groups"] = json!([]);
    let (_, ended) = scene.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=no_role");

    // Whoever else is in the group is somebody else.
    let bob = json!({ "sub": "bob", "email": "bob@example.com", "email_verified": true });
    scene.idp.script().person = bob.clone();
    scene.idp.script().userinfo = bob;
    let (_, ended) = scene.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=no_role");
}

#[tokio::test]
async fn a_user_who_is_disabled_is_signed_out_and_stays_out_until_enabled() {
    let scene = Scene::start().await;
    let new = json!({ "email": "ada@example.com", "name": "Ada" });
    let user = text(&scene.api.post("/users", new).await["id"]);
    let (browser, _) = scene.sign_in().await;
    browser.account(&scene).await;
    let path = format!("/users/{user}");
    let switch = async |disabled: bool| {
        let change = Some(json!({ "disabled": disabled }));
        let done = scene.api.call("PATCH", &path, change).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    };
    switch(true).await;
    let current = visit(&scene.api, "/api/v1/sessions/current", &browser.cookies).await;
    assert_eq!(current.code(), "unauthenticated");
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "account_disabled").await;
    let audit = scene.api.get("/audit?action=account.").await.to_string();
    assert!(
        audit.contains("account.disable") && audit.contains(&user),
        "{audit}"
    );
    switch(false).await;
    let (browser, _) = scene.sign_in().await;
    browser.account(&scene).await;

    // An account that an admin disabled stays disabled when its user is enabled.
    let accounts = scene.api.get("/accounts").await;
    let account = text(&accounts["items"][0]["id"]);
    scene
        .api
        .post(&format!("/accounts/{account}/disable"), json!({}))
        .await;
    switch(true).await;
    switch(false).await;
    let (_, ended) = scene.sign_in().await;
    scene.refused(&ended, "account_disabled").await;
}
