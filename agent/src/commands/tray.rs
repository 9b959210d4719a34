//! `tidegate-edge tray`: the agent in a person's tray. It runs as the person, once for each session, asks
//! the agent over its socket, and stays when the agent is gone: it says so, and looks again.

use std::{path::Path, process::ExitCode, process::Stdio, time::Duration};

use tidegate_agent_core::{Face, View};
use tidegate_device_api::Wanted;
use tidegate_tray::{Click, Tray};
use tidegate_types::{Clock, SystemClock};
use tokio::{
    process::Command,
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use super::say;
use crate::{
    config::Config,
    control::{self, Request},
    sign_in::{Step, Stepped, browser},
};

/// How often the agent is asked. The item is redrawn only where something changed.
const LOOK: Duration = Duration::from_secs(5);
/// Clicks that wait.
const CLICKS: usize = 8;
/// What a request says that was made by a click.
const REASON: &str = "Asked for from the tray.";

pub(super) fn tray(config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(&config.agent.socket))?;
    Ok(ExitCode::SUCCESS)
}

async fn run(socket: &Path) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let (clicked, mut clicks) = mpsc::channel(CLICKS);
    let mut face = look(socket).await;
    let tray = Tray::show(face.clone(), clicked).await?;
    let mut looking = interval(LOOK);
    looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = looking.tick() => {}
            click = clicks.recv() => match click {
                Some(click) => act(socket, click, face.gateway.as_deref()).await,
                None => return Ok(()),
            },
            _ = terminate.recv() => return Ok(()),
        }
        let seen = look(socket).await;
        if seen != face {
            face = seen;
            if !tray.update(face.clone()).await {
                return Ok(());
            }
        }
        if tray.is_closed() {
            return Ok(());
        }
    }
}

/// The agent as it is now; an answer that cannot be read is as good as none.
async fn look(socket: &Path) -> Face {
    let answer = control::ask(socket).await.ok();
    let view: Option<View> = answer.and_then(|answer| serde_json::from_value(answer).ok()?);
    Face::of(view.as_ref(), SystemClock::default().now())
}

/// What goes wrong is said where the session keeps its log, and shows in the item at the next look.
async fn act(socket: &Path, click: Click, gateway: Option<&str>) {
    let done = match click {
        Click::Ask(wanted) => ask(socket, wanted).await,
        Click::Sync => control::sync(socket).await,
        Click::SignIn => sign_in(),
        Click::SignOut => sign_out(socket).await,
        Click::OpenConsole => match gateway {
            Some(url) => browser::open(url).map_err(Into::into),
            None => Ok(()),
        },
    };
    if let Err(error) = done {
        say(&format!("tidegate-edge tray: {error:#}"));
    }
}

async fn ask(socket: &Path, wanted: Wanted) -> anyhow::Result<()> {
    let request = Request {
        wanted,
        reason: REASON.into(),
    };
    control::request(socket, request).await
}

async fn sign_out(socket: &Path) -> anyhow::Result<()> {
    match control::sign_in(socket, Step::Out {}).await? {
        Stepped::Refused { reason, .. } => anyhow::bail!("not signed out: {reason}"),
        _ => Ok(()),
    }
}

/// The same program once more, which opens the browser and waits for it.
fn sign_in() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let arguments = arguments
        .into_iter()
        .map(|argument| match argument.to_str() {
            Some("tray") => "login".into(),
            _ => argument,
        });
    let mut child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()?;
    tokio::spawn(async move { child.wait().await });
    Ok(())
}
