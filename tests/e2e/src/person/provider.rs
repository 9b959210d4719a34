//! An identity provider at which Ann is signed in: whoever sends her browser gets her word at once.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tidegate_harness::Rig;
use tidegate_identity::{Algorithm, testing::Signer};
use tidegate_store::{Actor, ClientAuthKind, NewIdentityProvider};
use tidegate_types::{Clock, SystemClock};
use tokio::{net::TcpListener, task::JoinHandle};

struct Shared {
    issuer: String,
    signer: Signer,
    /// The nonce of each code that was given.
    codes: Mutex<HashMap<String, String>>,
}

pub(super) struct Provider {
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Provider {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let shared = Arc::new(Shared {
            issuer: format!("http://{}", listener.local_addr()?),
            signer: Signer::new(Algorithm::Es256, "first"),
            codes: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = Arc::clone(&served);
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let served = Arc::clone(&served);
                        async move { Ok::<_, Infallible>(served.answer(request).await) }
                    });
                    let connection = http1::Builder::new();
                    drop(
                        connection
                            .serve_connection(TokioIo::new(stream), service)
                            .await,
                    );
                });
            }
        });
        Ok(Self { shared, serving })
    }

    /// The gateway is a public client of it.
    pub(super) async fn known_to(&self, rig: &Rig) -> anyhow::Result<()> {
        let new = NewIdentityProvider {
            name: "Example SSO".into(),
            issuer: self.shared.issuer.clone(),
            client_id: "tidegate".into(),
            client_auth: ClientAuthKind::Public,
            client_secret: None,
            scopes: vec!["openid".into(), "email".into(), "profile".into()],
            groups_claim: "groups".into(),
            trusts_email: false,
            rules: Vec::new(),
            default_grant: None,
        };
        rig.store.create_identity_provider(Actor::Cli, new).await?;
        Ok(())
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let issuer = &self.issuer;
        let path = request.uri().path().to_owned();
        match &*path {
            "/.well-known/openid-configuration" => says(&json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/auth"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/jwks"),
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
            })),
            "/jwks" => says(&json!({ "keys": [self.signer.public()] })),
            "/auth" => self.authorize(request.uri().query().unwrap_or_default()),
            "/token" => {
                let body = request.into_body().collect().await;
                let body = body.map(|body| body.to_bytes()).unwrap_or_default();
                self.token(&String::from_utf8_lossy(&body))
            }
            _ => status(StatusCode::NOT_FOUND),
        }
    }

    /// Sends the browser back with a code.
    fn authorize(&self, query: &str) -> Response<Full<Bytes>> {
        let asked = fields(query);
        let (Some(back), Some(state), Some(nonce)) = (
            asked.get("redirect_uri"),
            asked.get("state"),
            asked.get("nonce"),
        ) else {
            return status(StatusCode::BAD_REQUEST);
        };
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), nonce.clone());
        let mut response = status(StatusCode::FOUND);
        let place = format!("{back}?code={code}&state={state}");
        response
            .headers_mut()
            .insert(header::LOCATION, place.parse().unwrap());
        response
    }

    fn token(&self, form: &str) -> Response<Full<Bytes>> {
        let asked = fields(form);
        let code = asked.get("code").cloned().unwrap_or_default();
        let Some(nonce) = self.codes.lock().unwrap().get(&code).cloned() else {
            return status(StatusCode::BAD_REQUEST);
        };
        let now = SystemClock::default().now().seconds();
        let claims = json!({
            "iss": self.issuer, "aud": "tidegate", "sub": "ann", "iat": now, "exp": now + 300,
            "nonce": nonce, "email": "ann@example.com", "email_verified": true, "name": "Ann",
        });
        says(&json!({
            "access_token": "access", "token_type": "Bearer", "expires_in": 300,
            "id_token": self.signer.token(&claims),
        }))
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn says(value: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(value.to_string()));
    let kind = "application/json".parse().unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The fields of a query or a form; what is encoded in them here are colons and slashes.
fn fields(text: &str) -> HashMap<String, String> {
    let plain = |text: &str| text.replace("%3A", ":").replace("%2F", "/");
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), plain(value)))
        .collect()
}
