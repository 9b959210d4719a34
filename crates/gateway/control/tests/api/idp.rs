//! An identity provider that does what a test wants: by the book, until it is told otherwise. It serves
//! what the gateway asks for on a socket; the part that a person's browser would see is a function call.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tidegate_identity::{Algorithm, testing::Signer};
use tidegate_types::{Clock, ManualClock};

type Change = Box<dyn Fn(&mut Value) + Send>;

/// Makes a token of claims.
pub(crate) type Forge = Box<dyn Fn(&Value) -> String + Send>;

/// What it is told to do.
pub(crate) struct Script {
    /// Who is signed in at it.
    pub(crate) person: Value,
    /// Changes the claims of ID tokens.
    pub(crate) claims: Change,
    /// Makes another token of the claims.
    pub(crate) forge: Option<Forge>,
    /// Signs ID tokens.
    pub(crate) signer: Arc<Signer>,
    /// Its published keys.
    pub(crate) keys: Vec<Value>,
    /// Changes its description.
    pub(crate) description: Change,
    /// What userinfo tells.
    pub(crate) userinfo: Value,
    /// The token endpoint answers nothing but 503.
    pub(crate) down: bool,
    /// Its answers name it.
    pub(crate) names_itself: bool,
    codes: HashMap<String, Granted>,
    /// Which documents were asked for.
    pub(crate) asked: Vec<&'static str>,
}

struct Granted {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

struct Shared {
    issuer: String,
    clock: Arc<ManualClock>,
    script: Mutex<Script>,
}

/// A running provider.
pub(crate) struct Idp(Arc<Shared>);

impl fmt::Debug for Idp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.issuer)
    }
}

/// A query as a map.
pub(crate) fn query(url: &str) -> HashMap<String, String> {
    let (_, query) = url.split_once('?').unwrap();
    let uri: http::Uri = format!("/?{query}").parse().unwrap();
    let pairs = axum::extract::Query::<HashMap<String, String>>::try_from_uri(&uri);
    pairs.unwrap().0
}

impl Idp {
    pub(crate) async fn start(clock: &Arc<ManualClock>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let signer = Arc::new(Signer::new(Algorithm::Es256, "first"));
        let script = Script {
            person: json!({
                "sub": "ada", "email": "ada@example.com", "email_verified": true, "name": "Ada",
                "groups": ["admins"],
            }),
            claims: Box::new(|_| ()),
            forge: None,
            keys: vec![signer.public()],
            signer,
            description: Box::new(|_| ()),
            userinfo: json!({}),
            down: false,
            names_itself: true,
            codes: HashMap::new(),
            asked: Vec::new(),
        };
        let shared = Arc::new(Shared {
            issuer,
            clock: Arc::clone(clock),
            script: Mutex::new(script),
        });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self(shared)
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap()
    }

    /// What the browser brings back, after the person agreed to `url`.
    pub(crate) fn agree(&self, url: &str) -> Vec<(&'static str, String)> {
        let asked = query(url);
        assert!(
            url.starts_with(&format!("{}/auth?", self.issuer())),
            "{url}"
        );
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].starts_with("openid"));
        let mut script = self.script();
        let code = format!("code-{}", script.codes.len());
        let granted = Granted {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
        };
        script.codes.insert(code.clone(), granted);
        let mut answer = vec![("code", code), ("state", asked["state"].clone())];
        if script.names_itself {
            answer.push(("iss", self.issuer().to_owned()));
        }
        answer
    }
}

async fn describe(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    let mut script = shared.script.lock().unwrap();
    script.asked.push("description");
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "id_token_signing_alg_values_supported": ["ES256", "EdDSA", "HS256", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": script.names_itself,
    });
    (script.description)(&mut document);
    Json(document)
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut script = shared.script.lock().unwrap();
    script.asked.push("keys");
    Json(json!({ "keys": script.keys }))
}

async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer access");
    let mut script = shared.script.lock().unwrap();
    script.asked.push("userinfo");
    Json(script.userinfo.clone())
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = query(&format!("?{}", String::from_utf8(body.to_vec()).unwrap()));
    let refuse =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let mut script = shared.script.lock().unwrap();
    script.asked.push("token");
    if script.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    // The client is `tidegate` with the secret `s3cret+/ :`, form-encoded before it is base64.
    let credentials = base64::engine::general_purpose::STANDARD.encode("tidegate:s3cret%2B%2F+%3A");
    if headers["authorization"] != format!("Basic {credentials}") {
        return refuse("invalid_client");
    }
    // A code is good once.
    let Some(granted) = script.codes.remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != granted.challenge || form["redirect_uri"] != granted.redirect_uri {
        return refuse("invalid_grant");
    }
    let now = shared.clock.now().seconds();
    let mut claims = script.person.clone();
    claims["iss"] = shared.issuer.clone().into();
    claims["aud"] = "tidegate".into();
    claims["iat"] = now.into();
    claims["exp"] = (now + 300).into();
    claims["nonce"] = granted.nonce.into();
    (script.claims)(&mut claims);
    let id_token = match &script.forge {
        Some(forge) => forge(&claims),
        None => script.signer.token(&claims),
    };
    Json(json!({
        "access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
    }))
    .into_response()
}
