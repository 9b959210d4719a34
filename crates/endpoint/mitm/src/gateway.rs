//! The way to the gateway's data plane. A call has a pooled connection of HTTP/1.1 to itself (`single`,
//! `pool`), which costs the least. What such a connection does not carry, and what comes when there are enough
//! of them, goes over HTTP/2 (`link`), on as few connections as carry the streams. A WebSocket has its own
//! (`alone`). Over TLS, or to loopback with prior knowledge (RFC 9113 §3.3).

mod alone;
mod download;
mod heard;
mod link;
mod pool;
mod pulse;
pub(crate) mod single;
mod upload;
mod url;
mod watch;

use std::{
    fmt,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use rustls::pki_types::ServerName;
use tokio::{
    net::TcpStream,
    sync::{Mutex as AsyncMutex, Semaphore},
    time::Instant,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

pub use self::url::{RelayUrl, RelayUrlError};
pub(crate) use self::{alone::Seat, download::Download, link::Place};
use self::{
    download::{SingleBody, StreamBody},
    link::Link,
    pool::Pool,
    single::{Failed, Single},
    upload::Upload,
};
use crate::{
    dial::Dialer,
    relay::Begun,
    roots::{LazyClient, Roots},
    upgrade::Wire,
};

/// Shared connections at the most.
const LINKS: usize = 16;
/// A connection that was idle for longer is not trusted: a laptop may have slept, or a NAT forgotten it. Shorter
/// than the gateway's patience with idle connections.
const STALE: Duration = Duration::from_secs(60);
/// Cookies and tokens of web apps are large.
const HEADERS: u32 = 128 * 1024;
/// How long the gateway is left alone after it could not be reached; doubles up to `PATIENCE`.
const PAUSE: Duration = Duration::from_millis(500);
/// So that an agent notices soon when the gateway is back.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it may take to see whether it is back.
const PROBE: Duration = Duration::from_millis(1500);

/// Where the gateway is, and how it knows the device.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// The data plane's base URL.
    pub url: RelayUrl,
    /// The device's key.
    pub device_key: tidegate_types::Secret<String>,
    /// Whose certificates the gateway may have.
    pub roots: Roots,
}

/// Why a call has no way to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoWay {
    #[error("the gateway cannot be reached: {0}")]
    Unreachable(Arc<str>),
    /// Not an outage: it must not open a way past the gateway.
    #[error("this machine has too many calls open at once")]
    Busy,
}

/// Why a call was not answered.
pub(crate) enum Unanswered {
    /// Nothing of it was sent: here it is back.
    Unsent(Box<Request<Begun>>, NoWay),
    /// It was sent, in part at least.
    Broken(Broken),
}

/// How a call broke.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("{0}")]
    Single(#[source] single::Fault),
    /// With the reason of the stream's reset, if it has one.
    #[error("{0}")]
    Stream(#[source] h2::Error),
}

/// The way to the gateway.
pub(crate) struct Gateway {
    url: RelayUrl,
    key: HeaderValue,
    dialer: Dialer,
    /// For name, TCP and TLS together.
    timeout: Duration,
    client: LazyClient,
    pool: Arc<Pool>,
    links: Mutex<Vec<Arc<Link>>>,
    /// Held while a shared connection is opened, so that one is opened for all who wait.
    opening: AsyncMutex<()>,
    /// Held by who looks whether a gateway that was gone is back.
    probing: AsyncMutex<()>,
    /// Room for WebSockets.
    sockets: Arc<Semaphore>,
    /// From the last failure to connect to the next success.
    outage: Mutex<Option<Outage>>,
}

/// The gateway could not be reached.
#[derive(Debug, Clone)]
struct Outage {
    since: Instant,
    /// How long it is left alone.
    pause: Duration,
    error: NoWay,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Gateway {
    pub(crate) fn new(
        config: GatewayConfig,
        dialer: Dialer,
        timeout: Duration,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let mut key = HeaderValue::from_str(config.device_key.expose())?;
        key.set_sensitive(true);
        Ok(Self {
            url: config.url,
            key,
            dialer,
            timeout,
            client: LazyClient::new(config.roots),
            pool: Pool::new(),
            links: Mutex::default(),
            opening: AsyncMutex::default(),
            probing: AsyncMutex::default(),
            sockets: Arc::new(Semaphore::new(alone::MOST)),
            outage: Mutex::default(),
        })
    }

    pub(crate) fn url(&self) -> &RelayUrl {
        &self.url
    }

    /// The device's key, which is not shown in logs.
    pub(crate) fn key(&self) -> &HeaderValue {
        &self.key
    }

    /// Whether there is a way: at once where there is a connection, after opening one where there is none.
    pub(crate) async fn reach(&self) -> Result<(), NoWay> {
        // In clear nothing is said before the first call but in HTTP/2, and who says nothing may hang.
        if self.url.tls()
            && let Some(connection) = self.single().await?
        {
            self.pool.give_back(connection);
            return Ok(());
        }
        self.place().await.map(drop)
    }

    /// Sends a call. Its connection, or its place on one, is held until the answer's body has ended.
    pub(crate) async fn send(
        &self,
        mut request: Request<Begun>,
    ) -> Result<Response<Download>, Unanswered> {
        if single::carries(&request) {
            // A pooled connection may die as it is taken; what was not sent on it goes on another one.
            for _ in 0..2 {
                let connection = match self.single().await {
                    Ok(Some(connection)) => connection,
                    Ok(None) => break,
                    Err(error) => return Err(Unanswered::Unsent(Box::new(request), error)),
                };
                match connection.call(request).await {
                    Ok((response, connection)) => {
                        let (head, decoder) = response.into_parts();
                        let mut body = SingleBody::new(decoder, connection, self.pool.clone());
                        body.begin().await;
                        return Ok(Response::from_parts(head, Download::Single(body)));
                    }
                    Err(Failed::Unsent(unsent)) => request = *unsent,
                    Err(Failed::Broken(broken)) => return Err(Unanswered::Broken(broken)),
                }
            }
        }
        self.send_shared(request).await
    }

    /// Sends a call on a shared connection.
    async fn send_shared(&self, request: Request<Begun>) -> Result<Response<Download>, Unanswered> {
        // As above.
        let mut died = None;
        for _ in 0..2 {
            let place = match self.place().await {
                Ok(place) => place,
                Err(error) => return Err(Unanswered::Unsent(Box::new(request), error)),
            };
            match place.ready().await {
                Ok(sender) => return call(sender, request, place).await,
                Err(error) => died = Some(error),
            }
        }
        let died = died.map_or_else(|| "it closed".into(), |error| error.to_string());
        Err(Unanswered::Unsent(
            Box::new(request),
            NoWay::Unreachable(died.into()),
        ))
    }

    /// A connection for one call; none if there are enough.
    async fn single(&self) -> Result<Option<Single>, NoWay> {
        if let Some(connection) = self.pool.take() {
            return Ok(Some(connection));
        }
        let Some(room) = self.pool.room() else {
            return Ok(None);
        };
        let wire = self.attempt(self.wire(Some(watch::UNREAD))).await?;
        Ok(Some(Single::open(wire, room)))
    }

    /// A place on a shared connection.
    async fn place(&self) -> Result<Place, NoWay> {
        if let Some(place) = self.free_place() {
            return Ok(place);
        }
        let _opening = match self.opening.try_lock() {
            Ok(opening) => opening,
            Err(_) => {
                if let Some(outage) = &*self.outage() {
                    return Err(outage.error.clone());
                }
                self.opening.lock().await
            }
        };
        // Others may have opened one while this one waited.
        if let Some(place) = self.free_place() {
            return Ok(place);
        }
        if self.links().len() >= LINKS {
            return Err(NoWay::Busy);
        }
        self.attempt(self.open()).await
    }

    /// Opens a connection. While the gateway is known to be gone, one caller at a time tries it again, briefly,
    /// and the others are told at once.
    async fn attempt<T>(&self, open: impl Future<Output = io::Result<T>>) -> Result<T, NoWay> {
        let outage = self.outage().clone();
        let (probing, patience, pause) = match outage {
            None => (None, self.timeout, PAUSE),
            Some(outage) if outage.since.elapsed() < outage.pause => return Err(outage.error),
            Some(outage) => match self.probing.try_lock() {
                Ok(probing) => (Some(probing), PROBE, (outage.pause * 2).min(PATIENCE)),
                Err(_) => return Err(outage.error),
            },
        };
        let opened = tokio::time::timeout(patience, open).await;
        let result = opened
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| NoWay::Unreachable(error.to_string().into()));
        *self.outage() = result.as_ref().err().map(|error| Outage {
            since: Instant::now(),
            pause,
            error: error.clone(),
        });
        drop(probing);
        result
    }

    fn free_place(&self) -> Option<Place> {
        let mut links = self.links();
        links.retain(|link| link.alive());
        links.iter().find_map(Link::place)
    }

    fn links(&self) -> MutexGuard<'_, Vec<Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outage(&self) -> MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(&self) -> io::Result<Place> {
        let stream = self.dial().await?;
        let link = if self.url.tls() {
            let stream = self.secure(stream, b"h2").await?;
            if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                return Err(io::Error::other("it does not speak HTTP/2"));
            }
            Link::open(stream).await?
        } else {
            Link::open(stream).await?
        };
        let link = Arc::new(link);
        let place = link.place();
        self.links().push(link);
        place.ok_or_else(|| io::ErrorKind::ConnectionAborted.into())
    }

    /// A connection in HTTP/1.1, whose bytes may lie unread for so long.
    async fn wire(&self, unread: Option<Duration>) -> io::Result<Wire> {
        let stream = self.dial().await?;
        watch::over(&stream, unread)?;
        if !self.url.tls() {
            return Ok(Box::new(stream));
        }
        let stream = self.secure(stream, b"http/1.1").await?;
        match stream.get_ref().1.alpn_protocol() {
            None | Some(b"http/1.1") => Ok(Box::new(stream)),
            Some(_) => Err(io::Error::other("it does not speak HTTP/1.1")),
        }
    }

    async fn dial(&self) -> io::Result<TcpStream> {
        let (host, port) = (self.url.host(), self.url.port());
        Ok(self.dialer.dial_name(host, port).await?.into_stream())
    }

    /// Shakes hands and proves that it is the gateway.
    async fn secure(
        &self,
        stream: TcpStream,
        protocol: &'static [u8],
    ) -> io::Result<TlsStream<TcpStream>> {
        let config = self.client.offering(&[protocol]).await;
        let config = config.map_err(io::Error::other)?;
        let name = ServerName::try_from(self.url.host().to_owned()).map_err(io::Error::other)?;
        TlsConnector::from(config).connect(name, stream).await
    }
}

/// Sends a call on a connection that is ready for it, and waits for its answer. The body goes on while the
/// answer comes.
async fn call(
    mut sender: SendRequest<Bytes>,
    request: Request<Begun>,
    place: Place,
) -> Result<Response<Download>, Unanswered> {
    let (head, body) = request.into_parts();
    let bare = body.is_end_stream();
    let sent = sender.send_request(Request::from_parts(head, ()), bare);
    let broken = |error| Unanswered::Broken(Broken::Stream(error));
    let (answer, stream) = sent.map_err(broken)?;
    let mut upload = (!bare).then(|| Upload::new(body, stream));
    let mut answer = pin!(answer);
    // In the app's own task for as long as the answer is waited for, which is to the body's end as a rule:
    // another task would have to be woken for each piece.
    let answer = poll_fn(|cx| {
        let done = upload.as_mut().map(|upload| Pin::new(upload).poll(cx));
        if done.is_some_and(|done| done.is_ready()) {
            upload = None;
        }
        answer.as_mut().poll(cx)
    });
    let answer = answer.await.map_err(broken)?;
    if let Some(upload) = upload {
        tokio::spawn(upload);
    }
    let (head, stream) = answer.into_parts();
    let body = StreamBody::new(&head.headers, stream, place);
    Ok(Response::from_parts(head, Download::Stream(body)))
}
