//! The loader's side: hands over connections, and does what the relay may ask for.

mod request;
#[cfg(test)]
mod tests;

use std::{
    os::fd::{AsFd, OwnedFd},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_redirect::{Opener, RedirectError, Redirector};
use tokio::sync::{Notify, Semaphore, watch};

use crate::{
    Link, LinkError, Notice, Refused, ToLoader, ToRelay, VERSION, message::Attributed,
    wire::Malformed,
};
use request::Desk;

/// Connections that were handed over and are not taken yet; more wait at the redirector.
const WINDOW: usize = 64;
/// How long the relay may leave all of them lying. It takes them as they come, so one that does not hangs; seen
/// after once to twice that.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// How long it may take to say hello, and to say that it is ready for connections after that. To be
/// ready it may have to enrol first, which waits for people and networks: so there is no limit for it.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// What the loader does besides redirecting.
pub trait Host: Send + Sync + 'static {
    /// Who opened a connection. May block.
    fn attribute(&self, opener: &Opener) -> Attributed;

    /// A process has just opened a connection, which is about to be handed over: it can be looked at before
    /// it is gone. Must not block.
    fn opened(&self, opener: &Opener);

    /// Somebody is to be told. Must not block.
    fn notify(&self, notice: Notice);

    /// Looks at the clients of this machine and makes them obey a policy, which the relay says is signed by
    /// the gateway. What came of it, for the relay.
    fn pass(self: &Arc<Self>, policy: Vec<u8>) -> impl Future<Output = Vec<u8>> + Send;

    /// Done when something that the last pass looked at has changed.
    fn changed(&self) -> impl Future<Output = ()> + Send;

    /// The next start of a denied program that was refused.
    fn refused(&self) -> impl Future<Output = Refused> + Send;
}

/// How it ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The relay is gone.
    #[error("the relay is gone")]
    Gone,
    /// It does not do what a relay does, and has to go.
    #[error("the relay misbehaves: {0}")]
    Misbehaved(String),
    /// It does not take connections any more.
    #[error("the relay hangs")]
    Hangs,
    /// The redirector is gone.
    #[error(transparent)]
    Redirector(RedirectError),
    /// A system call failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// How serving a relay went.
#[derive(Debug)]
pub struct Served {
    /// How it ended; `Gone` is the way it should.
    pub ended: Ended,
    /// Whether it ever took connections.
    pub was_ready: bool,
}

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Gone => Self::Gone,
            LinkError::Malformed(why) => Self::Misbehaved(why.to_string()),
            LinkError::Io(error) => Self::Io(error),
        }
    }
}

impl From<Malformed> for Ended {
    fn from(why: Malformed) -> Self {
        Self::Misbehaved(why.to_string())
    }
}

/// How far the relay is.
struct Progress {
    /// Whether it takes connections.
    ready: watch::Sender<bool>,
    /// Room for connections that are handed over.
    window: Semaphore,
    /// One was handed over.
    handed: Notify,
    /// How many it has taken.
    taken: AtomicU64,
}

/// Serves a relay until it is gone: what it is given first, with the files that go with it, then
/// connections as they come. `user` is whom it runs as. When `stop` is done it is told to finish, and
/// served until it has. The redirector serves only while the relay is ready.
pub async fn serve<R: Redirector, H: Host>(
    link: &Link,
    user: u32,
    start: (Vec<u8>, Vec<OwnedFd>),
    (redirector, host): (&Arc<R>, &Arc<H>),
    stop: impl Future<Output = ()>,
) -> Served {
    let progress = Arc::new(Progress {
        ready: watch::Sender::new(false),
        window: Semaphore::new(WINDOW),
        handed: Notify::new(),
        taken: AtomicU64::new(0),
    });
    let desk = Desk::new(user, redirector, host, &progress);
    let ended = match welcome(link, start).await {
        Err(ended) => ended,
        Ok(()) => work(link, &desk, &progress, stop).await,
    };
    if let Err(error) = redirector.serving(false) {
        tracing::error!(%error, "the kernel was not told that nobody serves");
    }
    let was_ready = *progress.ready.borrow();
    Served { ended, was_ready }
}

async fn welcome(link: &Link, (given, files): (Vec<u8>, Vec<OwnedFd>)) -> Result<(), Ended> {
    let mut buffer = [0; 16];
    let hello = tokio::time::timeout(HELLO_WITHIN, link.receive(&mut buffer));
    let hello = hello.await.map_err(|_| Ended::Hangs)??;
    match ToLoader::decode(hello.bytes)? {
        ToLoader::Hello { version: VERSION } => {}
        other => {
            let said = format!("its first word was {other:?}, and not a hello of {VERSION}");
            return Err(Ended::Misbehaved(said));
        }
    }
    let version = VERSION;
    let frame = ToRelay::Start { version, given }.encode()?;
    let files: Vec<_> = files.iter().map(AsFd::as_fd).collect();
    Ok(link.send(&frame, &files).await?)
}

async fn work<R: Redirector, H: Host>(
    link: &Link,
    desk: &Desk<R, H>,
    progress: &Progress,
    stop: impl Future<Output = ()>,
) -> Ended {
    let mut hearing = pin!(desk.hear(link));
    let mut handing = pin!(hand_over(link, desk, progress));
    let mut hanging = pin!(hangs(progress));
    let mut watching = pin!(changes(link, &*desk.host));
    let mut stop = pin!(stop);
    tokio::select! {
        ended = &mut hearing => return ended,
        ended = &mut handing => return ended,
        ended = &mut hanging => return ended,
        ended = &mut watching => return ended,
        () = &mut stop => {}
    }
    // From here on it only finishes: the fail mode holds for new connections, and its questions are
    // answered.
    if let Err(error) = desk.redirector.serving(false) {
        tracing::error!(%error, "the kernel was not told that nobody serves");
    }
    let told = async { link.send(&ToRelay::Stop.encode()?, &[]).await };
    match told.await {
        Ok(()) => hearing.await,
        Err(error) => error.into(),
    }
}

/// Hands over connections, once the relay is ready for them.
async fn hand_over<R: Redirector, H: Host>(
    link: &Link,
    desk: &Desk<R, H>,
    progress: &Progress,
) -> Ended {
    if progress
        .ready
        .subscribe()
        .wait_for(|&ready| ready)
        .await
        .is_err()
    {
        return Ended::Gone;
    }
    loop {
        let flow = match desk.redirector.accept().await {
            Ok(flow) => flow,
            Err(error) => return Ended::Redirector(error),
        };
        if let Some(opener) = &flow.opener {
            desk.host.opened(opener);
        }
        match progress.window.acquire().await {
            Ok(room) => room.forget(),
            Err(_) => return Ended::Gone,
        }
        let message = ToRelay::Flow {
            destination: flow.destination,
            opener: flow.opener,
        };
        let frame = match message.encode() {
            Ok(frame) => frame,
            Err(why) => return why.into(),
        };
        if let Err(error) = link.send(&frame, &[flow.stream.as_fd()]).await {
            return error.into();
        }
        progress.handed.notify_one();
    }
}

/// Ends when the relay leaves connections lying. Without connections it never wakes.
async fn hangs(progress: &Progress) -> Ended {
    loop {
        progress.handed.notified().await;
        while progress.window.available_permits() < WINDOW {
            let before = progress.taken.load(Ordering::Relaxed);
            tokio::time::sleep(TAKEN_WITHIN).await;
            let lying = progress.window.available_permits() < WINDOW;
            if lying && progress.taken.load(Ordering::Relaxed) == before {
                return Ended::Hangs;
            }
        }
    }
}

/// Tells that files have changed, and which starts were refused. One that the relay has not read yet says
/// the same as a second.
async fn changes<H: Host>(link: &Link, host: &H) -> Ended {
    loop {
        let message = tokio::select! {
            () = host.changed() => ToRelay::Changed,
            refused = host.refused() => ToRelay::Refused(refused),
        };
        let frame = match message.encode() {
            Ok(frame) => frame,
            Err(why) => return why.into(),
        };
        if let Err(error) = link.send(&frame, &[]).await {
            return error.into();
        }
    }
}
