//! One request from its head to its answer: record it, read it, obey its knobs, reply.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;

use super::Options;
use super::control::{self, control};
use super::failure::failure;
use super::fixed::Fixed;
use super::journal::{Journal, Watch};
use super::knobs::{Fault, Knobs};
use super::openai::Stored;
use super::reply::Reply;
use super::route::{Answer, Call, Content, Dialect, Endpoint, below_version};
use super::turn::Turn;
use super::{anthropic, bedrock, gemini, openai, socket};

/// Bodies above this are refused: nothing a test sends is larger.
const LARGEST_BODY: usize = 256 << 20;
/// "First N times" tokens remembered at once.
const MOST_TOKENS: usize = 10_000;
/// A body that is no chat is searched for markers up to this size.
const SEARCHED: usize = 64 << 10;

/// What all connections of one stand-in share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) journal: Arc<Journal>,
    pub(super) secure: bool,
    pub(super) stored: Stored,
    fixed: Option<Fixed>,
    failures: Mutex<HashMap<String, u32>>,
    orders: Mutex<Vec<(String, String)>>,
    serial: AtomicU64,
}

impl State {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            journal: Arc::new(Journal::new(if options.fixed {
                0
            } else {
                options.remember
            })),
            secure: options.tls.is_some(),
            stored: Stored::default(),
            fixed: options.fixed.then(Fixed::new),
            failures: Mutex::default(),
            orders: Mutex::default(),
            serial: AtomicU64::new(0),
        }
    }

    pub(super) fn clear(&self) {
        self.journal.clear();
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The number of the next answer.
    pub(super) fn next(&self) -> u64 {
        self.serial.fetch_add(1, Relaxed) + 1
    }

    pub(super) fn order(&self, holder: &str, knobs: &str) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.retain(|(other, _)| other != holder);
        orders.push((holder.to_owned(), knobs.to_owned()));
    }

    /// Adds what was ordered for calls with this credential.
    fn ordered(&self, headers: &HeaderMap, knobs: &mut Knobs) {
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if orders.is_empty() {
            return;
        }
        let credential = ["authorization", "x-api-key", "x-goog-api-key"]
            .iter()
            .find_map(|name| headers.get(*name)?.to_str().ok())
            .unwrap_or_default();
        for (_, order) in orders
            .iter()
            .filter(|(holder, _)| credential.contains(holder.as_str()))
        {
            knobs.header(order);
        }
    }

    /// Whether this attempt is one that has to fail.
    fn fails(&self, fault: &Fault, prompt: &str) -> bool {
        let Some(times) = fault.times else {
            return true;
        };
        let token = fault.token.clone().unwrap_or_else(|| prompt.to_owned());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_TOKENS {
            failures.clear();
        }
        let count = failures.entry(token).or_default();
        *count += 1;
        *count <= times
    }
}

/// Answers one request; an error of the peer's ends in the journal, never in a panic.
pub(super) async fn answer(
    state: Arc<State>,
    connection: u64,
    request: Request<Incoming>,
) -> Result<Response<Reply>, Infallible> {
    let (parts, mut body) = request.into_parts();
    if state.fixed.is_none() && socket::asks(&parts) {
        return Ok(socket::open(state, connection, parts, body));
    }
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    if path.starts_with(control::PREFIX) {
        let Answer {
            status,
            kind,
            content,
            ..
        } = control(&state, &parts.method, path, query);
        let Content::Whole(data) = content else {
            return Ok(Response::default());
        };
        return Ok(with_kind(Response::new(Reply::bare(data)), status, kind));
    }
    let mut watch = None;
    if state.fixed.is_none() {
        watch = Some(state.journal.open(connection, &parts));
    }
    let mut knobs = Knobs::default();
    if let Some(value) = parts
        .headers
        .get("x-standin")
        .and_then(|value| value.to_str().ok())
    {
        knobs.header(value);
        knobs.text(value);
    }
    state.ordered(&parts.headers, &mut knobs);
    // A peer that goes away while it sends has no use for an answer.
    let Some((raw, whole)) = read(&mut body, &mut knobs).await else {
        return Ok(Response::default());
    };
    if let Some(ready) = state
        .fixed
        .as_ref()
        .and_then(|fixed| fixed.answer(path, &raw))
    {
        return Ok(ready);
    }
    let watch = watch.unwrap_or_else(|| state.journal.open(connection, &parts));
    if whole {
        watch.body(&raw);
    }
    let json = if whole {
        serde_json::from_slice(&raw).unwrap_or(Value::Null)
    } else {
        Value::Null
    };
    let serial = state.next();
    let below = bedrock::below_model(path);
    let below = below.or_else(|| Some(below_version(path)?.1));
    let call = Call {
        method: &parts.method,
        path: below.unwrap_or_default(),
        query,
        raw: &raw,
        body: &json,
        serial,
    };
    let answer = decide(&state, &parts, &call, &mut knobs).await;
    let held = (!whole).then_some(body);
    Ok(send(answer, &parts, &knobs, watch, held))
}

/// Reads the body, all of it unless the answer is to come early. `None`: the peer left.
async fn read(body: &mut Incoming, knobs: &mut Knobs) -> Option<(Bytes, bool)> {
    if knobs.early {
        return Some((Bytes::new(), body.is_end_stream()));
    }
    let first = match body.frame().await {
        None => return Some((Bytes::new(), true)),
        Some(frame) => frame.ok()?.into_data().unwrap_or_default(),
    };
    if body.is_end_stream() {
        return Some((first, true));
    }
    if memchr::memmem::find(&first, b"[[early]]").is_some() {
        knobs.text(&String::from_utf8_lossy(&first));
        return Some((first, false));
    }
    let announced = usize::try_from(body.size_hint().lower())
        .unwrap_or(0)
        .min(LARGEST_BODY);
    let mut all = BytesMut::with_capacity(first.len() + announced);
    all.extend_from_slice(&first);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            all.extend_from_slice(&data);
        }
        if all.len() > LARGEST_BODY {
            return None;
        }
    }
    Some((all.freeze(), true))
}

/// The answer, after the waits and failures that were asked for.
pub(super) async fn decide(
    state: &State,
    parts: &Parts,
    call: &Call<'_>,
    knobs: &mut Knobs,
) -> Answer {
    let endpoint = Endpoint::find(&parts.method, parts.uri.path(), &parts.headers);
    let ask = endpoint.ask(call);
    let prompt = match &ask {
        Some(ask) => ask.prompt.clone(),
        None if call.raw.len() <= SEARCHED => String::from_utf8_lossy(call.raw).into_owned(),
        None => String::new(),
    };
    knobs.text(&prompt);
    if knobs.stall {
        // hyper drops this future when the peer goes, and the journal notes it.
        pending::<()>().await;
    }
    if let Some(delay) = knobs.delay {
        tokio::time::sleep(delay).await;
    }
    let dialect = endpoint.dialect();
    let wrong = (dialect == Dialect::Bedrock && ask.is_some()).then(|| bedrock::wrong(call));
    let mut answer = match &knobs.fault {
        Some(fault) if state.fails(fault, &prompt) => {
            let wait = knobs.retry_after.as_deref();
            let wait = wait.or(matches!(fault.code, 429 | 503 | 529).then_some("1"));
            failure(dialect, fault.code, "failed as asked", wait)
        }
        _ => match ask {
            Some(ask) => match wrong.flatten() {
                Some(wrong) => wrong,
                None => {
                    let stream = ask.stream && !knobs.whole;
                    let endpoint = match endpoint {
                        Endpoint::GeminiStream if knobs.whole => Endpoint::GeminiGenerate,
                        other => other,
                    };
                    endpoint.write(call, &Turn::plan(ask, knobs, call.serial), stream)
                }
            },
            None => match endpoint {
                Endpoint::Other(Dialect::Anthropic) => anthropic::other(call, &state.stored),
                Endpoint::Other(Dialect::Bedrock) => bedrock::refused(404, "no such operation"),
                Endpoint::Other(Dialect::Gemini) => gemini::other(call),
                Endpoint::Other(Dialect::OpenAi) => openai::other(call, &state.stored),
                _ => Answer::json(&serde_json::json!({})),
            },
        },
    };
    answer.account(dialect, call.serial);
    answer
}

/// Puts an answer on the wire.
fn send(
    answer: Answer,
    parts: &Parts,
    knobs: &Knobs,
    mut watch: Watch,
    held: Option<Incoming>,
) -> Response<Reply> {
    watch.status(answer.status.as_u16());
    if parts.method == Method::HEAD {
        // hyper never polls the body of an answer to HEAD.
        watch.finished();
    }
    let reply = match answer.content {
        Content::Events(events) => Reply::events(events, knobs, watch),
        Content::Whole(data) => Reply::whole(data, knobs, watch),
    };
    let mut response = Response::new(reply.holding(held));
    *response.headers_mut() = answer.headers;
    with_kind(response, answer.status, answer.kind)
}

fn with_kind(
    mut response: Response<Reply>,
    status: http::StatusCode,
    kind: &'static str,
) -> Response<Reply> {
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
