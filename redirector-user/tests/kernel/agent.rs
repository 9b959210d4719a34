//! The two ends that a client may reach: the agent, which says `agent`, and the stand-in for the real
//! service, which says `real`.

use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tidegate_redirect::{Flow, Redirector};
use tidegate_redirector_user::Linux;
use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Accepts, answers, and tells what it was handed.
pub(crate) struct Agent {
    pub(crate) linux: Arc<Linux>,
    flows: mpsc::Receiver<Flow>,
    task: JoinHandle<()>,
}

impl Agent {
    pub(crate) fn serve(linux: Linux) -> Self {
        let linux = Arc::new(linux);
        let (to, flows) = mpsc::channel(20_000);
        let serving = Arc::clone(&linux);
        let task = tokio::spawn(async move {
            while let Ok(mut flow) = serving.accept().await {
                // A client that has gone away is a client too.
                flow.stream.write_all(b"agent").await.ok();
                if to.send(flow).await.is_err() {
                    return;
                }
            }
        });
        Self { linux, flows, task }
    }

    pub(crate) async fn flow(&mut self) -> Result<Flow> {
        tokio::time::timeout(PATIENCE, self.flows.recv())
            .await
            .context("no flow came")?
            .context("the agent has ended")
    }

    /// Nothing was handed over that nobody asked for.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.flows.try_recv().is_err()
    }

    pub(crate) fn counter(&self, name: &str) -> u64 {
        self.linux
            .counters()
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(0, |(_, value)| *value)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Binds again where a socket was closed a moment ago: a child that another test starts holds copies of
/// all sockets until it executes its program.
pub(crate) fn retry<T>(mut bind: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let since = Instant::now();
    loop {
        match bind() {
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse && since.elapsed() < PATIENCE =>
            {
                std::thread::yield_now();
            }
            outcome => return outcome,
        }
    }
}

/// Answers `real` at an address.
pub(crate) async fn real(address: SocketAddr) -> Result<JoinHandle<()>> {
    let listener = retry(|| std::net::TcpListener::bind(address))?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    Ok(tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"real").await.ok();
        }
    }))
}

/// What a client sees.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Who answered.
    pub(crate) answer: String,
    /// What `getpeername()` says.
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
}

/// Reads who answered.
pub(crate) fn look(mut stream: TcpStream) -> io::Result<Seen> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (peer, local) = (stream.peer_addr()?, stream.local_addr()?);
    Ok(Seen {
        answer: read(&mut stream)?,
        peer,
        local,
    })
}

/// What comes first. A read with a limit is not taken up again by itself when the kernel interrupts it.
pub(crate) fn read(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = [0; 16];
    loop {
        match stream.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return Ok(String::from_utf8_lossy(&bytes[..outcome?]).into_owned()),
        }
    }
}

/// Runs a client that blocks on a thread of its own.
pub(crate) async fn client<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// The plainest client.
pub(crate) async fn connect(to: SocketAddr) -> io::Result<Seen> {
    client(move || look(TcpStream::connect_timeout(&to, PATIENCE)?)).await
}
