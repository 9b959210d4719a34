//! The device's side of the device API: one request at a time over HTTP/1.1, on sockets that the
//! redirector leaves alone.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use serde::{Serialize, de::DeserializeOwned};
use tidegate_types::Secret;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

/// The longest answer.
const LONGEST: usize = 4 * 1024 * 1024;
/// For name, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(10);
/// Beyond what the gateway was asked to wait.
const ANSWER: Duration = Duration::from_secs(30);

/// Exempts a socket from redirection before it connects.
pub trait Exempt: Send + Sync {
    /// Exempts it.
    ///
    /// # Errors
    /// The socket must not be used.
    fn exempt(&self, socket: &TcpSocket) -> io::Result<()>;
}

/// Where nothing is redirected yet.
#[derive(Debug)]
pub struct NothingRedirected;

impl Exempt for NothingRedirected {
    fn exempt(&self, _: &TcpSocket) -> io::Result<()> {
        Ok(())
    }
}

/// Why the gateway did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// It answered with an error.
    #[error("the gateway answered {status}: {message}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it said, for programs (`tidegate_device_api::refusal`); empty where it said nothing.
        code: String,
        /// What it said.
        message: String,
        /// Seconds to wait, where it said so.
        retry_after: Option<Duration>,
    },
    /// It cannot be reached.
    #[error("the gateway cannot be reached: {0:#}")]
    Unreachable(anyhow::Error),
}

/// The gateway's control plane.
pub struct DeviceApi {
    tls: bool,
    host: String,
    port: u16,
    prefix: String,
    client: Arc<rustls::ClientConfig>,
    exempt: Arc<dyn Exempt>,
}

impl DeviceApi {
    /// At a base URL, trusting these roots.
    ///
    /// # Errors
    /// It is no URL.
    pub fn new(
        url: &str,
        client: Arc<rustls::ClientConfig>,
        exempt: Arc<dyn Exempt>,
    ) -> anyhow::Result<Self> {
        let uri: http::Uri = url.parse()?;
        let tls = uri.scheme_str() == Some("https");
        let host = uri.host().context("no host")?.trim_matches(['[', ']']);
        Ok(Self {
            tls,
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            client,
            exempt,
        })
    }

    /// Posts a message and reads the answer. `wait` is how long the gateway was asked to take.
    ///
    /// # Errors
    /// It cannot be reached, or refuses.
    pub async fn post<Q: Serialize + Sync, A: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&Secret<String>>,
        message: &Q,
        wait: Duration,
    ) -> Result<A, ApiError> {
        let bytes = serde_json::to_vec(message)
            .context("a message of ours")
            .map_err(ApiError::Unreachable)?;
        let body = self.post_bytes(path, key, bytes.into(), wait).await?;
        serde_json::from_slice(&body)
            .context("its answer cannot be read")
            .map_err(ApiError::Unreachable)
    }

    /// Posts JSON that is written already, and reads the answer, whatever it is. `wait` is how long it may
    /// take besides.
    ///
    /// # Errors
    /// The gateway cannot be reached, or refuses.
    pub async fn post_bytes(
        &self,
        path: &str,
        key: Option<&Secret<String>>,
        bytes: Bytes,
        wait: Duration,
    ) -> Result<Bytes, ApiError> {
        let exchange = self.exchange(path, key, bytes);
        let (status, retry_after, body) = tokio::time::timeout(CONNECT + ANSWER + wait, exchange)
            .await
            .map_err(|_| ApiError::Unreachable(anyhow::anyhow!("no answer in time")))?
            .map_err(ApiError::Unreachable)?;
        if status.is_success() {
            return Ok(body);
        }
        let (code, message) = explanation(&body);
        Err(ApiError::Refused {
            status,
            code,
            message,
            retry_after,
        })
    }

    async fn exchange(
        &self,
        path: &str,
        key: Option<&Secret<String>>,
        bytes: Bytes,
    ) -> anyhow::Result<(StatusCode, Option<Duration>, Bytes)> {
        let stream = tokio::time::timeout(CONNECT, self.connect())
            .await
            .context("no connection in time")??;
        let authority = match (self.tls, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.prefix))
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close");
        if let Some(key) = key {
            let mut value = http::HeaderValue::from_str(&format!("Bearer {}", key.expose()))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request.body(Full::new(bytes))?;
        let answer = if self.tls {
            let name = ServerName::try_from(self.host.clone())?;
            let connector = TlsConnector::from(Arc::clone(&self.client));
            let stream = tokio::time::timeout(CONNECT, connector.connect(name, stream))
                .await
                .context("no TLS handshake in time")??;
            send(stream, request).await?
        } else {
            send(stream, request).await?
        };
        let (head, body) = answer.into_parts();
        let retry_after = head
            .headers
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        Ok((head.status, retry_after, body))
    }

    async fn connect(&self) -> anyhow::Result<TcpStream> {
        let mut last = anyhow::anyhow!("{} does not resolve", self.host);
        for address in tokio::net::lookup_host((self.host.as_str(), self.port)).await? {
            match self.dial(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = anyhow::Error::new(error).context(address.to_string()),
            }
        }
        Err(last)
    }

    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        self.exempt.exempt(&socket)?;
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

async fn send<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<http::Response<hyper::body::Incoming>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to the device API ended");
        }
    });
    Ok(sender.send_request(request).await?)
}

/// What an error answer says: its code for programs, and a sentence for people.
fn explanation(body: &[u8]) -> (String, String) {
    let said: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| said[field].as_str();
    let sentence = ["detail", "title", "message"].into_iter().find_map(text);
    let cut = |text: &str| text.chars().take(500).collect();
    (
        cut(text("code").unwrap_or_default()),
        cut(sentence.unwrap_or("no explanation")),
    )
}

/// These roots (`Config::authorities`), or the system's.
///
/// # Errors
/// They cannot be read.
pub fn roots(
    ca: Option<Vec<CertificateDer<'static>>>,
) -> anyhow::Result<Arc<rustls::ClientConfig>> {
    let mut store = rustls::RootCertStore::empty();
    match ca {
        Some(certificates) => {
            for certificate in certificates {
                store
                    .add(certificate)
                    .context("gateway.ca cannot be used")?;
            }
        }
        None => {
            let native = rustls_native_certs::load_native_certs()?;
            store.add_parsable_certificates(native);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
