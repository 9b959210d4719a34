//! No file is left behind, on either side, however many connections and questions there were. Alone in
//! its process, since it counts the files that are open.

use std::{collections::BTreeSet, fs, os::fd::AsFd, sync::Arc, time::Duration};

use anyhow::Context;
use tidegate_redirect::{Loopback, Opener, Redirector, Tables};
use tidegate_split::{Attributed, Host, Link, Notice, Refused, Remote, serve};
use tokio::net::{TcpSocket, TcpStream};

/// More than are handed over at once, fewer than wait at a listener.
const CONNECTIONS: usize = 100;

struct Nobody;

impl Host for Nobody {
    fn attribute(&self, opener: &Opener) -> Attributed {
        Attributed::unknown(opener.uid)
    }

    fn opened(&self, _: &Opener) {}

    fn notify(&self, _: Notice) {}

    async fn pass(self: &Arc<Self>, policy: Vec<u8>) -> Vec<u8> {
        policy
    }

    async fn changed(&self) {
        std::future::pending().await
    }

    async fn refused(&self) -> Refused {
        std::future::pending().await
    }
}

fn open_files() -> std::io::Result<usize> {
    Ok(fs::read_dir("/proc/self/fd")?.count())
}

async fn round(backend: &Loopback, remote: &Arc<Remote>) -> anyhow::Result<()> {
    let mut apps = Vec::new();
    for _ in 0..CONNECTIONS {
        apps.push(TcpStream::connect(backend.address()?).await?);
    }
    let mut peers = BTreeSet::new();
    for _ in &apps {
        let flow = remote.accept().await?;
        peers.insert(flow.stream.peer_addr()?);
        let (opener, remote) = (flow.opener.unwrap_or_else(nobody), Arc::clone(remote));
        let asked = tokio::task::spawn_blocking(move || {
            let socket = TcpSocket::new_v4().map_err(anyhow::Error::from);
            socket.and_then(|socket| Ok(remote.bypass(&socket)?))?;
            remote.apply(&Tables::default())?;
            anyhow::Ok(remote.attribute(&opener))
        });
        assert_eq!(asked.await??.user, "7");
    }
    let own: std::io::Result<BTreeSet<_>> = apps.iter().map(TcpStream::local_addr).collect();
    assert_eq!(peers, own?, "each arrived once");
    Ok(())
}

fn nobody() -> Opener {
    Opener {
        pid: 1,
        uid: 7,
        start: None,
        comm: String::new(),
        cgroup: 0,
        netns: 0,
    }
}

#[tokio::test]
async fn every_file_is_closed_again() -> anyhow::Result<()> {
    let far = "203.0.113.10:443".parse()?;
    let backend = Arc::new(Loopback::start(far, None).await?);
    let (link, theirs) = Link::pair()?;
    let user = rustix::net::sockopt::socket_peercred(theirs.as_fd())?.uid;
    let serving = Arc::clone(&backend);
    tokio::spawn(async move {
        let host = Arc::new(Nobody);
        let never = std::future::pending();
        let start = (Vec::new(), Vec::new());
        serve(&link, user.as_raw(), start, (&serving, &host), never).await
    });
    let (remote, _) = Remote::join(Link::new(theirs)?).await?;
    let remote = Arc::new(remote);
    // What the runtime opens for itself is open after the first round.
    round(&backend, &remote).await?;
    let before = open_files()?;
    for _ in 0..3 {
        round(&backend, &remote).await?;
    }
    // The last answers may still be on their way out of the loader's hands.
    let settled = async {
        while open_files()? > before {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    let within = Duration::from_secs(30);
    let settled = tokio::time::timeout(within, settled).await;
    settled.with_context(|| format!("{:?} are open, {before} were", open_files()))?
}
