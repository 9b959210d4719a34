//! What all calls share, and the seam to Pingora.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use http::{Method, Version, header};
use pingora_core::{
    apps::{HttpPersistentSettings, HttpServerApp, HttpServerOptions, ReusedHttpStream},
    protocols::http::ServerSession,
    server::ShutdownWatch,
};
use pingora_http::RequestHeader;
use tidegate_cache::Cache;
use tidegate_governance::{govern::Governor, record::SharedRecorder};
use tidegate_guards::Workshop;
use tidegate_pipeline::Snapshot;
use tidegate_telemetry::Metrics;
use tidegate_types::{Clock, ProviderName};
use tidegate_wire::peer;
use tokio::sync::Semaphore;

use crate::{
    addresses::Addresses,
    alerts::Alerts,
    buffered::Buffered,
    call::Fate,
    config::{Limits, Proxies, Timeouts},
    embedding::Embedder,
    exchange,
    health::Health,
    intake::BodyMemory,
    patience, reply,
    traces::Traces,
    upstreams::Upstreams,
    websocket,
};

/// What all calls share. Immutable but for the snapshot, which is swapped whole. Everything here is of one
/// configuration: when the file changed, another gateway takes its place ([`InForce`]).
pub(crate) struct Gateway {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    /// The newest snapshot of all, also of a gateway that was replaced: for what outlives both.
    pub(crate) newest: Arc<ArcSwap<Snapshot>>,
    pub(crate) governor: Arc<Governor>,
    pub(crate) recorder: SharedRecorder,
    pub(crate) metrics: Arc<Metrics>,
    /// Answers that are kept, if any are.
    pub(crate) cache: Option<Arc<Cache>>,
    /// What finds out what questions mean, if answers are given by that too.
    pub(crate) embedder: Option<Embedder>,
    /// Where people are told of what guardrails do, if somebody is.
    pub(crate) alerts: Option<Alerts>,
    /// Where spans of calls are exported, if somewhere.
    pub(crate) traces: Option<Traces>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) upstreams: Upstreams,
    pub(crate) health: Arc<Health>,
    pub(crate) body_memory: BodyMemory,
    pub(crate) limits: Limits,
    /// Who is believed about where clients are.
    pub(crate) proxies: Arc<Proxies>,
    /// What addresses did lately.
    pub(crate) addresses: Arc<Addresses>,
    pub(crate) timeouts: Timeouts,
    /// Room for copies of calls for shadow targets.
    pub(crate) shadows: Arc<Semaphore>,
    pub(crate) in_flight: InFlight,
    pub(crate) sockets: Arc<websocket::Closing>,
    /// Where guardrails are made and tried.
    pub(crate) workshop: Arc<Workshop>,
    pub(crate) seats: websocket::Seats,
}

impl Gateway {
    /// Calls that begin now are decided by this snapshot.
    pub(crate) fn decide_by(&self, snapshot: Snapshot) {
        self.metrics
            .set_snapshot_revision(snapshot.keyring.revision());
        let snapshot = Arc::new(snapshot);
        self.newest.store(Arc::clone(&snapshot));
        self.snapshot.store(snapshot);
    }

    /// Notes what an answer's status says of its provider. A caller's own mistakes (4xx but for
    /// too many requests) say nothing.
    pub(crate) fn note_health(&self, provider: &ProviderName, status: u16) {
        match status {
            429 => self.health.bad(
                provider,
                self.clock.now(),
                "answered 429, too many requests",
            ),
            500.. => self
                .health
                .bad(provider, self.clock.now(), "answered with a server error"),
            200..300 => self.health.good(provider, self.clock.now()),
            _ => {}
        }
    }
}

/// The gateway in force. A call takes it once, when its head is there, and keeps it to its end: so snapshot,
/// upstreams, limits and timeouts of a call are of one configuration, whatever changes meanwhile.
pub(crate) struct InForce(ArcSwap<Gateway>);

impl InForce {
    pub(crate) fn new(gateway: Gateway) -> Arc<Self> {
        Arc::new(Self(ArcSwap::from_pointee(gateway)))
    }

    /// The one that calls begin with now.
    pub(crate) fn gateway(&self) -> Arc<Gateway> {
        self.0.load_full()
    }

    /// Calls begin with another one from now on.
    pub(crate) fn replace(&self, gateway: Arc<Gateway>) {
        self.0.store(gateway);
    }
}

/// What serves one connection's requests.
pub(crate) struct Connection {
    in_force: Arc<InForce>,
    /// Where it comes from: the socket's address, or the one that a proxy named in front of it.
    from: IpAddr,
    options: HttpServerOptions,
}

impl Connection {
    pub(crate) fn new(in_force: &Arc<InForce>, from: IpAddr, keep_alive: Duration) -> Arc<Self> {
        let mut options = HttpServerOptions::default();
        options.h2c = true;
        options.h2_idle_timeout = Some(keep_alive);
        let in_force = Arc::clone(in_force);
        Arc::new(Self {
            in_force,
            from,
            options,
        })
    }
}

#[async_trait]
impl HttpServerApp for Connection {
    async fn process_new_http(
        self: &Arc<Self>,
        mut session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        if let Some(patience) = session.stream().and_then(Buffered::patience) {
            let timeouts = self.in_force.0.load().timeouts;
            patience.allow_head(timeouts.keep_alive, timeouts.client);
        }
        match session.read_request().await {
            Ok(true) if names_no_host(session.req_header()) => {
                reply::malformed(&mut session).await;
                return None;
            }
            Ok(true) => {}
            // The client closed an idle connection.
            Ok(false) => return None,
            Err(error) if patience::exhausted(&error) => return None,
            Err(error) => {
                reply::unreadable(&mut session, &error).await;
                return None;
            }
        }
        let gateway = self.in_force.gateway();
        let limits = &gateway.limits.address;
        let headers = &session.req_header().headers;
        let proxies = &gateway.proxies;
        let from = peer::client(headers, proxies.header, self.from, &proxies.trusted);
        if let Some(wait) = gateway.addresses.barred(from, limits) {
            reply::barred(&mut session, wait).await;
            return None;
        }
        let _in_flight = (gateway.in_flight.enter(), gateway.metrics.enter());
        let draining = *shutdown.borrow();
        // Kept for as long as it takes: the patience with the connection is what ends it.
        let last = draining || is_last(&session);
        session.set_keepalive((!last).then_some(0));
        session.set_pipelining_enabled(true);
        wait_for(&mut session, Some(gateway.timeouts.client));
        session.set_write_timeout(Some(gateway.timeouts.client));
        let (fate, unknown) = exchange::run(&gateway, &mut session).await;
        if unknown {
            gateway.addresses.failed(from, limits);
        }
        match fate {
            Fate::Abort => {
                session.set_keepalive(None);
                session.shutdown().await;
                None
            }
            Fate::Close => {
                session.set_keepalive(None);
                // The answer was written; whether the client took it is its own affair.
                drop(session.finish().await);
                None
            }
            Fate::Reuse => {
                let settings = HttpPersistentSettings::for_session(&session);
                let reusable = session.finish().await.ok().flatten()?;
                Some(ReusedHttpStream::from_reusable_stream(reusable, settings))
            }
        }
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(&self.options)
    }
}

/// Pingora lets by what RFC 9112 §3.2 does not: a request of HTTP/1.1 that names no host.
fn names_no_host(head: &RequestHeader) -> bool {
    head.version == Version::HTTP_11 && !head.headers.contains_key(header::HOST)
}

/// Whether nothing that comes after this request on its connection may be taken for another one. Pingora says
/// so of what says both how long it is and that it is chunked (RFC 9112 §6.1), of HTTP/1.0, and of who asks for
/// the end. Besides, it reads chunks more leniently than servers before it may (a size may be missing, a bare LF
/// stand in an extension), so where a chunked body ends is not certain enough to go on behind it; nor is what
/// follows a CONNECT that was refused.
fn is_last(session: &ServerSession) -> bool {
    let head = session.req_header();
    !session.is_http2()
        && (session.get_keepalive().is_none()
            || head.headers.contains_key(header::TRANSFER_ENCODING)
            || head.method == Method::CONNECT)
}

/// How long the client is waited for, each time, from now on. An HTTP/2 connection is shared, and has no one
/// such time: what waits for one stream has a timer of its own (`intake`).
pub(crate) fn wait_for(session: &mut ServerSession, time: Option<Duration>) {
    if let Some(patience) = session.stream().and_then(Buffered::patience) {
        patience.allow(time);
    }
}

/// Counts the calls that are being answered, so that a drain knows when it is done.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(Arc<AtomicU64>);

impl InFlight {
    /// Counts one call until the guard is dropped.
    pub(crate) fn enter(&self) -> InFlightGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        InFlightGuard(Arc::clone(&self.0))
    }

    /// Calls being answered now.
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One call being answered.
#[derive(Debug)]
pub(crate) struct InFlightGuard(Arc<AtomicU64>);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
