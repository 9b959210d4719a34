//! Where a browser goes in the end: to our own pages and nowhere else.

use http::StatusCode;

use super::browser::{Scene, visit};

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let scene = Scene::start().await;
    for bad in [
        "//evil.example",
        "%2F%2Fevil.example",
        "/%5Cevil.example",
        "%5C%5Cevil.example",
        "/%09/evil.example",
        "/%0A/evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/@evil.example",
        "/devices%0D%0Aset-cookie:x=y",
        "/..//evil.example",
        "/%00",
        "/api/v1/info",
        "devices",
        "",
    ] {
        let path = format!("/api/v1/sign-in/{}?return_to={bad}", scene.provider);
        let answer = visit(&scene.api, &path, &[]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(answer.places(), ["return_to"], "{bad}");
        assert!(!answer.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn an_unknown_provider_leads_back_to_the_sign_in_page() {
    let scene = Scene::start().await;
    let path = format!("/identity-providers/{}", scene.provider);
    let change = serde_json::json!({ "disabled": true });
    scene.api.call("PATCH", &path, Some(change)).await;
    for id in [
        scene.provider.as_str(),
        "idp_01jdg8s6f7e2m9v4k3x5q8w0zr",
        "x",
        "..%2F",
    ] {
        let answer = visit(&scene.api, &format!("/api/v1/sign-in/{id}"), &[]).await;
        assert_eq!(
            answer.headers["location"], "/sign-in?problem=provider_unknown",
            "{id}"
        );
    }
}
