//! The one way out. A socket of the agent's own has to be exempt from redirection before it connects,
//! or the agent would serve itself for ever. [`Outgoing`] exists only with that done, and everything
//! that talks to somewhere else takes an [`Outgoing`].

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use tidegate_redirect::{RedirectError, Redirector};
use tokio::net::{TcpSocket, TcpStream};

/// A connection that was opened past the redirector.
#[derive(Debug)]
pub(crate) struct Outgoing(TcpStream);

impl Outgoing {
    pub(crate) fn into_stream(self) -> TcpStream {
        self.0
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.0
    }
}

/// The part of a redirector that is needed here, without its type.
trait Exempt: Send + Sync {
    fn exempt(&self, socket: &TcpSocket) -> Result<(), RedirectError>;
}

impl<R: Redirector> Exempt for R {
    fn exempt(&self, socket: &TcpSocket) -> Result<(), RedirectError> {
        self.bypass(socket)
    }
}

/// Opens connections past the redirector.
#[derive(Clone)]
pub(crate) struct Dialer {
    exempt: Arc<dyn Exempt>,
    timeout: Duration,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").finish_non_exhaustive()
    }
}

impl Dialer {
    pub(crate) fn new<R: Redirector>(redirector: Arc<R>, timeout: Duration) -> Self {
        Self {
            exempt: redirector,
            timeout,
        }
    }

    /// Connects.
    pub(crate) async fn dial(&self, to: SocketAddr) -> io::Result<Outgoing> {
        let socket = if to.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        self.exempt.exempt(&socket).map_err(io::Error::other)?;
        socket.set_keepalive(true)?;
        let stream = tokio::time::timeout(self.timeout, socket.connect(to))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        Ok(Outgoing(stream))
    }

    /// Connects to a name or an address, trying what it resolves to in turn.
    pub(crate) async fn dial_name(&self, host: &str, port: u16) -> io::Result<Outgoing> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in tokio::net::lookup_host((host, port)).await? {
            match self.dial(address).await {
                Ok(outgoing) => return Ok(outgoing),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}
