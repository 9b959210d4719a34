//! A redirector without an OS: a listener on loopback whose connections all go to one place.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use tokio::{
    net::{TcpListener, TcpSocket},
    sync::{Mutex as AsyncMutex, mpsc},
};

use crate::{Flow, Health, Opener, ProcessEvent, RedirectError, Redirector, Tables};

/// Process events that wait.
const WAITING: usize = 256;

/// Hands over what connects to its address, as if it had been going to `destination`.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    destination: SocketAddr,
    opener: Option<Opener>,
    tables: Mutex<Tables>,
    told: mpsc::Sender<ProcessEvent>,
    processes: AsyncMutex<mpsc::Receiver<ProcessEvent>>,
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
        let (told, processes) = mpsc::channel(WAITING);
        Ok(Self {
            listener,
            destination,
            opener,
            tables: Mutex::default(),
            told,
            processes: AsyncMutex::new(processes),
        })
    }

    /// Where to connect to.
    ///
    /// # Errors
    /// The listener is gone.
    pub fn address(&self) -> Result<SocketAddr, RedirectError> {
        self.listener.local_addr().map_err(os)
    }

    /// Something that a process did, for whoever listens; `false` where there is no room for it.
    pub fn tell(&self, event: ProcessEvent) -> bool {
        self.told.try_send(event).is_ok()
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

    async fn process(&self) -> Result<ProcessEvent, RedirectError> {
        let mut processes = self.processes.lock().await;
        processes
            .recv()
            .await
            .ok_or_else(|| RedirectError::Unsupported("the sender is gone".into()))
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
    async fn what_a_process_did_is_told_in_order_while_there_is_room() -> anyhow::Result<()> {
        let fake = Loopback::start("203.0.113.10:443".parse()?, None).await?;
        let ended = |pid| ProcessEvent::Ended(crate::Ended { pid, start: None });
        let told = (0..1_000).take_while(|&pid| fake.tell(ended(pid))).count();
        assert_eq!(told, WAITING);
        assert_eq!(fake.process().await?, ended(0));
        assert_eq!(fake.process().await?, ended(1));
        assert!(fake.tell(ended(7)), "there is room again");
        Ok(())
    }

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
