//! Live: consoles are told which topics changed, and fetch what they show of them. Events hold no content,
//! so everybody who is signed in gets the same ones.
//!
//! One task of each node looks at the store's pulse, at once after a change that this node made and every
//! second for those of others. It runs while somebody listens. What a listener has not been told is a few
//! numbers that are compared, so nothing queues up for one that is slow.

mod feed;
mod topic;
mod watcher;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderName, HeaderValue, header};
use tidegate_store::Pulse;
use tokio::sync::{Notify, Semaphore, watch};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::topic::Marks;
pub(crate) use self::topic::Topic;
use crate::{
    app::App,
    guard::identity::Admin,
    problem::{Code, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(listen))
}

/// Listeners of one node at once.
const SEATS: usize = 200;

/// Who listens on this node, and what changed.
pub(crate) struct Events {
    /// How often each topic changed since this process started.
    marks: watch::Sender<Marks>,
    /// This node changed something: look at once.
    stirred: Notify,
    seats: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    /// Whether the watcher runs.
    watching: Mutex<bool>,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

impl Default for Events {
    fn default() -> Self {
        Self {
            marks: watch::Sender::new(Marks::default()),
            stirred: Notify::new(),
            seats: Arc::new(Semaphore::new(SEATS)),
            closing: watch::Sender::new(false),
            watching: Mutex::new(false),
        }
    }
}

impl Events {
    /// This node changed something, or a device said something to it.
    pub(crate) fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Ends all streams, and lets nobody listen any more: the process is about to end.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    fn tell(&self, topics: &[Topic]) {
        if !topics.is_empty() {
            self.marks.send_modify(|marks| marks.raise(topics));
        }
    }

    /// Starts the watcher, if it does not run. Whoever calls it listens already.
    fn watch(&self, app: &Arc<App>, from: Pulse) {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        if !*watching {
            *watching = true;
            tokio::spawn(watcher::watch(Arc::clone(app), from));
        }
    }

    /// Whether the watcher may end: nobody listens.
    fn rests(&self) -> bool {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        *watching = self.marks.receiver_count() > 0 && !*self.closing.borrow();
        !*watching
    }
}

/// Tells which topics changed, as server-sent events, until the session ends.
///
/// `event: ready` comes first, after each connecting: fetch everything that is shown. Then
/// `event: changed` with `{"topics": […]}`, twice a second at most: fetch what is shown of these topics.
/// Topics are `access_requests`, `accounts`, `audit`, `budgets`, `device_groups`, `devices`, `effects`,
/// `enrolment_tokens`, `groups`, `guardrails`, `identity_providers`, `inventory`, `keys`, `limits`, `policy`, `prices`,
/// `requests`, `sessions`, `settings`, `teams`, `tokens`, `users`; there may be more. A comment comes every
/// 15 seconds.
#[utoipa::path(get, path = "/events", tag = "info", operation_id = "listen",
    responses((status = 200, description = "A stream that ends with the session, when the caller's role \
            changes, and when the gateway stops.", body = String, content_type = "text/event-stream"),
        (status = 503, description = "200 listen to this node already; `retry-after` says when to try \
            again.")))]
async fn listen(State(app): State<Arc<App>>, admin: Admin) -> Result<Response, Problem> {
    let events = &app.events;
    let full = || {
        let detail = "Too many consoles listen to this node. Refresh by hand meanwhile.";
        Problem::new(Code::Busy, detail).retry_after(std::time::Duration::from_secs(10))
    };
    let seat = Arc::clone(&events.seats)
        .try_acquire_owned()
        .map_err(|_| full())?;
    if *events.closing.borrow() {
        return Err(full());
    }
    let marks = events.marks.subscribe();
    // Before the answer: what changes from here on is told.
    let pulse = app.store.pulse().await?;
    events.watch(&app, pulse);
    let stream = feed::start(Arc::clone(&app), admin, marks, seat);
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/event-stream");
    headers.insert(header::CONTENT_TYPE, kind);
    // A proxy between must pass each event on as it comes.
    let name = HeaderName::from_static("x-accel-buffering");
    headers.insert(name, HeaderValue::from_static("no"));
    Ok(response)
}
