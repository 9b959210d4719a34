//! Every operation of signing in through a provider, once, for the walk through all of them.

use http::StatusCode;
use serde_json::json;

use super::browser::{SECRET, callback, session, visit};
use crate::{harness::Api, idp::Idp};

/// The secrets that were there on the way.
pub(crate) async fn walk(api: &Api) -> Vec<String> {
    let idp = Idp::start(&api.clock).await;
    let new = json!({
        "name": "Walked", "issuer": idp.issuer(), "client_id": "tidegate", "client_secret": SECRET,
        "rules": [{ "group": "admins", "role": "security" }],
    });
    idp.script().person["email"] = "walker@example.com".into();
    let made = api.post("/identity-providers", new).await;
    let id = made["id"].as_str().unwrap();
    let path = format!("/identity-providers/{id}");
    api.post(&format!("{path}/test"), json!({})).await;
    for place in ["/identity-providers", &path, "/sign-in"] {
        api.get(place).await;
    }
    let renamed = api
        .call("PATCH", &path, Some(json!({ "name": "SSO" })))
        .await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);

    let begun = visit(api, &format!("/api/v1/sign-in/{id}"), &[]).await;
    let cookie = begun.headers["set-cookie"].to_str().unwrap();
    let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
    let url = begun.headers["location"].to_str().unwrap();
    let cookies = [(name.to_owned(), value.to_owned())];
    let ended = visit(api, &callback(&idp.agree(url)), &cookies).await;
    let opened = session(&ended.headers).unwrap();
    let browser = [("tidegate".to_owned(), opened.clone())];
    let current = visit(api, "/api/v1/sessions/current", &browser)
        .await
        .json();
    let account = current["account"]["id"].as_str().unwrap();
    let links = format!("/accounts/{account}/identities");
    api.get(&links).await;
    let link = json!({ "provider": id, "linked": false });
    let unlinked = api.call("PATCH", &links, Some(link)).await;
    assert_eq!(unlinked.status, StatusCode::OK, "{}", unlinked.text);
    let gone = api.call("DELETE", &path, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    vec![SECRET.to_owned(), value.to_owned(), opened]
}
