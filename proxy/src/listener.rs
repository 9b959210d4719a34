//! Accepts connections, ends TLS, and hands them to Pingora's HTTP sessions.
//!
//! The accept loop is ours, so that tests bind port 0 and run the same path as production; the
//! sessions, HTTP/1.1, HTTP/2 and the TLS handshake are Pingora's.

use std::{
    net::IpAddr,
    os::fd::AsRawFd,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use arc_swap::ArcSwapOption;
use pingora_core::{
    apps::ServerApp,
    listeners::tls::Acceptor,
    protocols::{GetSocketDigest, Peek, SocketDigest},
    protocols::{Stream, l4::stream::Stream as L4Stream},
};
use pingora_rustls::ServerConfig;
use tidegate_wire::peer;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

use crate::{
    buffered::{Buffered, PREFACE},
    config::TlsFiles,
    gateway::{Connection, InForce},
};

/// A handshake that takes longer is an attack or a broken client.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The data plane's listener.
pub(crate) struct DataPlane {
    pub(crate) in_force: Arc<InForce>,
    pub(crate) listener: TcpListener,
    pub(crate) doors: Arc<Doors>,
}

/// What a configuration says of new connections; those that stand are left alone when it changes.
pub(crate) struct Doors {
    tls: ArcSwapOption<Acceptor>,
    room: Arc<Semaphore>,
    /// How many connections there may be.
    places: Mutex<usize>,
}

impl Doors {
    /// With a certificate, where TLS is served.
    pub(crate) fn new(tls: Option<Arc<Acceptor>>, connections: usize) -> Arc<Self> {
        let places = connections.min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            tls: ArcSwapOption::new(tls),
            room: Arc::new(Semaphore::new(places)),
            places: Mutex::new(places),
        })
    }

    /// New handshakes get this certificate, and there may be so many connections. Where there are more, new ones
    /// wait until enough have ended.
    pub(crate) fn change(&self, tls: Option<Arc<Acceptor>>, connections: usize) {
        self.tls.store(tls);
        let wanted = connections.min(Semaphore::MAX_PERMITS);
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *places, wanted);
        if wanted >= before {
            self.room.add_permits(wanted - before);
            return;
        }
        let surplus = before - wanted;
        let owed = surplus - self.room.forget_permits(surplus);
        let room = Arc::clone(&self.room);
        tokio::spawn(async move {
            // One by one, as they end: the queue is fair, so no new connection is taken in between.
            for _ in 0..owed {
                let Ok(place) = room.acquire().await else {
                    return;
                };
                place.forget();
            }
        });
    }
}

impl DataPlane {
    /// Serves until `shutdown` turns true, then stops accepting. Connections go on by themselves.
    pub(crate) async fn serve(self, mut shutdown: watch::Receiver<bool>) {
        let watched = shutdown.clone();
        let accept = async {
            loop {
                // Taking room first leaves what does not fit in the kernel's queue, not in memory.
                let Ok(place) = Arc::clone(&self.doors.room).acquire_owned().await else {
                    return;
                };
                let (tcp, from) = match self.listener.accept().await {
                    Ok((tcp, from)) => (tcp, from.ip().to_canonical()),
                    Err(error) => {
                        // Out of file descriptors, or a connection that died in the queue.
                        tracing::warn!(%error, "cannot accept");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    }
                };
                let in_force = Arc::clone(&self.in_force);
                let tls = self.doors.tls.load_full();
                let shutdown = watched.clone();
                let gateway = in_force.gateway();
                let relayed = gateway.proxies.trusted.contain(from);
                // What a proxy of the operator's carries is counted by whom it names.
                let direct = (!relayed)
                    .then(|| gateway.addresses.connect(from, &gateway.limits.address))
                    .transpose();
                let Ok(direct) = direct else { continue };
                drop(gateway);
                tokio::spawn(async move {
                    serve(tcp, (from, relayed), in_force, tls, &shutdown).await;
                    drop((place, direct));
                });
            }
        };
        tokio::select! {
            () = accept => {}
            _ = shutdown.wait_for(|&down| down) => {}
        }
    }
}

/// One connection, from the handshake to its end.
async fn serve(
    mut tcp: TcpStream,
    (mut from, relayed): (IpAddr, bool),
    in_force: Arc<InForce>,
    tls: Option<Arc<Acceptor>>,
    shutdown: &watch::Receiver<bool>,
) {
    let mut counted = None;
    if relayed {
        match Box::pin(tokio::time::timeout(HANDSHAKE, introduced(&mut tcp))).await {
            Ok(Ok(Some(named))) => {
                let gateway = in_force.gateway();
                let allowed = gateway.addresses.connect(named, &gateway.limits.address);
                let Ok(allowed) = allowed else { return };
                (from, counted) = (named, allowed);
            }
            Ok(Ok(None)) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    let idle = in_force.gateway().timeouts.keep_alive;
    // What a handshake needs is given back before the connection may lie idle.
    let established = Box::pin(establish(tcp, tls.as_deref(), idle)).await;
    if let Some(stream) = established {
        let connection = Connection::new(&in_force, from, idle);
        drop(in_force);
        connection.process_new(stream, shutdown).await;
    }
    drop(counted);
}

/// Whom a proxy names in front of a connection, if it speaks the PROXY protocol; it is taken off.
async fn introduced(tcp: &mut TcpStream) -> std::io::Result<Option<IpAddr>> {
    let mut first = [0; peer::LONGEST];
    let mut before = 0;
    loop {
        let seen = tcp.peek(&mut first).await?;
        match peer::preamble(first.get(..seen).unwrap_or_default()) {
            peer::Preamble::Absent => return Ok(None),
            peer::Preamble::Broken => return Err(std::io::ErrorKind::InvalidData.into()),
            peer::Preamble::Present { length, source } => {
                let length = length.min(first.len());
                tcp.read_exact(&mut first[..length]).await?;
                return Ok(source);
            }
            // Closed, and nothing more comes.
            peer::Preamble::Incomplete(_) if seen == 0 => return Ok(None),
            peer::Preamble::Incomplete(_) => {
                // What is there can be peeked at again at once: a moment has to pass for more to come.
                if seen == before {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                before = seen;
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fewer_places_cut_nobody_and_more_are_there_at_once() -> anyhow::Result<()> {
        let doors = Doors::new(None, 4);
        let take = || Arc::clone(&doors.room).try_acquire_owned();
        let held = [take()?, take()?, take()?];
        doors.change(None, 2);
        assert_eq!(
            doors.room.available_permits(),
            0,
            "the free one went, and one is owed"
        );
        drop(held);
        while doors.room.available_permits() != 2 {
            tokio::task::yield_now().await;
        }
        doors.change(None, 5);
        assert_eq!(doors.room.available_permits(), 5);
        Ok(())
    }
}
