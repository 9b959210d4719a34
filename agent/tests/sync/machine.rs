//! A machine with an enrolled device, its homes, and the agent that runs on it.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use tidegate_device_api::SignedPolicy;
use tidegate_edge::{
    config::Config,
    control::{self, Answering, ControlSocket},
    fleet::PassDone,
    service::{
        self, Surroundings,
        fleet::{Fleet, Later},
    },
    state::State,
};
use tidegate_policy::Document;
use tidegate_redirect::Loopback;
use tidegate_split::Refused;
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, watch},
    task::JoinHandle,
};

use crate::{HANGS, enrolled::enrol, gateway::Gateway};

/// Homes in which a pass finds what the test put there.
pub(crate) struct Homes {
    pub(crate) done: Mutex<PassDone>,
    passes: mpsc::Sender<u64>,
    pub(crate) retired: AtomicBool,
    pub(crate) changes: Notify,
    pub(crate) refused: Mutex<Option<Refused>>,
}

impl Fleet for Homes {
    fn pass(&self, policy: Vec<u8>) -> Later<'_, anyhow::Result<PassDone>> {
        Box::pin(async move {
            let policy: SignedPolicy = serde_json::from_slice(&policy)?;
            let document = policy.open(|_, _| true)?;
            self.passes.send(document.revision).await?;
            Ok(self.done.lock().unwrap().clone())
        })
    }

    fn retire(&self) -> Later<'_, anyhow::Result<()>> {
        self.retired.store(true, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }

    fn changed(&self) -> Later<'_, ()> {
        Box::pin(self.changes.notified())
    }

    /// One start, and no more.
    fn refused(&self) -> Later<'_, Refused> {
        let one = self.refused.lock().unwrap().take();
        Box::pin(async move {
            match one {
                Some(refused) => refused,
                None => std::future::pending().await,
            }
        })
    }
}

/// A machine with an enrolled device.
pub(crate) struct Machine {
    pub(crate) dir: tempfile::TempDir,
    config: Config,
    key: Ed25519KeyPair,
    pub(crate) homes: Arc<Homes>,
    passes: mpsc::Receiver<u64>,
}

/// The agent that runs on it.
pub(crate) struct Agent {
    _socket: ControlSocket,
    pub(crate) redirector: Arc<Loopback>,
    stop: watch::Sender<bool>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Machine {
    pub(crate) fn enrolled(gateway: &Gateway) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let text = format!(
            "[gateway]\nurl = \"{}\"\n[agent]\nstate = \"{}\"\nsocket = \"{}\"\n",
            gateway.url,
            dir.path().join("state").display(),
            dir.path().join("control.sock").display()
        );
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]);
        let (sender, passes) = mpsc::channel(64);
        let machine = Self {
            config: Config::parse(&text)?,
            key: key.map_err(|_| anyhow::anyhow!("key"))?,
            homes: Arc::new(Homes {
                done: Mutex::default(),
                passes: sender,
                retired: AtomicBool::new(false),
                changes: Notify::new(),
                refused: Mutex::default(),
            }),
            passes,
            dir,
        };
        let policy = machine.policy(&serde_json::json!({"revision": 3}));
        enrol(&machine.state()?, &machine.key, &policy)?;
        Ok(machine)
    }

    pub(crate) fn state(&self) -> anyhow::Result<State> {
        State::open(&self.config.agent.state)
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.config.agent.socket
    }

    /// A policy with these fields, signed.
    pub(crate) fn policy(&self, fields: &Value) -> SignedPolicy {
        let mut document = Document::ungoverned();
        document.apps.clear();
        let mut document = serde_json::to_value(document).unwrap();
        for (name, value) in fields.as_object().unwrap() {
            document[name] = value.clone();
        }
        let text = document.to_string();
        SignedPolicy::new(text.as_bytes(), self.key.sign(text.as_bytes()).as_ref())
    }

    pub(crate) async fn start(&self) -> anyhow::Result<Agent> {
        let far = TcpListener::bind("127.0.0.1:0").await?;
        let redirector = Arc::new(Loopback::start(far.local_addr()?, None).await?);
        let socket = ControlSocket::bind(self.socket())?;
        let (stop, stopped) = watch::channel(false);
        let surroundings = Surroundings {
            config: self.config.clone(),
            state: self.state()?,
            redirector: Arc::clone(&redirector),
            people: Arc::new(tidegate_attribution::Proc::system()),
            fleet: Arc::clone(&self.homes) as _,
            control: Answering::on(socket.listener()?)?,
            drain: Duration::ZERO,
        };
        Ok(Agent {
            _socket: socket,
            redirector,
            stop,
            running: tokio::spawn(service::run(surroundings, stopped)),
        })
    }

    pub(crate) async fn passed(&mut self) -> anyhow::Result<u64> {
        let next = tokio::time::timeout(HANGS, self.passes.recv());
        next.await?.context("no pass")
    }

    /// Asks the agent how it is until it says what is waited for.
    pub(crate) async fn until(&self, so: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let looking = async {
            loop {
                let view = control::ask(self.socket()).await?;
                if so(&view) {
                    return anyhow::Ok(view);
                }
            }
        };
        tokio::time::timeout(HANGS, looking).await?
    }
}

impl Agent {
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.running.await?
    }
}
