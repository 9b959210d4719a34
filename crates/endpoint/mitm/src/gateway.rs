//! The way to the gateway's data plane: HTTP/2 on as few connections as carry the streams, one as a
//! rule, and a connection of HTTP/1.1 for each WebSocket (`alone`). Over TLS, or to loopback with prior
//! knowledge (RFC 9113 §3.3).

mod alone;
mod download;
mod heard;
mod link;
mod pulse;
mod upload;
mod url;

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
use self::{link::Link, upload::Upload};
use crate::{
    dial::Dialer,
    relay::Begun,
    roots::{LazyClient, Roots},
};

/// Connections at the most.
const LINKS: usize = 16;
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
    Broken(h2::Error),
}

/// The way to the gateway.
pub(crate) struct Gateway {
    url: RelayUrl,
    key: HeaderValue,
    dialer: Dialer,
    /// For name, TCP and TLS together.
    timeout: Duration,
    client: LazyClient,
    links: Mutex<Vec<Arc<Link>>>,
    /// Held while a connection is opened, so that one is opened for all who wait.
    opening: AsyncMutex<()>,
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
            links: Mutex::default(),
            opening: AsyncMutex::default(),
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

    /// A place for one call: at once where there is a connection, after opening one where there is none.
    /// While the gateway is known to be gone, one call at a time tries it again, briefly, and the others
    /// are told at once.
    pub(crate) async fn place(&self) -> Result<Place, NoWay> {
        if let Some(place) = self.free_place() {
            return Ok(place);
        }
        let outage = self.outage().clone();
        let (opening, patience, pause) = match outage {
            None => (self.opening.lock().await, self.timeout, PAUSE),
            Some(outage) if outage.since.elapsed() < outage.pause => return Err(outage.error),
            Some(outage) => match self.opening.try_lock() {
                Ok(opening) => (opening, PROBE, (outage.pause * 2).min(PATIENCE)),
                Err(_) => return Err(outage.error),
            },
        };
        // Others may have opened one, or failed to, while this one waited.
        if let Some(place) = self.free_place() {
            return Ok(place);
        }
        if let Some(outage) = &*self.outage()
            && outage.since.elapsed() < outage.pause
        {
            return Err(outage.error.clone());
        }
        if self.links().len() >= LINKS {
            return Err(NoWay::Busy);
        }
        let opened = tokio::time::timeout(patience, self.open()).await;
        let result = opened
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| NoWay::Unreachable(error.to_string().into()));
        *self.outage() = result.as_ref().err().map(|error| Outage {
            since: Instant::now(),
            pause,
            error: error.clone(),
        });
        drop(opening);
        result
    }

    /// Sends a call. The place is held until the answer's body has ended.
    pub(crate) async fn send(
        &self,
        request: Request<Begun>,
    ) -> Result<Response<Download>, Unanswered> {
        // A pooled connection may have died unseen; what was not sent on it goes on a new one.
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
    let (answer, stream) = sent.map_err(Unanswered::Broken)?;
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
    let answer = answer.await.map_err(Unanswered::Broken)?;
    if let Some(upload) = upload {
        tokio::spawn(upload);
    }
    let (head, stream) = answer.into_parts();
    let body = Download::new(&head.headers, stream, place);
    Ok(Response::from_parts(head, body))
}
