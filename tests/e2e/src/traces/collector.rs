//! A collector that keeps what it is sent, or fails as any may.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
pub(super) use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
};
use prost::Message;
use tokio::{net::TcpListener, task::JoinHandle};

/// What it does with spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Nobody listens.
    Gone,
    /// It takes requests and never answers.
    Hangs,
    /// It wants none of them.
    Refuses,
    /// It takes them.
    Takes,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) path: String,
    headers: HeaderMap,
    raw: Bytes,
}

impl Taken {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Whether these bytes are somewhere in it: protobuf keeps texts as they are.
    pub(super) fn holds(&self, bytes: &[u8]) -> bool {
        self.raw.windows(bytes.len()).any(|part| part == bytes)
    }

    pub(super) fn raw(&self) -> Bytes {
        self.raw.clone()
    }

    fn decoded(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(self.raw.clone()).expect("protobuf of the protocol")
    }
}

type Kept = Arc<Mutex<Vec<Taken>>>;

/// The collector. Dropping stops it.
pub(super) struct Collector {
    url: String,
    kept: Kept,
    serving: JoinHandle<()>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Collector {
    pub(super) async fn start(manner: Manner) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let kept = Kept::default();
        let keeping = Arc::clone(&kept);
        let serving = tokio::spawn(async move {
            if manner == Manner::Gone {
                return;
            }
            while let Ok((stream, _)) = listener.accept().await {
                let keeping = Arc::clone(&keeping);
                tokio::spawn(async move {
                    let take = move |request| take(manner, Arc::clone(&keeping), request);
                    let connection = http1::Builder::new();
                    let served =
                        connection.serve_connection(TokioIo::new(stream), service_fn(take));
                    // One that the gateway gave up is no news.
                    drop(served.await);
                });
            }
        });
        Ok(Self { url, kept, serving })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        self.kept.lock().expect("no panic").clone()
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        let resources = self
            .taken()
            .into_iter()
            .flat_map(|taken| taken.decoded().resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// The attributes of who sent the first of them.
    pub(super) fn resource(&self) -> Vec<KeyValue> {
        let mut taken = self
            .taken()
            .into_iter()
            .flat_map(|taken| taken.decoded().resource_spans);
        let first = taken.next().and_then(|spans| spans.resource);
        first.expect("a resource").attributes
    }
}

async fn take(
    manner: Manner,
    kept: Kept,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let raw = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let mut answer = Response::default();
    match manner {
        Manner::Gone | Manner::Hangs => std::future::pending().await,
        Manner::Refuses => *answer.status_mut() = StatusCode::FORBIDDEN,
        Manner::Takes => kept.lock().expect("no panic").push(Taken {
            path: head.uri.path().to_owned(),
            headers: head.headers,
            raw,
        }),
    }
    Ok(answer)
}

/// An attribute as text; empty where it is missing. Lists are joined by commas.
pub(super) fn one(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|one| one.key == name);
    found
        .and_then(|one| one.value.as_ref())
        .map(shown)
        .unwrap_or_default()
}

fn shown(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::ArrayValue(list)) => {
            let texts: Vec<_> = list.values.iter().map(shown).collect();
            texts.join(",")
        }
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::StringValue(value)) => value.clone(),
        other => panic!("no attribute of ours: {other:?}"),
    }
}

/// An id as its bytes.
pub(super) fn bytes_of(id: &str) -> Vec<u8> {
    let digits = id
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    digits
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex"))
        .collect()
}

/// Bytes as an id.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
