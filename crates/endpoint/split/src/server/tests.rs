//! Both sides in one process, on a real pair of sockets.

mod bad;
mod good;

use std::{
    net::SocketAddr,
    sync::{Mutex, atomic::AtomicUsize},
};

use rustix::process::geteuid;
use tidegate_redirect::{Flow, Health, Loopback, Tables};
use tokio::{net::TcpSocket, sync::oneshot, task::JoinHandle};

use super::*;
use crate::{Given, Remote};

/// The loopback fake, and what was asked of it.
pub(super) struct Backend {
    pub(super) inner: Loopback,
    pub(super) exempt: AtomicUsize,
    pub(super) serving: watch::Sender<Option<bool>>,
}

impl Redirector for Backend {
    async fn accept(&self) -> Result<Flow, RedirectError> {
        self.inner.accept().await
    }

    fn bypass(&self, _: &TcpSocket) -> Result<(), RedirectError> {
        self.exempt.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        if tables.decision == 13 {
            return Err(RedirectError::Os {
                what: "writing the tables".into(),
                error: std::io::Error::from_raw_os_error(28),
            });
        }
        self.inner.apply(tables)
    }

    fn serving(&self, serving: bool) -> Result<(), RedirectError> {
        self.serving.send_replace(Some(serving));
        Ok(())
    }

    fn reset_older(&self) -> Result<usize, RedirectError> {
        Ok(3)
    }

    fn health(&self) -> Health {
        Health {
            counters: vec![("redirected", 5)],
            ..self.inner.health()
        }
    }
}

/// Knows one process, and looks at another for ever.
pub(super) struct Clerk {
    pub(super) opened: Mutex<Vec<Opener>>,
    pub(super) notices: Mutex<Vec<Notice>>,
    /// Looking at process 99 takes until this is let go.
    pub(super) stuck: Mutex<()>,
    /// A long pass says this, and goes on until the next.
    pub(super) began: Notify,
    pub(super) passing: Notify,
    pub(super) changed: Notify,
    pub(super) refusing: Notify,
}

impl Host for Clerk {
    fn attribute(&self, opener: &Opener) -> Attributed {
        if opener.pid == 99 {
            drop(self.stuck.lock());
        }
        Attributed {
            program: format!("/proc/{}", opener.pid),
            ..Attributed::unknown(opener.uid)
        }
    }

    fn opened(&self, opener: &Opener) {
        self.opened.lock().unwrap().push(opener.clone());
    }

    fn notify(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }

    async fn pass(self: &Arc<Self>, policy: Vec<u8>) -> Vec<u8> {
        if policy == b"long" {
            self.began.notify_one();
            self.passing.notified().await;
        }
        [b"passed: ", &policy[..]].concat()
    }

    async fn changed(&self) {
        self.changed.notified().await;
    }

    async fn refused(&self) -> Refused {
        self.refusing.notified().await;
        refused()
    }
}

pub(super) struct Rig {
    pub(super) backend: Arc<Backend>,
    pub(super) clerk: Arc<Clerk>,
    pub(super) stop: Option<oneshot::Sender<()>>,
    pub(super) served: JoinHandle<Served>,
}

pub(super) fn refused() -> Refused {
    Refused {
        app: "codex".into(),
        program: "/usr/bin/codex".into(),
        uid: Some(7),
    }
}

pub(super) const FAR: &str = "203.0.113.10:443";

pub(super) fn opener(pid: u32) -> Opener {
    Opener {
        pid,
        uid: 1000,
        start: Some(7),
        comm: "curl".into(),
        cgroup: 8,
        netns: 9,
    }
}

impl Rig {
    /// A loader that serves, and the other end of its link.
    pub(super) async fn start(files: Vec<OwnedFd>) -> anyhow::Result<(Self, OwnedFd)> {
        let backend = Arc::new(Backend {
            inner: Loopback::start(FAR.parse()?, Some(opener(42))).await?,
            exempt: AtomicUsize::new(0),
            serving: watch::Sender::new(None),
        });
        let clerk = Arc::new(Clerk {
            opened: Mutex::default(),
            notices: Mutex::default(),
            stuck: Mutex::new(()),
            began: Notify::new(),
            passing: Notify::new(),
            changed: Notify::new(),
            refusing: Notify::new(),
        });
        let (link, theirs) = Link::pair()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let parts = (Arc::clone(&backend), Arc::clone(&clerk));
        let served = tokio::spawn(async move {
            let user = geteuid().as_raw();
            let start = (b"given".to_vec(), files);
            let stop = async {
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            serve(&link, user, start, (&parts.0, &parts.1), stop).await
        });
        let rig = Self {
            backend,
            clerk,
            stop: Some(stop),
            served,
        };
        Ok((rig, theirs))
    }

    pub(super) async fn joined(files: Vec<OwnedFd>) -> anyhow::Result<(Self, Arc<Remote>, Given)> {
        let (rig, theirs) = Self::start(files).await?;
        let (remote, given) = Remote::join(Link::new(theirs)?).await?;
        Ok((rig, Arc::new(remote), given))
    }

    pub(super) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.backend.inner.address()?)
    }
}

/// On a thread of its own, as the relay's sync calls are made: the runtime goes on meanwhile.
pub(super) async fn blocking<T: Send + 'static>(
    remote: &Arc<Remote>,
    call: impl FnOnce(&Remote) -> T + Send + 'static,
) -> anyhow::Result<T> {
    let remote = Arc::clone(remote);
    Ok(tokio::task::spawn_blocking(move || call(&remote)).await?)
}
