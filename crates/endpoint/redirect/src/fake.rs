//! A redirector without an OS: a listener on loopback whose connections all go to one place.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use tokio::net::{TcpListener, TcpSocket};

use crate::{Flow, Health, Opener, RedirectError, Redirector, Tables};

/// Hands over what connects to its address, as if it had been going to `destination`.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    destination: SocketAddr,
    opener: Option<Opener>,
    tables: Mutex<Tables>,
}

impl Loopback {
    /// Listens on a port of the OS's choice.
    ///
    /// # Errors
    /// Loopback cannot be listened on.
    pub async fn start(
        destination: SocketAddr,
        opener: Option<Opener>,
    ) -> Result<Self, RedirectError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(os)?;
        Ok(Self {
            listener,
            destination,
            opener,
            tables: Mutex::default(),
        })
    }

    /// Where to connect to.
    ///
    /// # Errors
    /// The listener is gone.
    pub fn address(&self) -> Result<SocketAddr, RedirectError> {
        self.listener.local_addr().map_err(os)
    }

    /// The tables in force.
    pub fn tables(&self) -> Tables {
        self.tables
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn os(error: std::io::Error) -> RedirectError {
    RedirectError::Os {
        what: "the loopback listener".into(),
        error,
    }
}

impl Redirector for Loopback {
    async fn accept(&self) -> Result<Flow, RedirectError> {
        let (stream, _) = self.listener.accept().await.map_err(os)?;
        Ok(Flow {
            stream,
            destination: self.destination,
            opener: self.opener.clone(),
        })
    }

    fn bypass(&self, _: &TcpSocket) -> Result<(), RedirectError> {
        Ok(())
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        *self.tables.lock().unwrap_or_else(PoisonError::into_inner) = tables.clone();
        Ok(())
    }

    fn health(&self) -> Health {
        Health {
            effective: true,
            ..Health::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt, net::TcpStream};

    use super::*;

    #[tokio::test]
    async fn what_connects_is_handed_over_with_its_destination() -> anyhow::Result<()> {
        let far = "203.0.113.10:443".parse()?;
        let fake = Loopback::start(far, None).await?;
        let mut app = TcpStream::connect(fake.address()?).await?;
        app.write_all(b"x").await?;
        let flow = fake.accept().await?;
        assert_eq!(flow.destination, far);
        assert_eq!(flow.stream.peer_addr()?, app.local_addr()?);
        Ok(())
    }
}
