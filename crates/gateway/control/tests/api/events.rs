//! Live events over a real socket: what changed, on this node or another, and when the stream ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use tidegate_store::{Actor, NewTeam, Store, StoreConfig};
use tidegate_types::NodeId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{
    devices::{call, enrolled, text},
    fleet::{app, says, server, upload},
    harness::Api,
};

/// Long beside what is waited for, short beside a test that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The API on a socket.
struct Served {
    api: Arc<Api>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Served {
    async fn start(api: Api) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = api
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            api: Arc::new(api),
            address,
            server,
        }
    }

    async fn listen(&self, token: &str) -> Listener {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET /api/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut listener = Listener {
            stream,
            read: String::new(),
        };
        let head = listener.until("event: ready\ndata: {}\n\n").await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("content-type: text/event-stream\r\n"));
        assert!(head.contains("retry: 2000\n\n"));
        listener
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Listener {
    stream: TcpStream,
    read: String,
}

impl Listener {
    /// Reads until this text came; everything up to its end.
    async fn until(&mut self, wanted: &str) -> String {
        let reading = async {
            loop {
                if let Some(at) = self.read.find(wanted) {
                    return self.read.drain(..at + wanted.len()).collect();
                }
                let mut piece = [0; 4_096];
                let length = self.stream.read(&mut piece).await.unwrap();
                assert!(length > 0, "it ended before {wanted:?}: {}", self.read);
                self.read += std::str::from_utf8(&piece[..length]).unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap()
    }

    /// Reads until a topic was told, among whatever else.
    async fn told(&mut self, topic: &str) {
        self.until(&format!("\"{topic}\"")).await;
    }

    /// Reads to the end of the stream: the last piece of the answer, which is empty.
    async fn ends(&mut self) {
        self.until("\r\n0\r\n\r\n").await;
    }
}

#[tokio::test]
async fn what_changes_here_and_on_another_node_is_told() {
    let served = Served::start(Api::start().await).await;
    let api = &served.api;
    let mut listener = served.listen(&api.token).await;
    api.post("/teams", json!({ "name": "Blue" })).await;
    listener.told("audit").await;
    listener.told("teams").await;

    let clock = Arc::clone(&api.clock);
    let config = StoreConfig::new(api.database_url());
    let node = NodeId::generate(api.now());
    let other = Store::open(config, clock, node).await.unwrap();
    let new = NewTeam {
        name: "Green".into(),
    };
    other.create_team(Actor::Cli, new).await.unwrap();
    listener.told("teams").await;

    let key = api.post("/keys", json!({ "name": "ci" })).await;
    listener.told("keys").await;
    let key = key["key"]["id"].as_str().unwrap().parse().unwrap();
    crate::requests::log(api, key).await;
    listener.told("requests").await;
}

#[tokio::test]
async fn what_devices_say_is_told() {
    let served = Served::start(Api::managing(10).await).await;
    let api = &served.api;
    let mut listener = served.listen(&api.token).await;
    let made = enrolled(api, "ada-laptop").await;
    listener.told("devices").await;
    let key = text(&made["device_key"]);
    let inventory = json!({
        "apps": [app("claude-code", "2.0")], "mcp_servers": [server("one", "npm:x", 'b')],
        "coverage": [],
    });
    let hash = upload(api, &key, &inventory).await;
    listener.told("inventory").await;
    let mut said = says(1);
    said["inventory"] = hash.into();
    said["effects"] = json!({ "revision": 1, "effects": [] });
    said["requests"] = json!([{
        "id": "wish", "kind": "app", "app": "codex", "reason": "please", "user": "ada",
    }]);
    let answer = call(api, "check-in", &key, &said).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    listener.told("access_requests").await;
    api.post(
        "/edge/decisions",
        json!({ "items": [{ "identity": "npm:x" }], "decision": "denied" }),
    )
    .await;
    listener.told("policy").await;
    // The process is about to end.
    api.edge().close();
    listener.ends().await;
    let refused = listening(api).await;
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
}

/// Tries to listen, in this process.
async fn listening(api: &Api) -> StatusCode {
    let request = Request::get("/api/v1/events")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", api.token));
    api.head(request.body(Body::empty()).unwrap()).await.status
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_when_the_role_changes() {
    let served = Served::start(Api::start().await).await;
    let api = &served.api;
    api.account("ada@example.com", "correct horse battery")
        .await;
    let session = api
        .sign_in("ada@example.com", "correct horse battery")
        .await;
    let mut listener = served.listen(&session).await;
    let ended = api
        .call_as(&session, "DELETE", "/sessions/current", None)
        .await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.text);
    listener.ends().await;

    let session = api
        .sign_in("ada@example.com", "correct horse battery")
        .await;
    let mut listener = served.listen(&session).await;
    // The last admin with a password stays one.
    api.account("root@example.com", "correct horse battery")
        .await;
    // One admin stays.
    api.account("bob@example.com", "correct horse battery")
        .await;
    let accounts = api.get("/accounts").await;
    let mut accounts = accounts["items"].as_array().unwrap().iter();
    let ada = accounts.find(|account| account["email"] == "ada@example.com");
    let id = ada.unwrap()["id"].as_str().unwrap().to_owned();
    let change = json!({ "role": "read_only" });
    let changed = api
        .call("PATCH", &format!("/accounts/{id}"), Some(change))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    listener.ends().await;
}

#[tokio::test]
async fn so_many_listen_and_no_more() {
    let served = Served::start(Api::start().await).await;
    let mut listeners = Vec::new();
    for _ in 0..200 {
        listeners.push(served.listen(&served.api.token).await);
    }
    let request = Request::get("/api/v1/events")
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", served.api.token));
    let refused = served.api.head(request.body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.code(), "busy");
    assert_eq!(refused.headers["retry-after"], "10");
    // Each of them is told.
    served.api.post("/teams", json!({ "name": "Blue" })).await;
    for listener in &mut listeners {
        listener.told("teams").await;
    }
    // Who goes makes room.
    listeners.pop();
    let again = async {
        while listening(&served.api).await != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.unwrap();
}
