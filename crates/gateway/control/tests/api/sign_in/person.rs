//! What a provider says about a person, and where it says it.

use serde_json::json;

use super::browser::{Scene, session};

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
