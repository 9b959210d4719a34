//! Starts the router on a temporary SQLite store with a clock that tests turn, and speaks to it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tidegate_authority::SealKey;
use tidegate_cache::Cache;
use tidegate_control::{
    Configuration, Control, ControlSettings, DataPlane, Edge, EdgeConfig, LogQueue, ProviderHealth,
    RefusedConfiguration, account, router,
};
use tidegate_guards::Workshop;
use tidegate_provider::{Catalog, PriceBook, PriceRow};
use tidegate_store::{Account, Actor, NewAccount, NewToken, Store, StoreConfig};
use tidegate_telemetry::Metrics;
use tidegate_types::{
    Clock, Grant, ManualClock, NodeId, PlainKey, ProviderName, Secret, Timestamp,
};
use tower::ServiceExt;

/// A data plane that remembers what it was told.
#[derive(Debug, Default)]
pub(crate) struct FakePlane {
    pub(crate) changes: AtomicU64,
    pub(crate) catalog: Mutex<Arc<Catalog>>,
    pub(crate) health: Mutex<Option<ProviderHealth>>,
    pub(crate) loaded: Mutex<Option<u64>>,
    pub(crate) refused: Mutex<Option<RefusedConfiguration>>,
    pub(crate) cache: Mutex<Option<Arc<Cache>>>,
}

impl DataPlane for FakePlane {
    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    fn revision(&self) -> Option<u64> {
        *self.loaded.lock().unwrap()
    }

    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.lock().unwrap())
    }

    fn provider_health(&self, _: &ProviderName) -> Option<ProviderHealth> {
        self.health.lock().unwrap().clone()
    }

    fn cache(&self) -> Option<Arc<Cache>> {
        self.cache.lock().unwrap().clone()
    }

    fn log_queue(&self) -> LogQueue {
        LogQueue {
            depth: 3,
            dropped: 1,
        }
    }

    fn workshop(&self) -> Arc<Workshop> {
        workshop()
    }

    fn configuration(&self) -> Configuration {
        Configuration {
            digest: "0123456789abcdef".into(),
            since: Timestamp::from_micros(1_700_000_000_000_000),
            refused: self.refused.lock().unwrap().clone(),
        }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The problem's code, after checking its form.
    pub(crate) fn code(&self) -> String {
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{}",
            self.text
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(problem["detail"].as_str().unwrap().len() > 10);
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("urn:tidegate:problem:{code}"));
        code
    }

    /// Where the field errors are.
    pub(crate) fn places(&self) -> Vec<String> {
        assert_eq!(self.code(), "invalid_fields");
        let errors = self.json()["errors"].as_array().unwrap().clone();
        let place = |error: &Value| {
            let place = error["pointer"].as_str().or(error["parameter"].as_str());
            place.unwrap().to_owned()
        };
        errors.iter().map(place).collect()
    }
}

/// A call that was made, to be judged at the end of a walk.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    /// After a change: the place of the newest audit entry.
    pub(crate) audited: u64,
}

pub(crate) struct Api {
    router: Router,
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) plane: Arc<FakePlane>,
    pub(crate) token: String,
    pub(crate) calls: Mutex<Vec<Call>>,
    edge: Option<Arc<Edge>>,
    dir: TempDir,
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(settings: impl FnOnce(&mut ControlSettings)) -> Self {
        Self::build(settings, None).await
    }

    /// A gateway that manages devices, of which `max_waiting` may wait at once.
    pub(crate) async fn managing(max_waiting: usize) -> Self {
        let mut config = EdgeConfig::new(
            "Acme",
            "https://gw.example.com",
            SealKey::from_bytes([7; 32]),
        );
        config.max_waiting = max_waiting;
        Self::build(|_| (), Some(config)).await
    }

    /// What devices need of it.
    pub(crate) fn edge(&self) -> &Arc<Edge> {
        self.edge.as_ref().unwrap()
    }

    async fn build(settings: impl FnOnce(&mut ControlSettings), edge: Option<EdgeConfig>) -> Self {
        let start: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(start));
        let node = NodeId::generate(start);
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("test.db").display());
        let config = StoreConfig::new(url);
        let store = Store::open(config, Arc::<ManualClock>::clone(&clock), node)
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let token = PlainKey::generate(PlainKey::ADMIN).unwrap();
        let new = NewToken {
            name: "tests".into(),
            secret: (&token).into(),
            grant: Grant::Admin,
            expires_at: None,
        };
        store.create_token(Actor::Cli, new).await.unwrap();
        let plane = Arc::new(FakePlane::default());
        *plane.loaded.lock().unwrap() = Some(7);
        let mut listen = ControlSettings::new("127.0.0.1:8081".parse().unwrap(), node, "0.1.0");
        settings(&mut listen);
        let edge = match edge {
            Some(config) => {
                let clock = Arc::<ManualClock>::clone(&clock);
                Some(Edge::open(store.clone(), clock, config).await.unwrap())
            }
            None => None,
        };
        let router = router(Control {
            store: store.clone(),
            clock: Arc::<ManualClock>::clone(&clock),
            metrics: Arc::new(Metrics::new("0.1.0")),
            data_plane: Arc::<FakePlane>::clone(&plane),
            settings: listen,
            seal: SealKey::from_bytes([7; 32]),
            identity: tidegate_identity::Client::with_roots([]).unwrap(),
            edge: edge.clone(),
        });
        let token = token.expose().to_owned();
        Self {
            router,
            store,
            clock,
            plane,
            token,
            calls: Mutex::default(),
            edge,
            dir,
        }
    }

    /// The router itself, to be served on a socket.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends any request, as it is, from an address.
    pub(crate) async fn send_from(&self, from: &str, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = from.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let audited = if method.is_safe() {
            0
        } else {
            self.store
                .audit(None, 1)
                .await
                .unwrap()
                .items
                .first()
                .map_or(0, |entry| entry.seq)
        };
        let call = Call {
            method,
            path,
            status: parts.status,
            text: text.clone(),
            audited,
        };
        self.calls.lock().unwrap().push(call);
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    /// Sends a request whose answer may not end: its status and headers.
    pub(crate) async fn head(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = if parts.status.is_success() {
            String::new()
        } else {
            let bytes = body.collect().await.unwrap().to_bytes();
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        self.calls.lock().unwrap().push(Call {
            method,
            path,
            status: parts.status,
            text: text.clone(),
            audited: 0,
        });
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("127.0.0.1:50000", request).await
    }

    /// Calls the API under a token; an empty token sends none.
    pub(crate) async fn call_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("host", "localhost");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(value) => {
                request = request.header("content-type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call_as(&self.token, method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "GET {path}: {}", answer.text);
        answer.json()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.call("POST", path, Some(body)).await;
        assert!(
            answer.status.is_success(),
            "POST {path}: {} {}",
            answer.status,
            answer.text
        );
        answer.json()
    }

    /// Where another node finds the same data.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite:{}", self.dir.path().join("test.db").display())
    }

    /// Plain text that must never come back: whatever is in the database file is fair game too.
    pub(crate) fn database_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.dir.path()).unwrap();
        files
            .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect()
    }

    pub(crate) async fn account(&self, email: &str, password: &str) -> Account {
        let hash = account::hash_password(&Secret::new(password.to_owned())).unwrap();
        let new = NewAccount {
            email: email.to_owned(),
            name: String::new(),
            grant: Grant::Admin,
            password_hash: Some(hash),
        };
        self.store.create_account(Actor::Cli, new).await.unwrap()
    }

    /// Signs in and gives the session's token.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> String {
        let body = serde_json::json!({ "email": email, "password": password });
        let answer = self.call_as("", "POST", "/sessions", Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// The catalog with the stored overrides in force, as the shell would rebuild it.
    pub(crate) async fn reload_prices(&self) {
        let rows = self.store.prices().await.unwrap();
        let rows = rows
            .iter()
            .map(|stored| PriceRow::from_json(&stored.row).unwrap());
        let book = PriceBook::builtin().unwrap().with_overrides(rows).unwrap();
        let catalog = Catalog::new(vec![provider()], book).unwrap();
        *self.plane.catalog.lock().unwrap() = Arc::new(catalog);
    }

    /// A second passes, so that what comes next is later.
    pub(crate) fn clock_forward(&self) {
        self.clock.advance(Duration::from_secs(1));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The provider's credential, which no answer may hold.
pub(crate) const UPSTREAM_KEY: &str = "sk-upstream-0123456789";

fn provider() -> tidegate_provider::Provider {
    use tidegate_provider::{ClearText, Endpoint, Provider};
    let endpoint = Endpoint::parse("https://api.openai.com", ClearText::Loopback).unwrap();
    let key = Secret::new(UPSTREAM_KEY.to_owned());
    let dialect = "openai".parse().unwrap();
    let provider = Provider::new("openai".parse().unwrap(), dialect, endpoint, Some(&key));
    provider
        .unwrap()
        .with_models(vec!["gpt-*".parse().unwrap()])
}

/// Rules are compiled when a test needs them.
fn workshop() -> Arc<Workshop> {
    let settings = tidegate_guards::Settings {
        hash_key: [7; 32],
        limits: Default::default(),
    };
    let services = Arc::new(tidegate_guards::NoServices);
    Arc::new(Workshop::new(Vec::new(), settings, services))
}
