//! The agent itself, as one process on the redirector that needs no OS, enrolled with a real gateway: what an
//! admin decides reaches its homes, and what came of it reaches the admin.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use serde_json::Value;
use tidegate_device_api::{
    Effect, EffectItem, EffectState, InstallSource, InstalledApp, InstalledKind, Means,
    SignedPolicy, Wanted,
};
use tidegate_edge::{
    config::Config,
    control::{self, Answering, ControlSocket, Request},
    fleet::PassDone,
    service::{
        self, Surroundings,
        fleet::{Fleet, Later},
    },
    state::State,
};
use tidegate_policy::{AppRule, Decision, McpRule, McpTarget, Mode, Pinned, ToolRules};
use tidegate_redirect::Loopback;
use tidegate_split::Refused;
use tidegate_store::{
    Actor, AskedFilter, Audience, ItemEffect, NewDecision, NewEnrolmentToken, NewSecret,
};
use tidegate_types::{Clock, DeviceId, PlainKey, SystemClock};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::devices::Devices;

const HANGS: Duration = Duration::from_secs(60);
const SERVER: &str = "npm:some-server";

/// Homes with one app and one server, which every policy reaches at once.
#[derive(Default)]
struct Homes {
    passes: Mutex<u32>,
    retired: AtomicBool,
}

impl Fleet for Homes {
    fn pass(&self, policy: Vec<u8>) -> Later<'_, anyhow::Result<PassDone>> {
        Box::pin(async move {
            let policy: SignedPolicy = serde_json::from_slice(&policy)?;
            let document = policy.open(|_, _| true)?;
            *self.passes.lock().unwrap() += 1;
            let mut done = PassDone::default();
            done.inventory.apps.push(InstalledApp {
                app: "codex".parse()?,
                name: "Codex".into(),
                kind: InstalledKind::Cli,
                version: Some("1.2.3".into()),
                publisher: None,
                path: "~/bin/codex".into(),
                source: InstallSource::Npm,
                user: Some("ann".into()),
            });
            let denied = document.mcp_servers.iter();
            let denied = denied.filter(|rule| rule.decision == Decision::Denied);
            done.effects = denied.map(effect).collect();
            Ok(done)
        })
    }

    fn retire(&self) -> Later<'_, anyhow::Result<()>> {
        self.retired.store(true, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }

    fn changed(&self) -> Later<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn refused(&self) -> Later<'_, Refused> {
        Box::pin(std::future::pending())
    }
}

fn effect(rule: &McpRule) -> Effect {
    Effect {
        item: EffectItem::McpServer {
            identity: rule.target.identity.clone(),
            launch: "0".repeat(64).parse().unwrap(),
            client: "codex".parse().unwrap(),
            name: "files".into(),
            user: Some("ann".into()),
            config_path: "~/.codex/config.toml".into(),
        },
        decision: Decision::Denied,
        state: EffectState::Verified,
        means: vec![Means::ConfigEdit],
        detail: None,
    }
}

/// A gateway, and a machine with the agent.
struct Laptop {
    devices: Devices,
    config: Config,
    homes: Arc<Homes>,
    _socket: ControlSocket,
    stop: watch::Sender<bool>,
    running: JoinHandle<anyhow::Result<()>>,
    _dir: tempfile::TempDir,
}

impl Laptop {
    async fn start() -> anyhow::Result<Self> {
        let devices = Devices::start().await?;
        let token = PlainKey::generate(PlainKey::ENROLMENT)?;
        let new = NewEnrolmentToken {
            name: "laptop".into(),
            secret: NewSecret::from(&token),
            team: None,
            user: None,
            group: None,
            expires_at: SystemClock::default().now().plus(HANGS),
            max_uses: 1,
        };
        devices
            .rig
            .store
            .create_enrolment_token(Actor::Cli, new)
            .await?;
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("token");
        std::fs::write(&file, token.expose())?;
        let config = Config::parse(&format!(
            "[gateway]\nurl = \"http://{}\"\nenrolment_token = \"file:{}\"\n[agent]\nstate = \"{}\"\nsocket \
             = \"{}\"\n",
            devices.rig.gateway.control,
            file.display(),
            dir.path().join("state").display(),
            dir.path().join("control.sock").display()
        ))?;
        let far = TcpListener::bind("127.0.0.1:0").await?;
        let socket = ControlSocket::bind(&config.agent.socket)?;
        let homes = Arc::new(Homes::default());
        let (stop, stopped) = watch::channel(false);
        let surroundings = Surroundings {
            config: config.clone(),
            state: State::open(&config.agent.state)?,
            redirector: Arc::new(Loopback::start(far.local_addr()?, None).await?),
            people: Arc::new(tidegate_attribution::Proc::system()),
            fleet: Arc::clone(&homes) as _,
            control: Answering::on(socket.listener()?)?,
            drain: Duration::ZERO,
        };
        Ok(Self {
            devices,
            config,
            homes,
            _socket: socket,
            stop,
            running: tokio::spawn(service::run(surroundings, stopped)),
            _dir: dir,
        })
    }

    /// Asks the agent how it is until it says what is waited for.
    async fn until(&self, what: &str, so: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let looking = async {
            loop {
                let view = control::ask(&self.config.agent.socket).await;
                match view {
                    Ok(view) if so(&view) => return view,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(HANGS, looking)
            .await
            .context(what.to_owned())
    }

    /// What the admin is shown, once it holds.
    async fn effects(
        &self,
        id: DeviceId,
        so: impl Fn(&[ItemEffect]) -> bool,
    ) -> anyhow::Result<()> {
        let looking = async {
            loop {
                let effects = self.devices.rig.store.device_effects(id).await?;
                if so(&effects) {
                    return anyhow::Ok(());
                }
            }
        };
        tokio::time::timeout(HANGS, looking).await?
    }
}

fn denials() -> anyhow::Result<Vec<NewDecision>> {
    let app = AppRule {
        app: "codex".parse()?,
        decision: Decision::Denied,
        mode: Mode::default(),
        pinned: Pinned::default(),
        note: None,
    };
    let server = McpRule {
        target: McpTarget {
            identity: SERVER.parse()?,
            arguments: None,
            launch: None,
        },
        decision: Decision::Denied,
        tools: ToolRules::default(),
        note: Some("Leaks".into()),
    };
    Ok(vec![
        NewDecision::App(Audience::Fleet, app),
        NewDecision::Mcp(Audience::Fleet, server),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_reaches_the_homes_and_its_effect_the_admin() -> anyhow::Result<()> {
    let laptop = Laptop::start().await?;
    let store = &laptop.devices.rig.store;
    let view = laptop
        .until("enrolled", |view| view["connected"] == true)
        .await?;
    let id: DeviceId = view["device"].as_str().context("no id")?.parse()?;

    // It waits at the gateway before anything is decided, and what is on it is known.
    let known = async {
        loop {
            if let Some(stored) = store.device_inventory(id).await? {
                return anyhow::Ok(stored);
            }
        }
    };
    let stored = tokio::time::timeout(HANGS, known).await??;
    assert_eq!(stored.inventory.apps[0].app.as_str(), "codex");
    let passes = *laptop.homes.passes.lock().unwrap();

    let began = Instant::now();
    store.decide(Actor::Cli, denials()?).await?;
    laptop
        .effects(id, |effects| {
            let verified = |one: &ItemEffect| one.effect.state == EffectState::Verified;
            effects.len() == 2 && effects.iter().all(verified)
        })
        .await?;
    println!(
        "from the decision to its effect at the admin: {:?}",
        began.elapsed()
    );
    assert!(*laptop.homes.passes.lock().unwrap() > passes);

    // A person asks for it.
    let wanted = Request {
        wanted: Wanted::McpServer {
            identity: SERVER.parse()?,
        },
        reason: "for work".into(),
    };
    control::request(&laptop.config.agent.socket, wanted).await?;
    let view = laptop
        .until("heard", |view| view["requests"][0]["sent"] == true)
        .await?;
    assert_eq!(view["effects"].as_array().map(Vec::len), Some(2));
    let asked = store
        .access_requests(AskedFilter::default(), None, 10)
        .await?;
    assert_eq!(asked.items.len(), 1);

    // An admin removes it.
    store.delete_device(Actor::Cli, id).await?;
    laptop
        .until("removed", |view| view["state"] == "removed")
        .await?;
    let state = State::open(&laptop.config.agent.state)?;
    let gone = async {
        while !state.is_removed()? || state.identity()?.is_some() {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(HANGS, gone).await??;
    assert!(laptop.homes.retired.load(Ordering::Relaxed));
    laptop.stop.send_replace(true);
    laptop.running.await?
}
