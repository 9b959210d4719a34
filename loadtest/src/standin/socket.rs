//! The Responses API over a WebSocket: each `response.create` is answered by the events of the same answer over
//! HTTP, one message each. Strict where a provider is: nothing else is understood, one response follows the
//! other, and a response that is continued must be the connection's last.

use std::sync::Arc;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::exchange::{State, decide};
use super::journal::Watch;
use super::knobs::Knobs;
use super::realtime;
use super::reply::Reply;
use super::route::{Answer, Call, Content, below_version};

pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Whether a request asks for a WebSocket where there is one.
pub(super) fn asks(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(UPGRADE);
    parts.method == Method::GET
        && upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && below_version(parts.uri.path())
            .is_some_and(|(_, rest)| matches!(rest, "responses" | "realtime"))
}

/// Agrees, and answers what is asked until the peer leaves.
pub(super) fn open(
    state: Arc<State>,
    connection: u64,
    parts: Parts,
    body: Incoming,
) -> Response<Reply> {
    let mut watch = state.journal.open(connection, &parts);
    watch.status(101);
    watch.finished();
    let key = parts.headers.get(SEC_WEBSOCKET_KEY);
    let accept = derive_accept_key(key.map_or(b"", HeaderValue::as_bytes));
    // What each message asks for is what a POST would.
    let mut of_messages = parts.clone();
    of_messages.method = Method::POST;
    let upgrade = hyper::upgrade::on(Request::from_parts(parts, body));
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else {
            return;
        };
        let stream = TokioIo::new(upgraded);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        if of_messages.uri.path().ends_with("/realtime") {
            realtime::serve(&state, connection, &of_messages, socket).await;
        } else {
            serve(&state, connection, &of_messages, socket).await;
        }
    });
    let mut response = Response::new(Reply::bare(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    headers.insert("x-codex-turn-state", HeaderValue::from_static("standin"));
    response
}

async fn serve(state: &State, connection: u64, parts: &Parts, mut socket: Socket) {
    let mut last = None;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let raw: Bytes = text.into();
        let mut asked: Value = serde_json::from_slice(&raw).unwrap_or_default();
        match asked["type"].as_str() {
            Some("response.processed") => continue,
            Some("response.create") => {}
            other => {
                let what = format!("no such message: {other:?}");
                let refused = failed(400, "invalid_request_error", &what);
                if socket.send(refused).await.is_err() {
                    return;
                }
                continue;
            }
        }
        let mut watch = state.journal.open(connection, parts);
        watch.body(&raw);
        if let Some(before) = asked["previous_response_id"].as_str()
            && last.as_deref() != Some(before)
        {
            let refused = failed(400, "previous_response_not_found", "no such response here");
            watch.status(400);
            watch.finished();
            if socket.send(refused).await.is_err() {
                return;
            }
            continue;
        }
        asked["stream"] = true.into();
        let serial = state.next();
        let call = Call {
            method: &Method::POST,
            path: "responses",
            query: "",
            raw: &raw,
            body: &asked,
            serial,
        };
        let mut knobs = Knobs::default();
        let answer = tokio::select! {
            answer = decide(state, parts, &call, &mut knobs) => answer,
            // It stalls, and the peer has had enough.
            () = left(&mut socket) => return,
        };
        if !say(&mut socket, answer, &asked, &knobs, &mut watch, &mut last).await {
            return;
        }
    }
}

/// Resolves when the peer has left.
async fn left(socket: &mut Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// Says an answer; `false` when the connection is at its end.
async fn say(
    socket: &mut Socket,
    answer: Answer,
    asked: &Value,
    knobs: &Knobs,
    watch: &mut Watch,
    last: &mut Option<String>,
) -> bool {
    watch.status(answer.status.as_u16());
    let events = match answer.content {
        Content::Events(events) => events,
        Content::Whole(body) => {
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let refused = json!({
                "type": "error", "status": answer.status.as_u16(), "error": body["error"],
            });
            watch.finished();
            return socket
                .send(Message::text(refused.to_string()))
                .await
                .is_ok();
        }
    };
    let mut events: Vec<Value> = events.iter().filter_map(|event| data(event)).collect();
    if asked["generate"] == false {
        // Only warmed up: nothing is made.
        events.retain(|event| {
            matches!(
                event["type"].as_str(),
                Some("response.created" | "response.completed")
            )
        });
        for event in &mut events {
            event["response"]["output"] = json!([]);
        }
    }
    let count = if knobs.cut || knobs.hang {
        events.len().div_ceil(2)
    } else {
        events.len()
    };
    for (index, event) in events.into_iter().take(count).enumerate() {
        if let Some(pause) = knobs.pause.filter(|_| index > 0) {
            tokio::time::sleep(pause).await;
        }
        if event["type"] == "response.completed" {
            *last = event["response"]["id"].as_str().map(str::to_owned);
            watch.finished();
        }
        if socket.send(Message::text(event.to_string())).await.is_err() {
            return false;
        }
    }
    if knobs.hang {
        left(socket).await;
    }
    if knobs.cut {
        watch.cut();
    }
    !(knobs.cut || knobs.hang)
}

/// The data of an event.
fn data(event: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(event).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("data: "))?;
    serde_json::from_str(line).ok()
}

fn failed(status: u16, code: &str, message: &str) -> Message {
    let error =
        json!({"type": "invalid_request_error", "code": code, "message": message, "param": null});
    Message::text(json!({"type": "error", "status": status, "error": error}).to_string())
}
