//! A gateway with a provider, a device that somebody signs in on, and their browser.

use std::collections::HashMap;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tidegate_device_api::challenge;

use crate::{
    devices,
    harness::{Answer, Api},
    idp::{Idp, query},
};

pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const STATE: &str = "sssssssssssssssssssssssssssssssssssssssssss";
const BROWSER: &str = "192.0.2.9:1";

/// A gateway that manages devices and knows a provider.
pub(super) struct Scene {
    pub(super) api: Api,
    pub(super) idp: Idp,
}

/// A browser: the cookies that it holds.
#[derive(Debug, Default)]
pub(super) struct Browser(HashMap<String, String>);

pub(super) fn begin(hostname: &str) -> String {
    let challenge = challenge(VERIFIER);
    format!("/device/v1/sign-in?challenge={challenge}&port=45678&state={STATE}&hostname={hostname}")
}

pub(super) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.headers[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned()
}

impl Scene {
    pub(super) async fn start() -> Self {
        let api = Api::managing(10).await;
        let idp = Idp::start(&api.clock).await;
        let scene = Self { api, idp };
        scene.provider("Example SSO").await;
        scene
    }

    pub(super) async fn provider(&self, name: &str) {
        let body = json!({
            "name": name, "issuer": self.idp.issuer(), "client_id": "tidegate",
            "client_secret": "s3cret+/ :",
        });
        self.api.post("/identity-providers", body).await;
    }

    /// A POST of the device API.
    pub(super) async fn says(&self, path: &str, key: &str, body: Value) -> Answer {
        devices::call(&self.api, &format!("sign-in/{path}"), key, &body).await
    }

    pub(super) async fn redeem(&self, code: &str) -> Answer {
        let body = json!({ "code": code, "verifier": VERIFIER });
        self.says("redeem", "", body).await
    }

    /// The whole way in the browser, up to the person's yes; the code for the device.
    pub(super) async fn code(&self) -> String {
        let mut browser = Browser::default();
        let ticket = browser.reaches_confirm(self, &begin("ann-laptop")).await;
        let back = browser.confirm(self, &ticket, "yes").await;
        query(&location(&back))["code"].clone()
    }

    /// What the audit log says last: action and details.
    pub(super) async fn last(&self) -> (String, Value) {
        let entry = self.api.get("/audit?limit=1").await["items"][0].clone();
        (
            entry["action"].as_str().unwrap().to_owned(),
            entry["detail"].clone(),
        )
    }
}

impl Browser {
    async fn send(
        &mut self,
        scene: &Scene,
        mut request: http::request::Builder,
        body: Body,
    ) -> Answer {
        request = request.header("host", "127.0.0.1:8081");
        if !self.0.is_empty() {
            let pairs: Vec<String> = self.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        let answer = scene
            .api
            .send_from(BROWSER, request.body(body).unwrap())
            .await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.0.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    pub(super) async fn get(&mut self, scene: &Scene, path: &str) -> Answer {
        self.send(scene, Request::get(path), Body::empty()).await
    }

    /// Sends a form, as from a page of ours or of another site.
    pub(super) async fn post(
        &mut self,
        scene: &Scene,
        path: &str,
        form: &str,
        site: &str,
    ) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        self.send(scene, request, Body::from(form.to_owned())).await
    }

    /// From our page over the provider to where the person is asked; the ticket.
    pub(super) async fn reaches_confirm(&mut self, scene: &Scene, path: &str) -> String {
        let provider = location(&self.get(scene, path).await);
        self.comes_back(scene, &provider).await
    }

    pub(super) async fn comes_back(&mut self, scene: &Scene, provider: &str) -> String {
        let back = self.returns(scene, provider).await;
        let place = location(&back);
        assert!(
            place.starts_with("/device/v1/sign-in/confirm?ticket="),
            "{place}"
        );
        query(&place)["ticket"].clone()
    }

    pub(super) async fn returns(&mut self, scene: &Scene, provider: &str) -> Answer {
        let answer = scene.idp.agree(provider);
        let pairs: Vec<String> = answer
            .iter()
            .map(|(name, value)| {
                format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F"))
            })
            .collect();
        let callback = format!("/api/v1/sign-in/callback?{}", pairs.join("&"));
        self.get(scene, &callback).await
    }

    pub(super) async fn confirm(&mut self, scene: &Scene, ticket: &str, answer: &str) -> Answer {
        let form = format!("ticket={ticket}&answer={answer}");
        let path = "/device/v1/sign-in/confirm";
        self.post(scene, path, &form, "same-origin").await
    }
}
