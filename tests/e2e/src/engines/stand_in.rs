//! Stands in for guardrail services on a real socket: `/MODE/KIND/…` answers as that service does, or fails as any
//! service may.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use super::services::{KINDS, Kind};

/// A request, as a service sees it.
pub(super) struct Asked {
    pub(super) method: Method,
    /// The path as it was sent, and what of it is the service's own.
    pub(super) sent: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) raw: Bytes,
    pub(super) body: Value,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// A text that must be in the body.
    pub(super) fn text(&self, place: &str) -> Result<&str, String> {
        let text = self.body.pointer(place).and_then(Value::as_str);
        text.ok_or_else(|| format!("no text at {place}: {}", self.body))
    }

    /// A list that must be in the body.
    pub(super) fn list(&self, place: &str) -> Result<&[Value], String> {
        let list = self.body.pointer(place).and_then(Value::as_array);
        list.map(Vec::as_slice)
            .ok_or_else(|| format!("no list at {place}: {}", self.body))
    }

    /// Whether it is a POST of JSON to this place.
    pub(super) fn is(&self, path: &str, query: &str) -> Result<(), String> {
        let json = self.header("content-type") == "application/json";
        if self.method == Method::POST && self.path == path && self.query == query && json {
            return Ok(());
        }
        Err(format!("{} {}?{}", self.method, self.path, self.query))
    }

    /// Whether a header is this.
    pub(super) fn has(&self, name: &str, value: &str) -> Result<(), String> {
        match self.header(name) {
            found if found == value => Ok(()),
            found => Err(format!("the header {name} is {found:?}")),
        }
    }
}

#[derive(Default)]
struct Seen {
    asked: BTreeMap<String, u32>,
    wrong: Vec<String>,
}

/// The running services. Dropping stops them.
pub(super) struct Services {
    url: String,
    seen: Arc<Mutex<Seen>>,
    serving: JoinHandle<()>,
}

impl Drop for Services {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Services {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let served = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = Arc::clone(&served);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&served), request));
                    let connection = http1::Builder::new();
                    // One that the gateway gave up is no news.
                    drop(
                        connection
                            .serve_connection(TokioIo::new(stream), service)
                            .await,
                    );
                });
            }
        });
        Ok(Self { url, seen, serving })
    }

    /// Where a service is that behaves like this.
    pub(super) fn at(&self, kind: &Kind, mode: &str) -> String {
        format!("{}/{mode}/{}", self.url, kind.name)
    }

    /// How often it was asked.
    pub(super) fn asked(&self, kind: &str, mode: &str) -> u32 {
        let seen = self.seen.lock().unwrap();
        seen.asked
            .get(&format!("{mode}/{kind}"))
            .copied()
            .unwrap_or_default()
    }

    /// What was not as it is documented.
    pub(super) fn wrong(&self) -> Vec<String> {
        self.seen.lock().unwrap().wrong.clone()
    }
}

/// A service that breaks off, which is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the service breaks off")]
struct Broken;

async fn answer(
    seen: Arc<Mutex<Seen>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let (head, body) = request.into_parts();
    let raw = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let sent = head.uri.path().to_owned();
    let mut parts = sent.splitn(4, '/').skip(1);
    let [mode, kind, rest] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let counted = format!("{mode}/{kind}");
    *seen.lock().unwrap().asked.entry(counted).or_default() += 1;
    let (status, text) = match mode {
        "late" => match std::future::pending::<Infallible>().await {},
        "cut" => return Err(Broken),
        "busy" => (429, r#"{"message":"Too many requests"}"#.to_owned()),
        "down" => (500, r#"{"error":"out of order"}"#.to_owned()),
        "stranger" => (401, r#"{"error":"who are you?"}"#.to_owned()),
        "garbled" => (200, r#"{"results":[{"flag"#.to_owned()),
        "ok" | "signed" => {
            let asked = Asked {
                method: head.method,
                path: format!("/{rest}"),
                query: head.uri.query().unwrap_or_default().to_owned(),
                headers: head.headers,
                body: serde_json::from_slice(&raw).unwrap_or_default(),
                raw,
                sent: sent.clone(),
            };
            let known = KINDS.iter().find(|known| known.name == kind);
            match known.map(|known| (known.says)(&asked)) {
                Some(Ok(said)) => (200, said.to_string()),
                Some(Err(what)) => {
                    seen.lock().unwrap().wrong.push(format!("{kind}: {what}"));
                    (400, r#"{"error":"bad request"}"#.to_owned())
                }
                None => (404, "{}".to_owned()),
            }
        }
        _ => (404, "{}".to_owned()),
    };
    let status = StatusCode::from_u16(status).unwrap();
    let answer = Response::builder().status(status);
    let answer = answer.header(header::CONTENT_TYPE, "application/json");
    Ok(answer.body(Full::new(text.into())).unwrap())
}
