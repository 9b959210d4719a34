//! A person signs in on a machine that nobody enrolled: `tidegate-edge login` as it is, curl as their browser,
//! a gateway, and an identity provider that vouches for them.

mod provider;

use std::{os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use clap::Parser;
use serde_json::Value;
use tidegate_edge::{
    cli::Cli,
    commands,
    config::Config,
    control::{self, Answering, ControlSocket},
    service::{self, Surroundings, fleet::Nowhere},
    state::State,
};
use tidegate_harness::{Rig, RigOptions};
use tidegate_redirect::Loopback;
use tidegate_store::{Actor, NewBudget, NewTeam, NewUser};
use tidegate_types::MicroUsd;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use provider::Provider;

const HANGS: Duration = Duration::from_secs(60);

/// What curl does in place of a person with a browser: it signs in, reads the page that asks, and says yes.
const BROWSER: &str = r#"#!/bin/sh
set -e
jar=$(mktemp)
page=$(curl -sS -L --max-redirs 8 -c "$jar" -b "$jar" "$1")
ticket=$(printf %s "$page" | sed -n 's/.*name="ticket" value="\([^"]*\)".*/\1/p')
curl -sS -L -c "$jar" -b "$jar" -H 'Sec-Fetch-Site: same-origin' \
  --data "ticket=$ticket&answer=yes" "${1%%/device/*}/device/v1/sign-in/confirm" >"$0.page"
rm "$jar"
"#;

/// A gateway that knows a provider, and a machine with the agent and no token.
struct Machine {
    rig: Rig,
    _provider: Provider,
    config: Config,
    files: tempfile::TempDir,
    _socket: ControlSocket,
    stop: watch::Sender<bool>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Machine {
    async fn start() -> anyhow::Result<Self> {
        let rig = Rig::with(RigOptions::default()).await?;
        let provider = Provider::start().await?;
        provider.known_to(&rig).await?;
        let files = tempfile::tempdir()?;
        let at = |name: &str| files.path().join(name);
        let text = format!(
            "[gateway]\nurl = \"http://{}\"\n[agent]\nstate = \"{}\"\nsocket = \"{}\"\n",
            rig.gateway.control,
            at("state").display(),
            at("control.sock").display()
        );
        std::fs::write(at("config.toml"), &text)?;
        std::fs::write(at("browser"), BROWSER)?;
        std::fs::set_permissions(at("browser"), std::fs::Permissions::from_mode(0o755))?;
        let config = Config::parse(&text)?;
        let far = TcpListener::bind("127.0.0.1:0").await?;
        let socket = ControlSocket::bind(&config.agent.socket)?;
        let (stop, stopped) = watch::channel(false);
        let surroundings = Surroundings {
            config: config.clone(),
            state: State::open(&config.agent.state)?,
            redirector: Arc::new(Loopback::start(far.local_addr()?, None).await?),
            people: Arc::new(tidegate_attribution::Proc::system()),
            fleet: Arc::new(Nowhere),
            control: Answering::on(socket.listener()?)?,
            drain: Duration::ZERO,
        };
        Ok(Self {
            rig,
            _provider: provider,
            config,
            files,
            _socket: socket,
            stop,
            running: tokio::spawn(service::run(surroundings, stopped)),
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// Runs the program's command line on a thread of its own, as a process would.
    async fn runs(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let config = self.file("config.toml").display().to_string();
        let line = ["tidegate-edge", "--config", &config];
        let cli = Cli::try_parse_from(line.iter().chain(arguments))?;
        let (done, code) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || drop(done.send(format!("{:?}", commands::dispatch(cli)))));
        Ok(tokio::time::timeout(HANGS, code).await??)
    }

    async fn until(&self, what: &str, so: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let looking = async {
            loop {
                match control::ask(&self.config.agent.socket).await {
                    Ok(view) if so(&view) => return view,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(HANGS, looking)
            .await
            .context(what.to_owned())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_enrols_their_machine_and_signs_out() -> anyhow::Result<()> {
    let machine = Machine::start().await?;
    let store = &machine.rig.store;
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "research".into(),
            },
        )
        .await?;
    let ann = NewUser {
        email: "ann@example.com".into(),
        name: "Ann".into(),
        team: Some(team.id),
    };
    let ann = store.create_user(Actor::Cli, ann).await?;
    let budget = NewBudget {
        scope: tidegate_governance::entity::Scope::User(ann.id),
        model: None,
        cap: MicroUsd::from_micros(10_000_000),
        window: tidegate_governance::entity::Window::Day,
        alignment: tidegate_governance::entity::Alignment::Calendar,
    };
    store.create_budget(Actor::Cli, budget).await?;
    machine
        .until("waits", |view| view["state"] == "signed_out")
        .await?;

    let browser = machine.file("browser").display().to_string();
    let code = machine.runs(&["login", "--browser", &browser]).await?;
    ensure!(
        code == format!("{:?}", std::process::ExitCode::SUCCESS),
        "{code}"
    );
    let page = std::fs::read_to_string(machine.file("browser.page"))?;
    ensure!(page.contains("You can close this page"), "{page}");
    let view = machine
        .until("signed in", |view| view["user"] == "Ann <ann@example.com>")
        .await?;
    assert_eq!(
        (&view["connected"], &view["team"]),
        (&true.into(), &"research".into())
    );
    assert_eq!(view["budgets"][0]["left_micro_usd"], 10_000_000, "{view}");
    let devices = store.devices(Default::default(), None, 10).await?.items;
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].user, Some(ann.id));

    // Again: the same person, the same device.
    let code = machine.runs(&["login", "--browser", &browser]).await?;
    ensure!(
        code == format!("{:?}", std::process::ExitCode::SUCCESS),
        "{code}"
    );
    assert_eq!(
        store
            .devices(Default::default(), None, 10)
            .await?
            .items
            .len(),
        1
    );

    let code = machine.runs(&["logout"]).await?;
    ensure!(
        code == format!("{:?}", std::process::ExitCode::SUCCESS),
        "{code}"
    );
    machine
        .until("signed out", |view| view["user"].is_null())
        .await?;
    assert_eq!(store.device(devices[0].id).await?.user, None);
    machine.stop.send_replace(true);
    machine.running.await?
}
