//! A TLS listener of the doctor's own on loopback, which shows what the agent shows: the device's leaf.

use std::{io, sync::Arc, time::Duration};

use anyhow::Context;
use rustls::{
    AlertDescription, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::state::LeafFiles;

/// For one connection, from beginning to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// For a connection that is in the kernel's queue already.
const QUEUED: Duration = Duration::from_millis(20);
/// The longest request head.
const LONGEST: usize = 16 * 1024;
/// Clients that fall back make some connections; more are none of ours.
const MOST: usize = 16;
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What came by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// The name that was asked for (SNI), of connections whose handshake was completed.
    pub(crate) name: Option<String>,
    /// A request came: whoever sends one has verified.
    pub(crate) request: bool,
    /// The client refused the certificate by a TLS alert (RFC 8446 §6.2).
    pub(crate) refused: bool,
}

/// Listens until dropped.
pub(crate) struct Listener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    pub(crate) port: u16,
}

impl Listener {
    /// On a free port of 127.0.0.1.
    pub(crate) async fn bind(leaf: &LeafFiles) -> anyhow::Result<Self> {
        let chain = CertificateDer::pem_slice_iter(leaf.certificate.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .context("the leaf is not PEM")?;
        // The error is not repeated: it may quote the key.
        let key = PrivateKeyDer::from_pem_slice(leaf.key.expose().as_bytes())
            .map_err(|_| anyhow::anyhow!("the leaf's key is not PEM"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("the leaf cannot be used")?;
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = tcp.local_addr()?.port();
        Ok(Self {
            tcp,
            tls: TlsAcceptor::from(Arc::new(config)),
            port,
        })
    }

    /// Serves while a client does its work; what came by until it ended.
    pub(crate) async fn during<F: Future>(&self, client: F) -> (F::Output, Vec<Seen>) {
        let mut connections = JoinSet::new();
        let mut client = std::pin::pin!(client);
        let output = loop {
            tokio::select! {
                output = &mut client => break output,
                accepted = self.tcp.accept() => self.take(accepted, &mut connections),
            }
        };
        // What it opened last may not have been looked at.
        while let Ok(accepted) = tokio::time::timeout(QUEUED, self.tcp.accept()).await {
            self.take(accepted, &mut connections);
        }
        (output, connections.join_all().await)
    }

    fn take(
        &self,
        accepted: io::Result<(TcpStream, std::net::SocketAddr)>,
        connections: &mut JoinSet<Seen>,
    ) {
        if let Ok((stream, _)) = accepted
            && connections.len() < MOST
        {
            let serving = tokio::time::timeout(PATIENCE, serve(self.tls.clone(), stream));
            connections.spawn(async { serving.await.unwrap_or_default() });
        }
    }
}

async fn serve(tls: TlsAcceptor, stream: TcpStream) -> Seen {
    let mut stream = match tls.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            return Seen {
                refused: is_refusal(&error),
                ..Seen::default()
            };
        }
    };
    let mut seen = Seen {
        name: stream.get_ref().1.server_name().map(str::to_owned),
        ..Seen::default()
    };
    let mut head = Vec::new();
    loop {
        match stream.read_buf(&mut head).await {
            Ok(0) => break,
            Ok(_) if head.windows(4).any(|end| end == b"\r\n\r\n") => {
                seen.request = true;
                // Who left before the answer has verified all the same.
                drop(stream.write_all(ANSWER).await);
                drop(stream.shutdown().await);
                break;
            }
            Ok(_) if head.len() > LONGEST => break,
            Ok(_) => {}
            Err(error) => {
                // With TLS 1.3 the server is done before the client has judged.
                seen.refused = is_refusal(&error);
                break;
            }
        }
    }
    seen
}

/// Whether an error is the client's alert about our certificate.
fn is_refusal(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(
        inner,
        Some(rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateExpired
                | AlertDescription::UnsupportedCertificate
                // What OpenSSL sends where an older CA of the same name is trusted.
                | AlertDescription::DecryptError
        ))
    )
}
