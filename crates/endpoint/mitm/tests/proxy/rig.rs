//! The proxy with everything around it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_mitm::{
    Counters, Decider, Event, GatewayConfig, Judged, LeafSlot, Observer, Parts, Roots, Server,
    Settings,
};
use tidegate_policy::{Document, FailMode, HostName, Subject};
use tidegate_redirect::{Flow, Health, Loopback, Opener, RedirectError, Redirector, Tables};
use tidegate_types::Secret;
use tokio::{
    net::TcpSocket,
    sync::{oneshot, watch},
    task::JoinHandle,
};

use crate::ca::Ca;

pub(crate) const CLAUDE: &str = "api.anthropic.com";
pub(crate) const OPENAI: &str = "api.openai.com";
/// An end to every wait.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test, but not for ever.
pub(crate) async fn timed(test: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::time::timeout(LIMIT, test).await?
}

/// Decides as a policy says, for apps that call themselves so.
pub(crate) struct Rules {
    document: Mutex<Document>,
    pub(crate) asked: AtomicU64,
}

impl Rules {
    pub(crate) fn change(&self, change: impl FnOnce(&mut Document)) {
        let mut document = self.document.lock().unwrap();
        change(&mut document);
        document.revision += 1;
    }
}

impl Decider for Rules {
    fn decide(&self, opener: Option<&Opener>, host: Option<&HostName>) -> Judged {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let app = opener.map_or("unknown", |opener| &opener.comm);
        let app = app.parse().unwrap();
        let subject = Subject { app: &app, host };
        Judged {
            verdict: self.document.lock().unwrap().decide(subject),
            app,
            version: None,
            user: "ada".into(),
            uid: None,
            process: "/usr/bin/the app".into(),
        }
    }

    fn fail(&self) -> FailMode {
        self.document.lock().unwrap().fail
    }

    fn revision(&self) -> u64 {
        self.document.lock().unwrap().revision
    }
}

/// Writes down what happens.
struct Log(watch::Sender<Vec<String>>);

impl Observer for Log {
    fn observe(&self, event: &Event<'_>) {
        let text = match event {
            Event::Relayed { host, .. } => format!("relayed {host}"),
            Event::Denied { host, .. } => format!("denied {host}"),
            Event::Pinned { judged, host } => format!("pinned {} {host}", judged.app),
            Event::Untouched { why, ech, .. } => format!("untouched {why:?} ech={ech}"),
            Event::Refused { why, .. } => format!("refused {why:?}"),
            Event::Direct { host, .. } => format!("direct {host}"),
            other => format!("{other:?}"),
        };
        self.0.send_modify(|log| log.push(text));
    }
}

/// Hands connections over, and counts the sockets that it lets past, or lets none past.
pub(crate) struct Gate {
    inner: Loopback,
    pub(crate) passed: AtomicU64,
    pub(crate) shut: AtomicBool,
}

impl Redirector for Gate {
    async fn accept(&self) -> Result<Flow, RedirectError> {
        self.inner.accept().await
    }

    fn bypass(&self, socket: &TcpSocket) -> Result<(), RedirectError> {
        if self.shut.load(Ordering::Relaxed) {
            return Err(RedirectError::Unsupported("shut".into()));
        }
        self.passed.fetch_add(1, Ordering::Relaxed);
        self.inner.bypass(socket)
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        self.inner.apply(tables)
    }

    fn health(&self) -> Health {
        self.inner.health()
    }
}

/// What a rig begins with.
pub(crate) struct Setup {
    pub(crate) destination: SocketAddr,
    pub(crate) gateway: String,
    pub(crate) gateway_roots: Roots,
    pub(crate) roots: Roots,
    pub(crate) settings: Settings,
    pub(crate) leaf: Vec<&'static str>,
}

impl Setup {
    pub(crate) fn new(destination: SocketAddr, gateway: String) -> Self {
        Self {
            destination,
            gateway,
            gateway_roots: Roots::default(),
            roots: Roots::default(),
            settings: Settings::default(),
            leaf: vec![CLAUDE, OPENAI],
        }
    }
}

/// A running proxy.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) ca: Ca,
    pub(crate) gate: Arc<Gate>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) leaf: Arc<LeafSlot>,
    log: watch::Receiver<Vec<String>>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Rig {
    pub(crate) async fn start(setup: Setup) -> anyhow::Result<Self> {
        let opener = Opener {
            pid: 1,
            uid: 0,
            start: None,
            comm: "claude-code".into(),
            cgroup: 0,
            netns: 0,
        };
        let inner = Loopback::start(setup.destination, Some(opener)).await?;
        let address = inner.address()?;
        let gate = Arc::new(Gate {
            inner,
            passed: AtomicU64::new(0),
            shut: AtomicBool::new(false),
        });
        let ca = Ca::new()?;
        let rules = Arc::new(Rules {
            document: Mutex::new(serde_json::from_value(serde_json::json!({
                "revision": 7,
                "check_in_seconds": 60,
                "hosts": [
                    {"host": "anthropic.com", "treatment": "governed"},
                    {"host": OPENAI, "treatment": "governed"},
                ],
                "apps": [],
            }))?),
            asked: AtomicU64::new(0),
        });
        let leaf = Arc::new(LeafSlot::default());
        if !setup.leaf.is_empty() {
            leaf.set(ca.leaf(&setup.leaf)?);
        }
        let (sender, log) = watch::channel(Vec::new());
        let server = Server::new(Parts {
            redirector: gate.clone(),
            decider: rules.clone(),
            observer: Arc::new(Log(sender)),
            leaf: leaf.clone(),
            gateway: GatewayConfig {
                url: setup.gateway.parse()?,
                device_key: Secret::new("the-device-key".into()),
                roots: setup.gateway_roots,
            },
            roots: setup.roots,
            settings: setup.settings,
        })?;
        let counters = server.counters();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopped = async {
                let _said = stopped.await;
            };
            server.run(stopped).await.unwrap();
        });
        Ok(Self {
            address,
            ca,
            gate,
            rules,
            counters,
            leaf,
            log,
            stop: Some(stop),
            task,
        })
    }

    /// Waits until this has happened so many times.
    pub(crate) async fn happened(&self, event: &str, times: usize) -> anyhow::Result<()> {
        let enough = |log: &Vec<String>| log.iter().filter(|line| *line == event).count() >= times;
        self.log.clone().wait_for(enough).await?;
        Ok(())
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// Tells the proxy to stop, without waiting for it.
    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
        }
    }

    pub(crate) async fn ended(&mut self) -> anyhow::Result<()> {
        Ok((&mut self.task).await?)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.task.abort();
    }
}
