//! Taking connections from the listeners, and finding out where they were going.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_redirect::{Flow, Opener, RedirectError};
use tidegate_redirect_abi::{CANARY, Own, PortKey, Served};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::mpsc,
    task::JoinHandle,
};

use crate::{
    maps::Maps,
    netns::{Identity, Listeners},
    os, own,
};

/// How long to leave the listener alone when the process is out of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// What the user side counts.
#[derive(Default)]
pub(crate) struct Tally {
    /// Flows handed over.
    accepted: AtomicU64,
    /// Connections that no app was sent here with.
    strangers: AtomicU64,
    /// Canaries of health checks.
    canaries: AtomicU64,
    /// Events that nobody fetched in time.
    events_dropped: AtomicU64,
}

impl Tally {
    pub(crate) fn event_dropped(&self) {
        self.events_dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counters(&self) -> [(&'static str, u64); 4] {
        [
            ("accepted", self.accepted.load(Ordering::Relaxed)),
            ("strangers", self.strangers.load(Ordering::Relaxed)),
            ("canaries", self.canaries.load(Ordering::Relaxed)),
            (
                "events_dropped",
                self.events_dropped.load(Ordering::Relaxed),
            ),
        ]
    }
}

/// The listeners of one namespace at work. Dropping it closes them.
pub(crate) struct Serving {
    pub(crate) cookie: u64,
    pub(crate) identity: Identity,
    served: Served,
    maps: Arc<Maps>,
    tasks: Vec<JoinHandle<()>>,
}

impl Serving {
    /// Whether the kernel programs send connections here.
    pub(crate) fn announce(&self, serving: bool) -> Result<(), RedirectError> {
        if serving {
            return self.maps.serve(self.cookie, self.served);
        }
        self.maps.unserve(self.cookie, self.served);
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.maps.unserve(self.cookie, self.served);
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Sets the listeners to work and announces them to the kernel programs.
pub(crate) fn serve(
    listeners: Listeners,
    maps: &Arc<Maps>,
    tally: &Arc<Tally>,
    to: &mpsc::Sender<Flow>,
    runtime: &Handle,
) -> Result<Serving, RedirectError> {
    let _entered = runtime.enter();
    let served = listeners.served().map_err(os("a listener's port"))?;
    let mut serving = Serving {
        cookie: listeners.cookie,
        identity: listeners.identity,
        served,
        maps: Arc::clone(maps),
        tasks: Vec::new(),
    };
    for listener in std::iter::once(listeners.v4).chain(listeners.v6) {
        maps.set_own(&listener, Own::Listener)?;
        let listener = TcpListener::from_std(listener).map_err(os("a listener"))?;
        serving.tasks.push(runtime.spawn(take(
            listener,
            listeners.cookie,
            Arc::clone(maps),
            Arc::clone(tally),
            to.clone(),
        )));
    }
    maps.serve(listeners.cookie, served)?;
    Ok(serving)
}

async fn take(
    listener: TcpListener,
    netns: u64,
    maps: Arc<Maps>,
    tally: Arc<Tally>,
    to: mpsc::Sender<Flow>,
) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a redirected connection was not accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if let Some(flow) = flow(&maps, &tally, netns, stream, peer)
            && to.send(flow).await.is_err()
        {
            return;
        }
    }
}

fn flow(
    maps: &Maps,
    tally: &Tally,
    netns: u64,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<Flow> {
    let original = maps.take_original(PortKey::new(netns, peer));
    let Some((original, destination)) =
        original.and_then(|original| Some((original, original.destination()?)))
    else {
        tally.strangers.fetch_add(1, Ordering::Relaxed);
        return None;
    };
    if destination.ip() == IpAddr::from(CANARY) {
        tally.canaries.fetch_add(1, Ordering::Relaxed);
        return None;
    }
    tally.accepted.fetch_add(1, Ordering::Relaxed);
    Some(Flow {
        stream,
        destination,
        opener: Some(person(&original.opener)),
    })
}

/// A start time of a record; 0 means that it is not known.
pub(crate) fn started(nanoseconds: u64) -> Option<u64> {
    (nanoseconds != 0).then(|| own::ticks(nanoseconds))
}

/// The record in the words of the trait.
pub(crate) fn person(record: &tidegate_redirect_abi::Opener) -> Opener {
    let comm = record.comm.split(|byte| *byte == 0).next().unwrap_or(&[]);
    Opener {
        pid: record.tgid,
        uid: record.uid,
        start: started(record.start_ns),
        comm: String::from_utf8_lossy(comm).into_owned(),
        cgroup: record.cgroup,
        netns: record.netns,
    }
}
