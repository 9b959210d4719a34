//! SCIM as identity providers use it: each verb and each error, and what a token for it opens.

mod entra;
mod errors;
mod okta;
mod people;
mod sets;
mod verbs;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tidegate_types::PlainKey;

use crate::harness::{Answer, Api};

const TYPE: &str = "application/scim+json";

/// An identity provider with a token.
pub(crate) struct Provider<'a> {
    api: &'a Api,
    pub(crate) token: String,
    pub(crate) id: String,
}

impl<'a> Provider<'a> {
    pub(crate) async fn of(api: &'a Api) -> Self {
        let made = api.post("/scim-tokens", json!({ "name": "Okta" })).await;
        assert_eq!(made["url"], "http://127.0.0.1:8081/scim/v2");
        Self {
            api,
            token: made["secret"].as_str().unwrap().to_owned(),
            id: made["token"]["id"].as_str().unwrap().to_owned(),
        }
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", self.token))
    }

    async fn send(&self, request: http::request::Builder, body: Option<&Value>) -> Answer {
        let request = match body {
            Some(body) => request
                .header("content-type", format!("{TYPE}; charset=utf-8"))
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let answer = self.api.send(request.unwrap()).await;
        if !answer.text.is_empty() {
            assert_eq!(answer.headers["content-type"], TYPE);
        }
        answer
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(self.request(method, path), body.as_ref()).await
    }

    /// A call with a header of its own.
    async fn with(
        &self,
        method: &str,
        path: &str,
        header: (&str, &str),
        body: Option<Value>,
    ) -> Answer {
        let request = self.request(method, path).header(header.0, header.1);
        self.send(request, body.as_ref()).await
    }

    /// A call that goes well.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = self.call(method, path, body).await;
        assert!(
            answer.status.is_success(),
            "{method} {path}: {} {}",
            answer.status,
            answer.text
        );
        if answer.text.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// A call that is refused; the error is in SCIM's form.
    async fn refused(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        refusal(&self.call(method, path, body).await)
    }

    pub(crate) async fn user(&self, name: &str) -> String {
        let new = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
            "externalId": format!("ext-{name}"), "emails": [{ "value": name, "type": "work", "primary": true }],
        });
        text(&self.ok("POST", "/Users", Some(new)).await["id"])
    }

    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let new = json!({ "displayName": name, "members": members });
        text(&self.ok("POST", "/Groups", Some(new)).await["id"])
    }

    /// The ids of a group's members.
    async fn members(&self, group: &str) -> Vec<String> {
        let group = self.ok("GET", &format!("/Groups/{group}"), None).await;
        let members = group["members"].as_array().cloned().unwrap_or_default();
        members
            .iter()
            .map(|member| text(&member["value"]))
            .collect()
    }
}

fn refusal(answer: &Answer) -> (u16, String) {
    let error = answer.json();
    assert_eq!(
        error["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
    );
    assert_eq!(
        error["status"],
        answer.status.as_str(),
        "the status is text (RFC 7644 §3.12)"
    );
    assert!(error["detail"].as_str().unwrap().len() > 10, "{error}");
    let kind = error["scimType"].as_str().unwrap_or_default();
    (answer.status.as_u16(), kind.to_owned())
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// Every operation of the admin API that is about SCIM, for the walk through all of them; the secret that was
/// made on the way.
pub(crate) async fn walk(api: &Api) -> String {
    let provider = Provider::of(api).await;
    let user = provider.user("scim@example.com").await;
    let group = provider.group("walked", &[&user]).await;
    let team = text(&api.post("/teams", json!({ "name": "walked" })).await["id"]);
    let answer = api
        .call(
            "PUT",
            &format!("/groups/{group}/team"),
            Some(json!({ "team": team })),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    api.post(&format!("/scim-tokens/{}/revoke", provider.id), json!({}))
        .await;
    provider.token
}

fn patch(operations: Value) -> Option<Value> {
    Some(
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }),
    )
}

#[tokio::test]
async fn a_token_for_scim_opens_scim_and_nothing_else() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    provider.ok("GET", "/Users", None).await;
    let mut closed = 0;
    for (method, path, _) in crate::access::operations() {
        if method == "GET" && path.starts_with("/api/v1/") && !path.contains('{') {
            let path = path.trim_start_matches("/api/v1");
            let answer = api.call_as(&provider.token, "GET", path, None).await;
            let open = api.call_as("", "GET", path, None).await.status;
            assert_eq!(answer.status, open, "{path}: it opens what is open anyway");
            closed += usize::from(open == StatusCode::UNAUTHORIZED);
        }
    }
    assert!(closed > 20, "{closed}");
    api.account("ada@example.com", "correct horse battery")
        .await;
    let session = api
        .sign_in("ada@example.com", "correct horse battery")
        .await;
    let unknown = PlainKey::generate(PlainKey::SCIM)
        .unwrap()
        .expose()
        .to_owned();
    for other in [
        &api.token,
        &session,
        &unknown,
        &"tg-scim-short".to_owned(),
        &String::new(),
    ] {
        let stranger = Provider {
            api: &api,
            token: other.clone(),
            id: String::new(),
        };
        let answer = stranger.call("GET", "/Users", None).await;
        assert_eq!(refusal(&answer).0, 401);
        assert_eq!(
            answer.headers["www-authenticate"],
            "Bearer realm=\"tidegate-scim\""
        );
        assert_eq!(
            stranger.call("GET", "/nowhere", None).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let listed = api.get("/scim-tokens").await;
    assert_eq!(listed["items"][0]["last_used_at"], json!(api.now()));
    assert!(!listed.to_string().contains(&provider.token));
    api.post(&format!("/scim-tokens/{}/revoke", provider.id), json!({}))
        .await;
    assert_eq!(provider.refused("GET", "/Users", None).await.0, 401);
    let database = api.database_bytes();
    let token = provider.token.as_bytes();
    assert!(!database.windows(token.len()).any(|bytes| bytes == token));
}

#[tokio::test]
async fn guessing_is_held_up_and_so_is_hurry() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let stranger = Provider {
        api: &api,
        token: "x".into(),
        id: String::new(),
    };
    let mut last = StatusCode::OK;
    for _ in 0..21 {
        last = stranger.call("GET", "/Users", None).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let answer = provider.call("GET", "/Users", None).await;
    assert_eq!(
        refusal(&answer).0,
        429,
        "a guesser's address waits, whatever it says next"
    );
    assert!(
        answer.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            >= 1
    );
    api.clock.advance(std::time::Duration::from_secs(60 * 60));
    let mut allowed = 0;
    while provider.call("GET", "/Schemas", None).await.status == StatusCode::OK {
        allowed += 1;
        assert!(allowed < 5_000);
    }
    assert_eq!(allowed, 1_000);
}

#[tokio::test]
async fn it_says_what_it_is() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let config = provider.ok("GET", "/ServiceProviderConfig", None).await;
    assert_eq!(config["patch"]["supported"], true);
    for not in ["bulk", "sort", "changePassword"] {
        assert_eq!(config[not]["supported"], false, "{not}");
    }
    let types = provider.ok("GET", "/ResourceTypes", None).await;
    assert_eq!(
        (&types["totalResults"], &types["Resources"][0]["id"]),
        (&json!(2), &json!("User"))
    );
    let one = provider.ok("GET", "/ResourceTypes/Group", None).await;
    assert_eq!(one["endpoint"], "/Groups");
    let schemas = provider.ok("GET", "/Schemas", None).await;
    assert_eq!(schemas["totalResults"], 3);
    let user = provider
        .ok(
            "GET",
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            None,
        )
        .await;
    assert_eq!(user, schemas["Resources"][0]);
    for (path, status) in [
        ("/Schemas/urn:x", 404),
        ("/ResourceTypes/X", 404),
        ("/nowhere", 404),
        ("/Bulk", 501),
        ("/.search", 501),
        ("/Me", 501),
    ] {
        assert_eq!(
            provider.refused("GET", path, None).await.0,
            status,
            "{path}"
        );
    }
    assert_eq!(provider.refused("DELETE", "/Schemas", None).await.0, 405);
}
