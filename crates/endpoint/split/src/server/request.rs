//! What the relay may ask for. Everything it says is looked at first.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::net::{
    AddressFamily, SocketType, ipproto,
    sockopt::{socket_acceptconn, socket_domain, socket_peercred, socket_protocol, socket_type},
};
use tidegate_redirect::{Health, Opener, RedirectError, Redirector};
use tokio::{net::TcpSocket, sync::Semaphore};

use super::{Ended, Host, Progress, WINDOW};
use crate::{
    LONGEST, Link, ToLoader,
    link::{Frame, send},
    message::{Answer, Attributed},
    paper::{read_paper, write_paper},
    wire::Malformed,
};

/// How long looking at a process may take: its files may lie on a file system that never answers.
const LOOK: Duration = Duration::from_millis(200);
/// Looks at once. Those that never come back hold their place; with all of them held every app is
/// unknown.
const LOOKS: usize = 16;
/// Looks that were asked for and are not done. The relay has fewer threads that could ask.
const ASKED: usize = 1024;
/// Health checks and resets at once: one, and one that waits.
const CHECKS: usize = 2;
/// How long a health check waits for the relay to be ready, without which nothing can come by.
const READY: Duration = Duration::from_secs(2);

/// Where requests are heard and done.
pub(super) struct Desk<R, H> {
    user: u32,
    pub(super) redirector: Arc<R>,
    pub(super) host: Arc<H>,
    progress: Arc<Progress>,
    looks: Arc<Semaphore>,
    asked: Arc<Semaphore>,
    checks: Arc<Semaphore>,
    passes: Arc<Semaphore>,
}

impl<R: Redirector, H: Host> Desk<R, H> {
    pub(super) fn new(
        user: u32,
        redirector: &Arc<R>,
        host: &Arc<H>,
        progress: &Arc<Progress>,
    ) -> Self {
        Self {
            user,
            redirector: Arc::clone(redirector),
            host: Arc::clone(host),
            progress: Arc::clone(progress),
            looks: Arc::new(Semaphore::new(LOOKS)),
            asked: Arc::new(Semaphore::new(ASKED)),
            checks: Arc::new(Semaphore::new(CHECKS)),
            passes: Arc::new(Semaphore::new(1)),
        }
    }

    /// Hears and does, until the relay is gone or says something that a relay does not say.
    pub(super) async fn hear(&self, link: &Link) -> Ended {
        let mut buffer = vec![0; LONGEST];
        loop {
            let heard = match link.receive(&mut buffer).await {
                Ok(frame) => self.one(frame),
                Err(error) => Err(error.into()),
            };
            if let Err(ended) = heard {
                return ended;
            }
        }
    }

    fn one(&self, frame: Frame<'_>) -> Result<(), Ended> {
        let message = ToLoader::decode(frame.bytes)?;
        let mut files = frame.files;
        if files.len() != message.files() {
            return Err(Malformed::Files(files.len()).into());
        }
        match message {
            ToLoader::Hello { .. } => Err(Ended::Misbehaved("it said hello again".into())),
            ToLoader::Ready => self.ready(),
            ToLoader::Taken => self.taken(),
            ToLoader::Notify(notice) => {
                self.host.notify(notice);
                Ok(())
            }
            ToLoader::Exempt => {
                let socket = files.pop();
                let reply = self.reply(files)?;
                let done = socket.map_or_else(|| Err(not_tcp()), tcp);
                let done = done.and_then(|socket| self.redirector.bypass(&socket));
                answer(&reply, &Answer::of(done));
                Ok(())
            }
            ToLoader::Apply(tables) => {
                let reply = self.reply(files)?;
                answer(&reply, &Answer::of(self.redirector.apply(&tables)));
                Ok(())
            }
            ToLoader::Health => self.health(self.reply(files)?),
            ToLoader::ResetOlder => self.reset(self.reply(files)?),
            ToLoader::Pass => self.pass(files),
            ToLoader::Attribute(opener) => {
                self.attribute(self.reply(files)?, opener);
                Ok(())
            }
        }
    }

    fn attribute(&self, reply: OwnedFd, opener: Opener) {
        let Ok(asked) = Arc::clone(&self.asked).try_acquire_owned() else {
            let unknown = Attributed::unknown(opener.uid);
            return answer(&reply, &Answer::Attributed(unknown));
        };
        let (host, looks) = (Arc::clone(&self.host), Arc::clone(&self.looks));
        tokio::spawn(async move {
            let Ok(place) = looks.acquire_owned().await else {
                return;
            };
            let late = Attributed::unknown(opener.uid);
            let first = Arc::new((AtomicBool::new(true), reply));
            let say = Arc::clone(&first);
            // Said where it is found out: each hop to another thread is felt by an app that connects.
            let look = tokio::task::spawn_blocking(move || {
                let who = host.attribute(&opener);
                drop(place);
                once(&say, who);
            });
            if tokio::time::timeout(LOOK, look).await.is_err() {
                once(&first, late);
            }
            drop(asked);
        });
    }

    fn ready(&self) -> Result<(), Ended> {
        let before = self.progress.ready.send_replace(true);
        if before {
            return Err(Ended::Misbehaved("it was ready before".into()));
        }
        self.redirector.serving(true).map_err(Ended::Redirector)
    }

    fn taken(&self) -> Result<(), Ended> {
        if self.progress.window.available_permits() >= WINDOW {
            return Err(Ended::Misbehaved(
                "it took a connection that was not there".into(),
            ));
        }
        self.progress.taken.fetch_add(1, Ordering::Relaxed);
        self.progress.window.add_permits(1);
        Ok(())
    }

    fn health(&self, reply: OwnedFd) -> Result<(), Ended> {
        let Ok(place) = Arc::clone(&self.checks).try_acquire_owned() else {
            answer(&reply, &busy());
            return Ok(());
        };
        let redirector = Arc::clone(&self.redirector);
        let mut ready = self.progress.ready.subscribe();
        tokio::spawn(async move {
            // Not ready: then the check says what follows from it.
            let waited = tokio::time::timeout(READY, ready.wait_for(|&ready| ready)).await;
            drop(waited);
            let check = tokio::task::spawn_blocking(move || {
                let health = redirector.health();
                drop(place);
                health
            });
            let health = check.await.unwrap_or_else(|_| Health {
                problem: Some("the check itself failed".into()),
                ..Health::default()
            });
            answer(&reply, &Answer::Health(health));
        });
        Ok(())
    }

    fn reset(&self, reply: OwnedFd) -> Result<(), Ended> {
        let Ok(place) = Arc::clone(&self.checks).try_acquire_owned() else {
            answer(&reply, &busy());
            return Ok(());
        };
        let redirector = Arc::clone(&self.redirector);
        tokio::task::spawn_blocking(move || {
            let said = match redirector.reset_older() {
                Ok(count) => Answer::Count(u64::try_from(count).unwrap_or(u64::MAX)),
                Err(error) => Answer::of(Err(error)),
            };
            answer(&reply, &said);
            drop(place);
        });
        Ok(())
    }

    /// One at a time: the relay asks again when one is done.
    fn pass(&self, mut files: Vec<OwnedFd>) -> Result<(), Ended> {
        let (result, policy) = (files.pop(), files.pop());
        let reply = self.reply(files)?;
        let (Some(result), Some(policy)) = (result, policy) else {
            return Err(Malformed::Files(0).into());
        };
        let Ok(place) = Arc::clone(&self.passes).try_acquire_owned() else {
            answer(&reply, &busy());
            return Ok(());
        };
        let host = Arc::clone(&self.host);
        tokio::spawn(async move {
            let done = pass(&host, policy, result).await;
            answer(&reply, &Answer::of(done.map_err(paper)));
            drop(place);
        });
        Ok(())
    }

    /// Where the answer goes: the other end of a pair that the relay made, and nothing else. A socket of
    /// somebody who believes what root says would make us speak for the relay.
    fn reply(&self, mut files: Vec<OwnedFd>) -> Result<OwnedFd, Ended> {
        let wrong = || Ended::Misbehaved("it wants an answer where none belongs".into());
        let socket = files.pop().ok_or_else(wrong)?;
        let is_pair = socket_domain(&socket) == Ok(AddressFamily::UNIX)
            && socket_type(&socket) == Ok(SocketType::SEQPACKET)
            && socket_peercred(&socket).is_ok_and(|peer| peer.uid.as_raw() == self.user);
        if is_pair { Ok(socket) } else { Err(wrong()) }
    }
}

fn answer(reply: &OwnedFd, answer: &Answer) {
    let sent = answer.encode().map(|frame| send(reply, &frame, &[]));
    // Whoever asked may have given up.
    if let Ok(Err(error)) = sent {
        tracing::debug!(%error, "an answer was not wanted any more");
    }
}

/// Answers if nobody has.
fn once((first, reply): &(AtomicBool, OwnedFd), who: Attributed) {
    if first.swap(false, Ordering::Relaxed) {
        answer(reply, &Answer::Attributed(who));
    }
}

/// Both papers are files of the relay's: what they are open for is all that is done with them.
async fn pass<H: Host>(host: &Arc<H>, policy: OwnedFd, result: OwnedFd) -> io::Result<()> {
    let policy = tokio::task::spawn_blocking(move || read_paper(policy)).await??;
    let said = host.pass(policy).await;
    tokio::task::spawn_blocking(move || write_paper(&result, &said)).await?
}

fn paper(error: io::Error) -> RedirectError {
    RedirectError::Os {
        what: "reading the policy or writing what came of it".into(),
        error,
    }
}

fn busy() -> Answer {
    Answer::of(Err(RedirectError::Unsupported(
        "the loader is busy with what was asked before".into(),
    )))
}

fn not_tcp() -> RedirectError {
    RedirectError::Unsupported("only a TCP socket can be exempt".into())
}

/// A socket that may be exempt.
fn tcp(socket: OwnedFd) -> Result<TcpSocket, RedirectError> {
    let socket_of = socket.as_fd();
    let family = socket_domain(socket_of);
    let is_tcp = matches!(family, Ok(AddressFamily::INET | AddressFamily::INET6))
        && socket_type(socket_of) == Ok(SocketType::STREAM)
        && socket_protocol(socket_of) == Ok(Some(ipproto::TCP))
        && socket_acceptconn(socket_of) == Ok(false);
    if !is_tcp {
        return Err(not_tcp());
    }
    let stream = std::net::TcpStream::from(socket);
    Ok(TcpSocket::from_std_stream(stream))
}
