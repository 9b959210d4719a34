//! The true destination of a connection that was already terminated, for when the gateway cannot be
//! reached and the policy fails open. The destination's certificate is verified as the app would have
//! done it.

use std::{io, net::SocketAddr};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, Version, header, uri::PathAndQuery};
use http_body_util::Empty;
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tidegate_policy::HostName;
use tokio::{net::TcpStream, sync::Mutex};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{dial::Dialer, relay::Begun, roots::LazyClient, upgrade};

/// Why the true destination did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectError {
    #[error("{0}")]
    Connect(#[from] io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("{0}")]
    Request(#[from] http::Error),
}

/// Connections of one app connection to its true destination: one if it speaks HTTP/2, else one for each
/// call.
#[derive(Debug)]
pub(crate) struct Direct {
    destination: SocketAddr,
    shared: Mutex<Option<(HostName, http2::SendRequest<Begun>)>>,
}

impl Direct {
    pub(crate) fn new(destination: SocketAddr) -> Self {
        Self {
            destination,
            shared: Mutex::new(None),
        }
    }

    /// Sends a call whose hop-by-hop headers are off already.
    pub(crate) async fn send(
        &self,
        dialer: &Dialer,
        client: &LazyClient,
        host: &HostName,
        mut request: Request<Begun>,
    ) -> Result<Response<Incoming>, DirectError> {
        let mut shared = self.shared.lock().await;
        if let Some((_, sender)) = shared
            .as_ref()
            .filter(|(known, sender)| known == host && !sender.is_closed())
        {
            let mut sender = sender.clone();
            drop(shared);
            to_http2(host, &mut request)?;
            return Ok(sender.send_request(request).await?);
        }
        let protocols: [&[u8]; 2] = [b"h2", b"http/1.1"];
        let stream = self.connect(dialer, client, host, &protocols).await?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let stream = TokioIo::new(stream);
        if http2 {
            let (mut sender, driver) = http2::Builder::new(TokioExecutor::new())
                .handshake(stream)
                .await?;
            drive(driver);
            *shared = Some((host.clone(), sender.clone()));
            drop(shared);
            to_http2(host, &mut request)?;
            Ok(sender.send_request(request).await?)
        } else {
            drop(shared);
            let (mut sender, driver) = http1::handshake(stream).await?;
            drive(driver);
            to_http1(host, &mut request)?;
            Ok(sender.send_request(request).await?)
        }
    }

    /// Asks for another protocol, on a connection of its own. The request's headers are ready but for the
    /// host.
    pub(crate) async fn ask(
        &self,
        dialer: &Dialer,
        client: &LazyClient,
        host: &HostName,
        target: &str,
        mut request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, DirectError> {
        *request.uri_mut() = target.parse().map_err(http::Error::from)?;
        let name = HeaderValue::from_str(host.as_str()).map_err(http::Error::from)?;
        request.headers_mut().insert(header::HOST, name);
        let protocols: [&[u8]; 1] = [b"http/1.1"];
        let stream = self.connect(dialer, client, host, &protocols).await?;
        Ok(upgrade::ask(Box::new(stream), request).await?)
    }

    async fn connect(
        &self,
        dialer: &Dialer,
        client: &LazyClient,
        host: &HostName,
        protocols: &[&[u8]],
    ) -> io::Result<TlsStream<TcpStream>> {
        let config = client.offering(protocols).await;
        let config = config.map_err(io::Error::other)?;
        let name = ServerName::try_from(host.as_str().to_owned()).map_err(io::Error::other)?;
        let stream = dialer.dial(self.destination).await?.into_stream();
        TlsConnector::from(config).connect(name, stream).await
    }
}

fn drive(driver: impl Future<Output = hyper::Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a direct connection ended");
        }
    });
}

fn to_http2(host: &HostName, request: &mut Request<Begun>) -> Result<(), http::Error> {
    let target = target(request.uri());
    *request.uri_mut() = Uri::builder()
        .scheme("https")
        .authority(host.as_str())
        .path_and_query(target)
        .build()?;
    *request.version_mut() = Version::HTTP_2;
    request.headers_mut().remove(header::HOST);
    Ok(())
}

fn to_http1(host: &HostName, request: &mut Request<Begun>) -> Result<(), http::Error> {
    *request.uri_mut() = target(request.uri()).parse::<Uri>()?;
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_str(host.as_str())?);
    join_cookies(headers);
    Ok(())
}

/// HTTP/2 may send a cookie in crumbs, HTTP/1.1 may not (RFC 9113 §8.2.3).
pub(crate) fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<_> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if crumbs.len() > 1
        && let Ok(cookie) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, cookie);
    }
}

/// Path and query.
pub(crate) fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", PathAndQuery::as_str)
}
