//! Accepts connections, ends TLS, and hands them to Pingora's HTTP sessions.
//!
//! The accept loop is ours, so that tests bind port 0 and run the same path as production; the
//! sessions, HTTP/1.1, HTTP/2 and the TLS handshake are Pingora's.

use std::{os::fd::AsRawFd, sync::Arc, time::Duration};

use anyhow::Context;
use pingora_core::{
    apps::ServerApp,
    listeners::tls::Acceptor,
    protocols::{GetSocketDigest, Peek, SocketDigest},
    protocols::{Stream, l4::stream::Stream as L4Stream},
};
use pingora_rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

use crate::{
    buffered::{Buffered, PREFACE},
    config::TlsFiles,
    gateway::Gateway,
};

/// A handshake that takes longer is an attack or a broken client.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The data plane's listener.
pub(crate) struct DataPlane {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<Arc<Acceptor>>,
    pub(crate) connections: usize,
}

impl DataPlane {
    /// Serves until `shutdown` turns true, then stops accepting. Connections go on by themselves.
    pub(crate) async fn serve(self, mut shutdown: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(self.connections.min(Semaphore::MAX_PERMITS)));
        let watched = shutdown.clone();
        let accept = async {
            loop {
                // Taking room first leaves what does not fit in the kernel's queue, not in memory.
                let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                    return;
                };
                let tcp = match self.listener.accept().await {
                    Ok((tcp, _)) => tcp,
                    Err(error) => {
                        // Out of file descriptors, or a connection that died in the queue.
                        tracing::warn!(%error, "cannot accept");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    }
                };
                let (gateway, tls) = (Arc::clone(&self.gateway), self.tls.clone());
                let shutdown = watched.clone();
                tokio::spawn(async move {
                    let idle = gateway.timeouts.keep_alive;
                    // What a handshake needs is given back before the connection may lie idle.
                    let established = Box::pin(establish(tcp, tls.as_deref(), idle)).await;
                    if let Some(stream) = established {
                        gateway.process_new(stream, &shutdown).await;
                    }
                    drop(place);
                });
            }
        };
        tokio::select! {
            () = accept => {}
            _ = shutdown.wait_for(|&down| down) => {}
        }
    }
}

async fn establish(tcp: TcpStream, tls: Option<&Acceptor>, idle: Duration) -> Option<Stream> {
    // SSE pieces are small; waiting to fill a packet would hold each of them back.
    tcp.set_nodelay(true).ok()?;
    let digest = SocketDigest::from_raw_fd(tcp.as_raw_fd());
    let mut stream = L4Stream::from(tcp);
    stream.set_socket_digest(digest);
    let Some(acceptor) = tls else {
        return greeted(Buffered::downstream(Box::new(stream)), idle).await;
    };
    match tokio::time::timeout(HANDSHAKE, acceptor.tls_handshake(stream)).await {
        Ok(Ok(stream)) => greeted(Buffered::downstream(Box::new(stream)), idle).await,
        Ok(Err(error)) => {
            tracing::debug!(%error, "TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

/// Waits for the first bytes: Pingora waits for them too, but without an end.
async fn greeted(mut stream: Buffered, idle: Duration) -> Option<Stream> {
    let mut first = [0; PREFACE.len()];
    match tokio::time::timeout(idle, stream.try_peek(&mut first)).await {
        Ok(Ok(_)) => Some(Box::new(stream)),
        Ok(Err(_)) | Err(_) => None,
    }
}

/// Builds the TLS side from PEM files: TLS 1.2 and 1.3, HTTP/2 preferred.
///
/// # Errors
/// A file cannot be read, holds nothing of use, or certificate and key do not belong together.
pub(crate) fn acceptor(files: &TlsFiles) -> anyhow::Result<Arc<Acceptor>> {
    let path = |path: &std::path::Path| path.display().to_string();
    let (certificate, key) = (path(&files.certificate), path(&files.key));
    let loaded = pingora_rustls::load_certs_and_key_files(&certificate, &key)
        .map_err(|error| anyhow::anyhow!("listen.data_tls: {error}"))?;
    let (chain, key) = loaded.context("listen.data_tls: no certificate or no key in the files")?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("listen.data_tls: certificate and key do not fit")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(Acceptor::from_server_config(Arc::new(config))))
}
