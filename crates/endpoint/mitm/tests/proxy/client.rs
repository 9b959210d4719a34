//! An app: a TLS client with HTTP on top, connected to the proxy as if to its true destination.

use std::{net::SocketAddr, sync::Arc};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::body::Written;

/// A connection with the handshake done.
pub(crate) async fn connect(
    proxy: SocketAddr,
    config: ClientConfig,
    host: &str,
) -> anyhow::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(proxy).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(host.to_owned())?;
    Ok(TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?)
}

/// An app's connection, in the protocol that was agreed on.
pub(crate) enum App {
    One(http1::SendRequest<Written>),
    Two(http2::SendRequest<Written>),
}

impl App {
    pub(crate) async fn connect(
        proxy: SocketAddr,
        config: ClientConfig,
        host: &str,
    ) -> anyhow::Result<Self> {
        let stream = connect(proxy, config, host).await?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let io = TokioIo::new(stream);
        Ok(if http2 {
            let (sender, driver) = http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(driver);
            Self::Two(sender)
        } else {
            let (sender, driver) = http1::handshake(io).await?;
            tokio::spawn(driver);
            Self::One(sender)
        })
    }

    /// Sends a call; its URI is absolute.
    pub(crate) async fn send(
        &mut self,
        mut request: Request<Written>,
    ) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Two(sender) => sender.send_request(request).await,
            Self::One(sender) => {
                sender.ready().await?;
                let uri = request.uri().clone();
                let host = uri.authority().unwrap().as_str().parse().unwrap();
                request.headers_mut().insert("host", host);
                *request.uri_mut() = uri.path_and_query().unwrap().as_str().parse().unwrap();
                sender.send_request(request).await
            }
        }
    }
}
