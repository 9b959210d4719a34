//! `tidegate-edge tray` as a desktop meets it: a real bus, a panel that stands in for the desktop's, and an
//! agent that says what the test says.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

#[path = "../../../crates/endpoint/notice/tests/desktop/bus.rs"]
mod bus;
mod watcher;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use arc_swap::ArcSwap;
use tidegate_agent_core::{DeniedView, Event, RequestView, Standing, View};
use tidegate_device_api::{BudgetLeft, Holder, Wanted};
use tidegate_edge::{
    control::{Answering, ControlSocket},
    device_api::{self, DeviceApi, NothingRedirected},
    service::Input,
    sign_in::Desk,
    state::State,
};
use tidegate_types::MicroUsd;
use tokio::{sync::mpsc, task::JoinHandle};

use bus::PrivateBus;
use watcher::Panel;

const HANGS: Duration = Duration::from_secs(60);

fn well() -> View {
    let mut view = View::signed_out("http://gateway.example".into(), "1".into(), None);
    (view.state, view.connected, view.reason) = (Standing::Enrolled, true, None);
    view.redirection.effective = true;
    view.user = Some("Ann <ann@example.com>".into());
    view.team = Some("research".into());
    view.budgets = vec![BudgetLeft {
        of: Holder::User,
        window: "1d".into(),
        model: None,
        cap_micro_usd: MicroUsd::from_micros(10_000_000),
        left_micro_usd: MicroUsd::from_micros(3_200_000),
        resets_at: None,
    }];
    view
}

/// A session with a tray in it, and an agent.
struct Session {
    panel: Panel,
    tray: Child,
    view: Arc<ArcSwap<Option<View>>>,
    heard: mpsc::Receiver<Input>,
    agent: JoinHandle<()>,
    dir: tempfile::TempDir,
    _socket: ControlSocket,
    _bus: PrivateBus,
}

impl Session {
    async fn open(view: View) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let at = |name: &str| dir.path().join(name);
        let bus = PrivateBus::start()?;
        let mut panel = Panel::open(bus.socket()).await?;
        let socket = ControlSocket::bind(&at("control.sock"))?;
        let answering = Answering::on(socket.listener()?)?;
        let view = Arc::new(ArcSwap::from_pointee(Some(view)));
        let (inputs, heard) = mpsc::channel(8);
        let api = DeviceApi::new(
            "http://127.0.0.1:9",
            device_api::roots(Some(Vec::new()))?,
            Arc::new(NothingRedirected),
        )?;
        let state = State::open(&at("state"))?;
        let desk = Arc::new(Desk::new(Arc::new(api), state, inputs.clone(), None));
        let shown = Arc::clone(&view);
        let agent = tokio::spawn(async move { answering.serve(shown, inputs, desk).await });
        // A browser that notes what it is to open.
        let browser = at("browser");
        let opened = at("opened").display().to_string();
        fs::write(
            &browser,
            format!("#!/bin/sh\necho \"$1\" > {opened}.new\nmv {opened}.new {opened}\n"),
        )?;
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755))?;
        let config = at("config.toml");
        let text = format!(
            "[gateway]\nurl = \"http://127.0.0.1:9\"\n[agent]\nsocket = \"{}\"\n",
            at("control.sock").display()
        );
        fs::write(&config, text)?;
        let address = format!("unix:path={}", bus.socket().display());
        let tray = Command::new(env!("CARGO_BIN_EXE_tidegate-edge"))
            .arg("--config")
            .arg(&config)
            .arg("tray")
            .env("DBUS_SESSION_BUS_ADDRESS", address)
            .env("BROWSER", &browser)
            .stdin(Stdio::null())
            .spawn()?;
        panel.item().await?;
        Ok(Self {
            panel,
            tray,
            view,
            heard,
            agent,
            dir,
            _socket: socket,
            _bus: bus,
        })
    }

    async fn hears(&mut self) -> anyhow::Result<Input> {
        let heard = tokio::time::timeout(HANGS, self.heard.recv()).await?;
        heard.context("the agent is gone")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.agent.abort();
        drop(self.tray.kill());
        drop(self.tray.wait());
    }
}

#[tokio::test]
async fn the_item_says_how_it_is_and_whose() -> anyhow::Result<()> {
    let session = Session::open(well()).await?;
    let mut properties = session.panel.properties().await?;
    let mut text = |name: &str| -> anyhow::Result<String> {
        let value = properties.remove(name).with_context(|| name.to_owned())?;
        String::try_from(value).map_err(|_| anyhow::anyhow!("{name} is no text"))
    };
    assert_eq!(text("Id")?, "tidegate-edge");
    assert_eq!(text("Category")?, "SystemServices");
    assert_eq!(text("Status")?, "Active");
    assert!(properties.contains_key("IconPixmap") && properties.contains_key("Menu"));
    let menu = session.panel.menu().await?;
    let labels: Vec<(&str, bool)> = menu
        .iter()
        .map(|(_, label, can)| (&**label, *can))
        .collect();
    assert_eq!(
        labels,
        [
            ("Connected", false),
            ("Ann <ann@example.com>, research", false),
            ("$3.20 of $10.00 left today (yours)", false),
            ("Sign out", true),
            ("Sync now", true),
            ("Open console", true),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn clicks_act_and_what_changes_is_shown() -> anyhow::Result<()> {
    let mut view = well();
    view.denied = vec![DeniedView {
        app: "cursor".parse()?,
        reason: None,
        ask: String::new(),
        refused: 3,
    }];
    let mut session = Session::open(view.clone()).await?;
    let status = session.panel.properties().await?.remove("Status");
    let status = status.and_then(|status| String::try_from(status).ok());
    assert_eq!(status.as_deref(), Some("NeedsAttention"));

    let wanted = Wanted::App {
        app: "cursor".parse()?,
    };
    session
        .panel
        .click("cursor is denied: ask for access…")
        .await?;
    let Input::Asked(asked) = session.hears().await? else {
        anyhow::bail!("no request");
    };
    assert_eq!(
        (&asked.wanted, &*asked.reason),
        (&wanted, "Asked for from the tray.")
    );
    view.requests = vec![RequestView {
        wanted,
        user: asked.user.clone(),
        answer: None,
        sent: false,
    }];
    session.view.store(Arc::new(Some(view)));
    asked.answer.send(Ok(())).unwrap();
    session
        .panel
        .menu_with("cursor is denied: you asked for it")
        .await?;

    session.panel.click("Sync now").await?;
    assert!(matches!(session.hears().await?, Input::Known(Event::Sync)));

    session.panel.click("Open console").await?;
    let opened = session.dir.path().join("opened");
    let opening = async {
        while !opened.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANGS, opening).await?;
    assert_eq!(
        fs::read_to_string(opened)?.trim(),
        "http://gateway.example/"
    );
    Ok(())
}

#[tokio::test]
async fn an_agent_that_is_gone_is_shown_and_comes_back() -> anyhow::Result<()> {
    let mut session = Session::open(well()).await?;
    session.agent.abort();
    // It still takes connections in the kernel's queue, and answers nobody.
    let path = session.dir.path().join("control.sock");
    fs::remove_file(&path)?;
    session
        .panel
        .menu_with("Tidegate Edge does not answer")
        .await?;
    assert!(session.tray.try_wait()?.is_none(), "it stays");
    let socket = ControlSocket::bind(&path)?;
    let answering = Answering::on(socket.listener()?)?;
    let (inputs, _heard) = mpsc::channel(1);
    let api = DeviceApi::new(
        "http://127.0.0.1:9",
        device_api::roots(Some(Vec::new()))?,
        Arc::new(NothingRedirected),
    )?;
    let state = State::open(&session.dir.path().join("state"))?;
    let desk = Arc::new(Desk::new(Arc::new(api), state, inputs.clone(), None));
    let out = View::signed_out("http://gateway.example".into(), "1".into(), None);
    let view = Arc::new(ArcSwap::from_pointee(Some(out)));
    session.agent = tokio::spawn(async move { answering.serve(view, inputs, desk).await });
    let menu = session.panel.menu_with("Sign in…").await?;
    assert_eq!(menu[0], "Not signed in, and nothing is governed");
    Ok(())
}
