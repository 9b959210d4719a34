//! The providers as network peers: names resolved by the system and kept for a while, so that calls
//! do not wait for DNS, and connections kept open between calls.

mod alone;
mod hosts;
mod idle;
mod roots;

use std::{
    borrow::Cow,
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use pingora_core::{
    connectors::{ConnectorOptions, TransportConnector, http::v2},
    protocols::{
        ALPN,
        http::{client::HttpSession, v1::client::HttpSession as H1Session},
        l4::socket::SocketAddr as PeerAddress,
    },
    upstreams::peer::{HttpPeer, Peer, PeerOptions},
};
use tidegate_pipeline::{Refusal, stage::Routed};
use tidegate_policy::HostName;
use tidegate_types::{Clock, ProviderName};

use self::{idle::Idle, roots::Roots};
use crate::{
    buffered::Buffered,
    config::{EdgeSection, ProviderConfig, Timeouts},
};

/// How long the resolver's answer is used before it is asked again.
const FRESH: Duration = Duration::from_secs(30);
/// Idle connections kept for one address of a provider, and how long.
const POOL: usize = 1_024;
const IDLE: Duration = Duration::from_secs(60);

/// All providers, by name, and the hosts that devices relay to.
pub(crate) struct Upstreams {
    by_name: HashMap<ProviderName, (Origin, Arc<Upstream>)>,
    /// For those that trust what the system does.
    shared: Arc<Pool>,
    hosts: Arc<hosts::Hosts>,
    clock: Arc<dyn Clock>,
}

/// Where an upstream is, and how it is spoken to.
#[derive(Clone, PartialEq)]
struct Place<'a> {
    host: Cow<'a, str>,
    port: u16,
    tls: bool,
    http2: bool,
}

/// What a provider's upstream was made of: one that is made of the same is the same, with all its connections.
#[derive(PartialEq)]
struct Origin {
    place: Place<'static>,
    roots: Option<Roots>,
    /// To connect, to write, and until it begins to answer.
    times: [Duration; 3],
}

/// One provider: how to reach it.
pub(crate) struct Upstream {
    pub(crate) pool: Arc<Pool>,
    host: String,
    port: u16,
    template: HttpPeer,
    /// How long it may take to begin to answer.
    pub(crate) first_byte: Duration,
    literal: bool,
    addresses: ArcSwap<Vec<Address>>,
    resolved_at: AtomicU64,
    resolving: AtomicBool,
}

impl Upstreams {
    /// What did not change since `previous` is taken over.
    ///
    /// # Errors
    /// A CA bundle cannot be used.
    pub(crate) fn new(
        providers: &[ProviderConfig],
        edge: &EdgeSection,
        timeouts: &Timeouts,
        clock: Arc<dyn Clock>,
        previous: Option<&Self>,
    ) -> anyhow::Result<Self> {
        let shared = match previous {
            Some(previous) => Arc::clone(&previous.shared),
            None => Arc::new(Pool::trusting(None)?),
        };
        let mut by_name = HashMap::new();
        for provider in providers {
            let endpoint = &provider.endpoint;
            let timeouts = &Timeouts {
                first_byte: provider.first_byte.unwrap_or(timeouts.first_byte),
                ..*timeouts
            };
            let origin = Origin {
                place: Place {
                    host: Cow::Owned(endpoint.host().to_owned()),
                    port: endpoint.port(),
                    tls: endpoint.tls(),
                    http2: provider.http2,
                },
                roots: Roots::read(provider.ca.as_deref())?,
                times: [timeouts.connect, timeouts.client, timeouts.first_byte],
            };
            let before = previous.and_then(|previous| previous.by_name.get(&provider.name));
            let upstream = match before {
                Some((was, upstream)) if *was == origin => Arc::clone(upstream),
                _ => {
                    let pool = match &origin.roots {
                        None => Arc::clone(&shared),
                        roots => Arc::new(Pool::trusting(roots.as_ref())?),
                    };
                    Arc::new(Upstream::new(&origin.place, None, timeouts, pool))
                }
            };
            by_name.insert(provider.name.clone(), (origin, upstream));
        }
        let hosts = hosts::Hosts::new(edge, *timeouts)?;
        let hosts = match previous {
            Some(previous) if hosts.is_as(&previous.hosts) => Arc::clone(&previous.hosts),
            _ => Arc::new(hosts),
        };
        Ok(Self {
            by_name,
            shared,
            hosts,
            clock,
        })
    }

    /// Where a call goes: to its provider, or with a credential of its own to the provider's own host.
    ///
    /// # Errors
    /// The provider is gone from the configuration.
    pub(crate) fn of(&self, call: &Routed<'_>) -> Result<Arc<Upstream>, Refusal> {
        let unreachable = || Refusal::UpstreamUnreachable(call.provider().clone());
        match call.direct_host() {
            Some(host) => Ok(self.host(&host.parse().map_err(|_| unreachable())?)),
            None => self
                .by_name
                .get(call.provider())
                .map(|(_, upstream)| Arc::clone(upstream))
                .ok_or_else(unreachable),
        }
    }

    /// The upstream of a governed host, at its own address.
    pub(crate) fn host(&self, host: &HostName) -> Arc<Upstream> {
        self.hosts.get(host)
    }

    /// The provider's addresses, from memory where they are known.
    ///
    /// # Errors
    /// The name does not resolve.
    pub(crate) async fn addresses(
        &self,
        name: &ProviderName,
        upstream: &Arc<Upstream>,
    ) -> Result<Arc<Vec<Address>>, Refusal> {
        let known = upstream.addresses.load_full();
        let now = self.clock.mono().0 / 1_000_000;
        let age = now.saturating_sub(upstream.resolved_at.load(Ordering::Relaxed));
        if !known.is_empty() && (upstream.literal || u128::from(age) < FRESH.as_millis()) {
            return Ok(known);
        }
        if known.is_empty() {
            return Box::pin(upstream.resolve(now))
                .await
                .ok_or_else(|| Refusal::UpstreamUnreachable(name.clone()));
        }
        // Known, but not fresh: this call uses it, and one task asks anew.
        if !upstream.resolving.swap(true, Ordering::AcqRel) {
            let upstream = Arc::clone(upstream);
            tokio::spawn(async move {
                upstream.resolve(now).await;
                upstream.resolving.store(false, Ordering::Release);
            });
        }
        Ok(known)
    }
}

impl Upstream {
    /// With `fixed`, the name is not resolved.
    fn new(
        place: &Place<'_>,
        fixed: Option<SocketAddr>,
        timeouts: &Timeouts,
        pool: Arc<Pool>,
    ) -> Self {
        let ip = place.host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let fixed = fixed.or_else(|| Some(SocketAddr::new(ip?, place.port)));
        let placeholder = SocketAddr::new(IpAddr::from([0, 0, 0, 0]), place.port);
        let address = fixed.unwrap_or(placeholder);
        let mut template = HttpPeer::new(address, place.tls, place.host.to_string());
        let options = &mut template.options;
        options.connection_timeout = Some(timeouts.connect);
        options.total_connection_timeout = Some(timeouts.connect);
        options.write_timeout = Some(timeouts.client);
        options.idle_timeout = Some(IDLE);
        options.alpn = if place.http2 && place.tls {
            ALPN::H2H1
        } else {
            ALPN::H1
        };
        options.max_h2_streams = 100;
        let addresses = if fixed.is_some() {
            vec![Address::new(template.clone())]
        } else {
            Vec::new()
        };
        Self {
            pool,
            host: place.host.to_string(),
            port: place.port,
            literal: fixed.is_some(),
            template,
            first_byte: timeouts.first_byte,
            addresses: ArcSwap::from_pointee(addresses),
            resolved_at: AtomicU64::new(0),
            resolving: AtomicBool::new(false),
        }
    }

    async fn resolve(&self, now: u64) -> Option<Arc<Vec<Address>>> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let known = self.addresses.load();
        let peers: Vec<Address> = match found {
            Ok(addresses) => addresses.map(|address| self.at(address, &known)).collect(),
            Err(error) => {
                tracing::warn!(host = %self.host, %error, "the name does not resolve");
                Vec::new()
            }
        };
        if peers.is_empty() {
            return None;
        }
        let peers = Arc::new(peers);
        self.addresses.store(Arc::clone(&peers));
        self.resolved_at.store(now, Ordering::Relaxed);
        Some(peers)
    }

    /// That address, with its idle connections if it is known.
    fn at(&self, address: SocketAddr, known: &[Address]) -> Address {
        let address = PeerAddress::from(address);
        if let Some(known) = known.iter().find(|known| *known.peer.address() == address) {
            return known.clone();
        }
        let mut peer = self.template.clone();
        peer._address = address;
        Address::new(peer)
    }
}

/// One address of a provider, as Pingora's connectors take it, with its idle HTTP/1.1 connections.
/// The key of Pingora's HTTP/2 pool is worked out once.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    peer: Arc<HttpPeer>,
    key: u64,
    idle: Arc<Idle>,
}

impl Address {
    fn new(peer: HttpPeer) -> Self {
        Self {
            key: peer.reuse_hash(),
            peer: Arc::new(peer),
            idle: Arc::new(Idle::new(POOL, IDLE)),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.peer, f)
    }
}

impl Peer for Address {
    fn address(&self) -> &PeerAddress {
        self.peer.address()
    }

    fn tls(&self) -> bool {
        self.peer.tls()
    }

    fn sni(&self) -> &str {
        self.peer.sni()
    }

    fn reuse_hash(&self) -> u64 {
        self.key
    }

    fn get_peer_options(&self) -> Option<&PeerOptions> {
        self.peer.get_peer_options()
    }

    fn matches_fd<V: std::os::fd::AsRawFd>(&self, _: V) -> bool {
        true
    }
}

/// How long the provider is waited for, each time, from now on.
pub(crate) fn allow(session: &mut HttpSession, time: Duration) {
    match session.stream().and_then(Buffered::patience) {
        Some(patience) => patience.allow(Some(time)),
        // An HTTP/2 connection is shared, so its sessions have timers of their own.
        None => session.set_read_timeout(Some(time)),
    }
}

/// Connects, or takes a connection used before. Reusing one is the common path and stays small;
/// connecting is rare, and its large future is only made when it is needed.
pub(crate) struct Pool {
    h1: TransportConnector,
    h2: v2::Connector,
}

impl Pool {
    /// That trusts a bundle, or else what the system does.
    ///
    /// # Errors
    /// The bundle changed since it was read, to something that cannot be used.
    fn trusting(roots: Option<&Roots>) -> anyhow::Result<Self> {
        let mut options = ConnectorOptions::new(POOL);
        options.ca_file = roots.map(Roots::file).transpose()?;
        Ok(Self {
            h1: TransportConnector::new(Some(options.clone())),
            h2: v2::Connector::new(Some(options)),
        })
    }

    /// A session with that address, and whether it is on a connection used before.
    ///
    /// # Errors
    /// No connection can be made.
    pub(crate) async fn session(
        &self,
        address: &Address,
    ) -> pingora_error::Result<(HttpSession, bool)> {
        let h2 = matches!(address.get_alpn(), Some(ALPN::H2H1));
        if h2 && let Some(session) = Box::pin(self.h2.reused_http_session(address)).await? {
            return Ok((HttpSession::H2(session), true));
        }
        if let Some(stream) = address.idle.take() {
            let session = H1Session::new_with_options(stream, address);
            return Ok((HttpSession::H1(session), true));
        }
        let session = if h2 {
            Box::pin(self.h2.new_http_session(address)).await?
        } else {
            let stream = Box::pin(self.h1.new_stream(address)).await?;
            let stream = Box::new(Buffered::upstream(stream));
            HttpSession::H1(H1Session::new_with_options(stream, address))
        };
        Ok((session, false))
    }

    /// Takes back a session whose answer was read to its end.
    pub(crate) async fn release(&self, session: HttpSession, address: &Address) {
        match session {
            HttpSession::H1(mut session) => {
                session.respect_keepalive();
                if let Some(stream) = session.reuse().await {
                    if let Some(patience) = Buffered::patience(&stream) {
                        patience.allow(None);
                    }
                    address.idle.put(stream);
                }
            }
            HttpSession::H2(session) => {
                self.h2
                    .release_http_session(session, address, address.idle_timeout());
            }
            // Only made for protocols that nobody here speaks.
            HttpSession::Custom(()) => {}
        }
    }
}
