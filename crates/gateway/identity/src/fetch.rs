//! Asking a provider: one connection for each request, at most 1 MiB of answer and ten seconds of
//! patience for everything together. Redirects are not followed and no proxy of the environment is
//! used: what is connected to is what was checked.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::{Endpoint, IdentityError};

/// The longest answer, in bytes.
const LONGEST: usize = 1024 * 1024;

/// For name, TCP, TLS, request and answer together.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A certificate cannot be used as a root.
    #[error("a certificate authority cannot be used: {0}")]
    Root(rustls::Error),
    /// A file holds no certificates.
    #[error("{0} is no readable PEM file of certificates")]
    File(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
}

/// What speaks to providers. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    tls: TlsConnector,
    patience: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Client {
    /// A client that trusts these roots.
    ///
    /// # Errors
    /// One of them is no certificate authority.
    pub fn with_roots(
        roots: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, ClientError> {
        let mut store = rustls::RootCertStore::empty();
        for root in roots {
            store.add(root).map_err(ClientError::Root)?;
        }
        Self::trusting(store)
    }

    /// A client that trusts the roots of a PEM file.
    ///
    /// # Errors
    /// It cannot be read, or holds something else than certificate authorities.
    pub fn with_roots_of(file: &Path) -> Result<Self, ClientError> {
        let unreadable = || ClientError::File(file.display().to_string());
        let found = CertificateDer::pem_file_iter(file).map_err(|_| unreadable())?;
        let roots: Vec<_> = found.collect::<Result<_, _>>().map_err(|_| unreadable())?;
        if roots.is_empty() {
            return Err(unreadable());
        }
        Self::with_roots(roots)
    }

    /// A client that trusts the system's roots; those that cannot be read are left out.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn with_system_roots() -> Result<Self, ClientError> {
        let mut store = rustls::RootCertStore::empty();
        match rustls_native_certs::load_native_certs() {
            Ok(found) => {
                store.add_parsable_certificates(found);
            }
            Err(error) => tracing::warn!(%error, "the system's certificates cannot be read"),
        }
        Self::trusting(store)
    }

    fn trusting(roots: rustls::RootCertStore) -> Result<Self, ClientError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(ClientError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            patience: PATIENCE,
        })
    }

    /// The same with another limit for a request and its answer, ten seconds when not said.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Gets JSON, with an access token where it takes one.
    pub(crate) async fn get(
        &self,
        what: &'static str,
        endpoint: &Endpoint,
        bearer: Option<&str>,
    ) -> Result<Fetched, IdentityError> {
        let mut request = Request::get(endpoint.target());
        if let Some(token) = bearer {
            request = request.header(
                header::AUTHORIZATION,
                sensitive(what, &format!("Bearer {token}"))?,
            );
        }
        self.send(what, endpoint, request, String::new()).await
    }

    /// Posts a form.
    pub(crate) async fn post(
        &self,
        what: &'static str,
        endpoint: &Endpoint,
        form: String,
        basic: Option<&str>,
    ) -> Result<Fetched, IdentityError> {
        let mut request = Request::post(endpoint.target())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(credentials) = basic {
            let value = sensitive(what, &format!("Basic {credentials}"))?;
            request = request.header(header::AUTHORIZATION, value);
        }
        self.send(what, endpoint, request, form).await
    }

    async fn send(
        &self,
        what: &'static str,
        endpoint: &Endpoint,
        request: http::request::Builder,
        body: String,
    ) -> Result<Fetched, IdentityError> {
        let request = request
            .header(header::HOST, endpoint.authority())
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "tidegate")
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| unusable(what, "its address cannot be asked"))?;
        match tokio::time::timeout(self.patience, self.exchange(what, endpoint, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(unreachable(what, "no answer in time")),
        }
    }

    async fn exchange(
        &self,
        what: &'static str,
        endpoint: &Endpoint,
        request: Request<Full<Bytes>>,
    ) -> Result<Fetched, IdentityError> {
        let stream = connect(what, endpoint).await?;
        if !endpoint.tls() {
            return talk(what, stream, request).await;
        }
        let name = ServerName::try_from(endpoint.host())
            .map_err(|_| unusable(what, "its host is no name"))?;
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|error| unreachable(what, format!("TLS: {error}")))?;
        talk(what, stream, request).await
    }
}

async fn connect(what: &'static str, endpoint: &Endpoint) -> Result<TcpStream, IdentityError> {
    let (host, port) = (endpoint.host(), endpoint.port());
    let found = tokio::net::lookup_host((host.as_str(), port)).await;
    let found = found.map_err(|error| unreachable(what, format!("{host}: {error}")))?;
    let mut last = format!("{host} has no address that may be connected to");
    for address in found.filter(|address| endpoint.may_connect(*address)) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = format!("{address}: {error}"),
        }
    }
    Err(unreachable(what, last))
}

async fn talk<S>(
    what: &'static str,
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Fetched, IdentityError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| unreachable(what, error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken);
    let answer = match answer {
        Ok(answer) => read(what, answer).await,
        Err(error) => Err(error),
    };
    // The answer is whole or of no use: nothing is left to be read for.
    connection.abort();
    answer
}

async fn read(
    what: &'static str,
    answer: http::Response<hyper::body::Incoming>,
) -> Result<Fetched, IdentityError> {
    let status = answer.status();
    if status.is_redirection() {
        return Err(unusable(what, "it redirects, which is not followed"));
    }
    let body = Limited::new(answer.into_body(), LONGEST).collect().await;
    match body {
        Ok(body) => Ok(Fetched {
            status,
            body: body.to_bytes(),
        }),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(unusable(what, "it has more than 1 MiB"))
        }
        Err(error) => Err(unreachable(what, error.to_string())),
    }
}

fn sensitive(what: &'static str, text: &str) -> Result<HeaderValue, IdentityError> {
    let mut value =
        HeaderValue::try_from(text).map_err(|_| unusable(what, "a credential is no header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unreachable(what: &'static str, reason: impl Into<String>) -> IdentityError {
    let reason = reason.into();
    IdentityError::Unreachable { what, reason }
}

fn unusable(what: &'static str, reason: impl Into<String>) -> IdentityError {
    let reason = reason.into();
    IdentityError::Unusable { what, reason }
}
