//! The backend: everything together, behind the trait.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use aya::Ebpf;
use tidegate_redirect::{Executions, Flow, Health, Limitation, RedirectError, Redirector, Tables};
use tidegate_redirect_abi::Own;
use tokio::{
    net::TcpSocket,
    runtime::Handle,
    sync::{Mutex as AsyncMutex, mpsc},
    task::JoinHandle,
};

use crate::{
    Event, KernelLog, Namespace, cgroup,
    executions::{self, Telling},
    health::Check,
    lines,
    listener::{self, Serving, Tally},
    load::{self, Attached},
    maps::{Maps, lock},
    netns,
    pins::Pins,
    probe,
    reader::{Queues, Reader},
    sock_diag,
};

/// Flows that wait for `accept`; more wait in the kernel.
const WAITING: usize = 256;
/// Events that wait for `event`; more are dropped.
const TOLD: usize = 1024;

/// How the redirector is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cgroup whose processes are redirected; none is the root: all.
    pub cgroup: Option<PathBuf>,
    /// Where to pin programs and maps, a directory on a BPF file system (see `DEFAULT_PINS`); none
    /// means that the redirection ends with the process.
    pub pins: Option<PathBuf>,
    /// How long the agent may take to answer when the kernel asks whether it is there; afterwards it
    /// counts as gone until it answers.
    pub answer_limit: Duration,
    /// Whether private addresses in DNS answers are learned. A resolver could then have a local
    /// service's traffic pass through the agent: for tests and for networks whose AI is inside.
    pub learn_private: bool,
    /// How much the kernel programs say of what they decide.
    pub kernel_log: KernelLog,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cgroup: None,
            pins: None,
            answer_limit: Duration::from_secs(5),
            learn_private: false,
            kernel_log: KernelLog::Off,
        }
    }
}

/// The redirector of Linux.
pub struct Linux {
    maps: Arc<Maps>,
    tally: Arc<Tally>,
    options: Options,
    check: Check,
    limitations: Vec<Limitation>,
    runtime: Handle,
    sender: mpsc::Sender<Flow>,
    flows: AsyncMutex<mpsc::Receiver<Flow>>,
    events: AsyncMutex<mpsc::Receiver<Event>>,
    /// The cgroup that the programs are attached to.
    cgroup: PathBuf,
    reader: JoinHandle<()>,
    lines: Option<JoinHandle<()>>,
    pub(crate) serving: Mutex<Vec<Serving>>,
    /// Where executions are told, until somebody takes it.
    executions: Mutex<Option<executions::Executions>>,
    /// Whether they are.
    telling: Mutex<Telling>,
    /// Holds the programs, and their links where they are not pinned.
    object: Mutex<Ebpf>,
}

impl std::fmt::Debug for Linux {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linux")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Linux {
    /// Loads, listens in the calling thread's network namespace, and attaches. Nothing is governed
    /// until tables are applied; taken over from pins, the old tables stay in force until then.
    /// Must be called within a tokio runtime, which serves the listeners.
    ///
    /// # Errors
    /// The kernel or the privileges do not suffice; what was done is undone.
    pub fn start(options: Options) -> Result<Self, RedirectError> {
        let runtime = Handle::try_current().map_err(|error| {
            RedirectError::Unsupported(format!("the redirector needs a runtime: {error}"))
        })?;
        let cgroup = match &options.cgroup {
            Some(path) => path.clone(),
            None => cgroup::find_root()?,
        };
        let pins = options.pins.as_deref().map(Pins::prepare).transpose()?;
        let (mut object, mut limitations, level) = load::load(pins.as_ref(), options.kernel_log)?;
        let lines = lines::read(&mut object, level, &runtime)?;
        let (maps, ring) = Maps::take(&mut object)?;
        let maps = Arc::new(maps);
        let tally = Arc::new(Tally::default());
        let (event_sender, events) = mpsc::channel(TOLD);
        let queues = Queues {
            events: event_sender,
            tally: Arc::clone(&tally),
        };
        let (sender, flows) = mpsc::channel(WAITING);
        let reader = Reader::new(ring, Arc::clone(&maps), queues, sender.clone())?;

        // The agent serves before anything is sent to it.
        let listeners = netns::listen_here()?;
        limitations.extend(probe::cgroup_namespace());
        if listeners.v6.is_none() {
            limitations.push(probe::no_ipv6());
        }
        let serving = listener::serve(listeners, &maps, &tally, &sender, &runtime)?;
        maps.answer()?;
        let watches = match load::watch(&mut object) {
            Ok(()) => true,
            Err(why) => {
                limitations.push(probe::no_inheritance(&why));
                false
            }
        };
        lock(&maps.tables).watched = watches;
        let executions = executions::prepare(&mut object)
            .map_err(|why| limitations.push(probe::no_executions(&why)))
            .ok();
        let attached: Vec<Attached> = load::attach(&mut object, &cgroup, pins.as_ref())?;
        // What the programs of the agent before asked meanwhile, nobody would answer.
        maps.answer()?;
        if let Some(pins) = &pins {
            pins.sweep()?;
        }
        Ok(Self {
            check: Check::new(cgroup.clone(), attached)?,
            reader: runtime.spawn(reader.run()),
            lines,
            cgroup,
            maps,
            tally,
            options,
            limitations,
            runtime,
            sender,
            flows: AsyncMutex::new(flows),
            events: AsyncMutex::new(events),
            serving: Mutex::new(vec![serving]),
            executions: Mutex::new(executions),
            telling: Mutex::default(),
            object: Mutex::new(object),
        })
    }

    /// Takes governed connections of another network namespace too (a container's); once for each.
    /// Returns the namespace's cookie, by which events and flows name it.
    ///
    /// # Errors
    /// The namespace is gone or cannot be entered.
    pub fn serve_namespace(&self, namespace: &Namespace) -> Result<u64, RedirectError> {
        let listeners = netns::listen_in(namespace)?;
        let cookie = listeners.cookie;
        let mut serving = lock(&self.serving);
        if serving.iter().any(|one| one.cookie == cookie) {
            return Ok(cookie);
        }
        serving.push(listener::serve(
            listeners,
            &self.maps,
            &self.tally,
            &self.sender,
            &self.runtime,
        )?);
        Ok(cookie)
    }

    /// Stops serving a namespace.
    pub fn leave_namespace(&self, cookie: u64) {
        lock(&self.serving).retain(|one| one.cookie != cookie);
    }

    /// Stops serving the namespaces that no process is in: our listeners would keep them alive. To be
    /// called now and then; reads `/proc`. Returns how many were left.
    ///
    /// # Errors
    /// `/proc` cannot be read.
    pub fn leave_empty_namespaces(&self) -> Result<usize, RedirectError> {
        let inhabited = netns::inhabited().map_err(crate::os("reading /proc"))?;
        let mut serving = lock(&self.serving);
        let before = serving.len();
        serving.retain(|one| inhabited.contains(&one.identity));
        Ok(before - serving.len())
    }

    /// All counters, by name, without the rest of a health check.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let mut counters = self.maps.counters();
        counters.extend(self.tally.counters());
        counters
    }

    /// The next thing the kernel programs tell. Those nobody waits for are kept while there is room.
    ///
    /// # Errors
    /// The ring buffer cannot be read.
    pub async fn event(&self) -> Result<Event, RedirectError> {
        self.events.lock().await.recv().await.ok_or_else(unread)
    }
}

impl Drop for Linux {
    fn drop(&mut self) {
        self.reader.abort();
        if let Some(lines) = &self.lines {
            lines.abort();
        }
    }
}

fn unread() -> RedirectError {
    RedirectError::Unsupported("what the kernel programs tell is no longer read".into())
}

impl Redirector for Linux {
    async fn accept(&self) -> Result<Flow, RedirectError> {
        self.flows.lock().await.recv().await.ok_or_else(|| {
            RedirectError::Unsupported("the redirector's listeners have ended".into())
        })
    }

    fn bypass(&self, socket: &TcpSocket) -> Result<(), RedirectError> {
        self.maps.set_own(socket, Own::Outgoing)
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        lock(&self.maps.tables).apply(tables, &self.options)
    }

    /// The listeners stay, and what is on its way arrives: only the kernel programs do not see them.
    fn serving(&self, serving: bool) -> Result<(), RedirectError> {
        let all = lock(&self.serving);
        all.iter().try_for_each(|one| one.announce(serving))
    }

    /// Looks in the calling thread's network namespace, at sockets of the cgroup that is redirected.
    /// Blocks for as long as the kernel needs to list its sockets.
    fn reset_older(&self) -> Result<usize, RedirectError> {
        let governed = lock(&self.maps.tables).governed()?;
        sock_diag::reset(&governed, self.maps.own_map()?, &self.cgroup)
    }

    fn tell_executions(&self, on: bool) -> Result<(), RedirectError> {
        let mut limited = self.limitations.iter();
        if let Some(limit) = limited.find(|limit| limit.name == probe::NO_EXECUTIONS) {
            return Err(RedirectError::Unsupported(limit.effect.clone()));
        }
        executions::tell(&mut lock(&self.object), &mut lock(&self.telling), on)
    }

    fn executions(&self) -> Option<Box<dyn Executions>> {
        let taken = lock(&self.executions).take()?;
        Some(Box::new(taken))
    }

    /// Blocks for as long as a child process needs to connect over loopback; a second at the most.
    fn health(&self) -> Health {
        let problem = self.check.run().err();
        Health {
            effective: problem.is_none(),
            problem,
            limitations: self.limitations.clone(),
            counters: self.counters(),
        }
    }
}
