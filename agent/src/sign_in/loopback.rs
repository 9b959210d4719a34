//! Where the browser comes back to: a listener on 127.0.0.1 that takes one answer and is gone (RFC 8252
//! §7.3, §8.3). Whatever else arrives changes nothing: another path, another state, a name that somebody
//! made point here.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tidegate_device_api::{LOOPBACK_PATH, SIGN_IN_SECONDS};
use tokio::{
    net::TcpListener,
    sync::{Mutex, Semaphore, oneshot},
    time::timeout,
};

/// Connections at once: browsers open some that they never use.
const AT_ONCE: usize = 16;
/// How long one connection may take.
const EACH: Duration = Duration::from_secs(10);
/// The longest head of a request, in bytes.
const LARGEST: usize = 16 * 1024;
/// The longest code or word, in bytes.
const LONGEST: usize = 128;

/// What every browser is shown, whatever came of it.
const PAGE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>Tidegate</title></head><body><h1>You can close this page</h1>\
    <p>Go back to where you began: it says what came of it.</p></body></html>";

/// What the browser brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// A code to redeem.
    Code(String),
    /// Why there is none: a word of `tidegate_device_api::refusal`.
    Error(String),
}

/// The listener.
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What it is waiting for.
struct Awaited {
    /// The only `Host` that is answered.
    host: String,
    state: String,
    /// Taken by the one answer.
    taker: Mutex<Option<oneshot::Sender<Brought>>>,
    /// The answer that was taken, until its browser has its page: who waits may end then.
    taken: Mutex<Option<(oneshot::Sender<Brought>, Brought)>>,
}

impl Loopback {
    /// Listens on a port that the system chooses.
    ///
    /// # Errors
    /// There is none.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("no port of 127.0.0.1 can be listened on")?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the browser, for as long as the gateway does.
    ///
    /// # Errors
    /// It does not come in time.
    pub async fn answer(self, state: String) -> anyhow::Result<Brought> {
        let (taker, taken) = oneshot::channel();
        let awaited = Arc::new(Awaited {
            host: format!("127.0.0.1:{}", self.port),
            state,
            taker: Mutex::new(Some(taker)),
            taken: Mutex::new(None),
        });
        let limit = Duration::from_secs(SIGN_IN_SECONDS.into());
        let serving = self.serve(awaited);
        tokio::select! {
            () = serving => anyhow::bail!("the listener is gone"),
            brought = timeout(limit, taken) => {
                let minutes = SIGN_IN_SECONDS / 60;
                let brought = brought.with_context(|| {
                    format!("nobody signed in within {minutes} minutes; begin again")
                })?;
                Ok(brought?)
            }
        }
    }

    async fn serve(&self, awaited: Arc<Awaited>) {
        let seats = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else {
                return;
            };
            let Ok((stream, _)) = self.listener.accept().await else {
                // Out of file descriptors, or a connection that is gone already.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let awaited = Arc::clone(&awaited);
            tokio::spawn(async move {
                let _seat = seat;
                let service = service_fn(|request: Request<Incoming>| {
                    let awaited = Arc::clone(&awaited);
                    async move { Ok::<_, Infallible>(awaited.hear(&request).await) }
                });
                let connection = http1::Builder::new()
                    .keep_alive(false)
                    .max_buf_size(LARGEST)
                    .serve_connection(TokioIo::new(stream), service);
                // What a browser does with its connection is of no interest.
                drop(timeout(EACH, connection).await);
                if let Some((taker, brought)) = awaited.taken.lock().await.take() {
                    // Who waited may have given up just now.
                    let _heard = taker.send(brought);
                }
            });
        }
    }
}

impl Awaited {
    async fn hear<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if let Err(status) = self.belongs(request) {
            return reply(status, "");
        }
        let query = request.uri().query().unwrap_or_default();
        let Some(brought) = self.read(query) else {
            return reply(StatusCode::FORBIDDEN, "");
        };
        match self.taker.lock().await.take() {
            Some(taker) => {
                *self.taken.lock().await = Some((taker, brought));
                reply(StatusCode::OK, PAGE)
            }
            None => reply(StatusCode::GONE, ""),
        }
    }

    /// The one place, by the one name: an address cannot be made to point elsewhere.
    fn belongs<B>(&self, request: &Request<B>) -> Result<(), StatusCode> {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let named = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.as_bytes() == self.host.as_bytes(),
            _ => false,
        };
        // A target in absolute form would name another host than the header.
        if !named || request.uri().authority().is_some() {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        if request.uri().path() != LOOPBACK_PATH {
            return Err(StatusCode::NOT_FOUND);
        }
        match *request.method() {
            Method::GET => Ok(()),
            _ => Err(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// What a query brings, if its state is ours.
    fn read(&self, query: &str) -> Option<Brought> {
        let (mut state, mut brought) = (None, None);
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=')?;
            let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
            if value.is_empty() || value.len() > LONGEST || !value.bytes().all(plain) {
                return None;
            }
            let twice = match name {
                "state" => state.replace(value).is_some(),
                "code" => brought.replace(Brought::Code(value.to_owned())).is_some(),
                "error" => brought.replace(Brought::Error(value.to_owned())).is_some(),
                _ => return None,
            };
            if twice {
                return None;
            }
        }
        (state? == self.state).then_some(brought).flatten()
    }
}

fn reply(status: StatusCode, page: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(page.as_bytes())));
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
