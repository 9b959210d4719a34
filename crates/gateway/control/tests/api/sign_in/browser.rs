//! A gateway with a provider, and a browser between the two.

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Api},
    idp::Idp,
};

/// The client's secret at the provider: with all that form-encoding changes.
pub(super) const SECRET: &str = "s3cret+/ :";

/// A gateway, and a provider that it knows.
pub(super) struct Scene {
    pub(super) api: Api,
    pub(super) idp: Idp,
    /// The provider's id at the gateway.
    pub(super) provider: String,
}

/// A browser: what it holds.
#[derive(Debug, Default)]
pub(super) struct Browser {
    pub(super) cookies: Vec<(String, String)>,
}

/// A sign-in that was begun.
#[derive(Debug)]
pub(super) struct Begun {
    /// Where the browser was sent.
    pub(super) url: String,
}

impl Scene {
    pub(super) async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With fields of the provider besides the usual ones.
    pub(super) async fn with(fields: Value) -> Self {
        let api = Api::start().await;
        let idp = Idp::start(&api.clock).await;
        let mut body = json!({
            "name": "Example SSO", "issuer": idp.issuer(), "client_id": "tidegate",
            "client_secret": SECRET,
            "rules": [
                { "group": "admins", "role": "admin" },
                { "group": "security", "role": "security" },
            ],
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = api.post("/identity-providers", body).await;
        let provider = made["id"].as_str().unwrap().to_owned();
        Self { api, idp, provider }
    }

    /// The whole way, by a browser that has nothing yet.
    pub(super) async fn sign_in(&self) -> (Browser, Answer) {
        let mut browser = Browser::default();
        let begun = browser.begin(self, "/").await;
        let answer = self.idp.agree(&begun.url);
        let ended = browser.back(self, &answer).await;
        (browser, ended)
    }

    /// Refused for this reason, which is in the audit log, and no session is there.
    pub(super) async fn refused(&self, ended: &Answer, problem: &str) {
        assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text);
        assert_eq!(
            ended.headers["location"],
            format!("/sign-in?problem={problem}")
        );
        assert!(session(&ended.headers).is_none(), "no session");
        let audit = self.api.get("/audit?limit=1").await;
        let entry = &audit["items"][0];
        assert_eq!(entry["action"], "session.refuse", "{entry}");
        assert_eq!(entry["detail"]["code"], problem, "{entry}");
        assert_eq!(entry["detail"]["address"], "127.0.0.1");
        let sessions = self.api.get("/sessions").await;
        assert_eq!(sessions["items"].as_array().unwrap().len(), 0, "{sessions}");
    }

    /// Why it was refused, in the words of the audit log.
    pub(super) async fn reason(&self) -> String {
        let audit = self.api.get("/audit?limit=1").await;
        audit["items"][0]["detail"]["reason"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// Sends a GET as a browser does.
pub(super) async fn visit(api: &Api, path: &str, cookies: &[(String, String)]) -> Answer {
    let mut request = Request::get(path).header("host", "127.0.0.1:8081");
    if !cookies.is_empty() {
        let pairs: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        request = request.header("cookie", pairs.join("; "));
    }
    api.send(request.body(Body::empty()).unwrap()).await
}

/// A callback with these parameters.
pub(super) fn callback(answer: &[(&'static str, String)]) -> String {
    let pairs: Vec<String> = answer
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F")))
        .collect();
    format!("/api/v1/sign-in/callback?{}", pairs.join("&"))
}

/// The session that an answer gives.
pub(super) fn session(headers: &HeaderMap) -> Option<String> {
    set_cookies(headers).find_map(|text| {
        let value = text.strip_prefix("tidegate=")?.split(';').next()?;
        (!value.is_empty()).then(|| value.to_owned())
    })
}

fn set_cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::SET_COOKIE).iter();
    all.map(|value| value.to_str().unwrap())
}

impl Browser {
    /// Begins a sign-in that must begin.
    pub(super) async fn begin(&mut self, scene: &Scene, return_to: &str) -> Begun {
        let to = return_to
            .replace('?', "%3F")
            .replace('=', "%3D")
            .replace('&', "%26");
        let path = format!("/api/v1/sign-in/{}?return_to={to}", scene.provider);
        let answer = visit(&scene.api, &path, &self.cookies).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        self.keep(&answer.headers);
        let url = answer.headers["location"].to_str().unwrap().to_owned();
        Begun { url }
    }

    /// Comes back from the provider.
    pub(super) async fn back(
        &mut self,
        scene: &Scene,
        answer: &[(&'static str, String)],
    ) -> Answer {
        let ended = visit(&scene.api, &callback(answer), &self.cookies).await;
        self.keep(&ended.headers);
        ended
    }

    /// Keeps and drops cookies as it is told.
    fn keep(&mut self, headers: &HeaderMap) {
        for text in set_cookies(headers) {
            assert!(text.contains("; HttpOnly; SameSite=Lax"), "{text}");
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !text.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Whom the gateway takes it for.
    pub(super) async fn account(&self, scene: &Scene) -> Value {
        let current = visit(&scene.api, "/api/v1/sessions/current", &self.cookies).await;
        assert_eq!(current.status, StatusCode::OK, "{}", current.text);
        current.json()
    }
}
