//! The relay: everything of the agent that reads what apps and the gateway send. It runs as a user of its
//! own, may do nothing that this user may not, and has what the loader gives it.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use tidegate_split::{Given, Link, Remote};
use tidegate_types::Secret;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    commands,
    config::Config,
    control::Answering,
    service::{self, Surroundings},
    state::State,
};

/// How long a relay that was told to stop goes on with the connections that it has. By then another one
/// serves, after an upgrade; no streamed answer takes longer.
const DRAIN: Duration = Duration::from_secs(600);
/// More than any CA bundle holds, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What the loader gives, besides open files: the control socket, and `gateway.ca` where one is
/// configured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Instructions {
    /// The configuration, as the loader read it.
    pub config: Config,
    /// The enrolment token, where it may be needed.
    pub token: Option<String>,
}

/// Runs the relay on the loader's link, which is its standard input.
///
/// # Errors
/// It was not started by the loader, or cannot go on.
pub fn run() -> anyhow::Result<()> {
    let link = link()?;
    confine()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(commands::THREADS)
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let (remote, given) = Remote::join(Link::new(link)?).await?;
        let (config, control) = instructions(given)?;
        commands::log(&config)?;
        let stopped = stopped(remote.stop())?;
        let remote = Arc::new(remote);
        let surroundings = Surroundings {
            state: State::open(&config.agent.state)?,
            people: Arc::clone(&remote) as _,
            fleet: Arc::clone(&remote) as _,
            redirector: remote,
            control,
            drain: DRAIN,
            config,
        };
        tokio::spawn(service::run(surroundings, stopped)).await?
    })
}

/// Takes the link from where the loader put it. Nothing else of the loader's is open.
fn link() -> anyhow::Result<OwnedFd> {
    use nix::sys::socket::{SockType, getsockopt, sockopt};
    let input = io::stdin();
    let started = getsockopt(&input, sockopt::SockType) == Ok(SockType::SeqPacket);
    ensure!(
        started,
        "this is started by `tidegate-edge run`, and cannot be used by hand"
    );
    let link = input.as_fd().try_clone_to_owned()?;
    let nothing = File::open("/dev/null")?;
    nix::unistd::dup2_stdin(&nothing)?;
    Ok(link)
}

/// Gives up what is left to give up. The user and its groups were set before this program began.
fn confine() -> anyhow::Result<()> {
    ensure!(
        !nix::unistd::geteuid().is_root(),
        "the relay must not be root"
    );
    // Fails only for the leader of a group, which the loader's child is not.
    nix::unistd::setsid().context("a session of its own")?;
    nix::sys::prctl::set_no_new_privs()?;
    // Its memory has keys in it: nobody but root reads it, not even another process of this user, and it
    // is never written to disk.
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

fn instructions(given: Given) -> anyhow::Result<(Config, Answering)> {
    let instructions: Instructions =
        serde_json::from_slice(&given.text).context("the loader's instructions")?;
    let mut config = instructions.config;
    let mut files = given.files.into_iter();
    let control = files.next().context("the loader gave no control socket")?;
    config.gateway.read.token = instructions.token.map(Secret::new);
    if config.gateway.ca.is_some() {
        let file = File::from(files.next().context("the loader gave no gateway.ca")?);
        let mut text = String::new();
        file.take(LARGEST)
            .read_to_string(&mut text)
            .context("gateway.ca")?;
        config.gateway.read.ca = Some(text);
    }
    Ok((config, Answering::on(control)?))
}

/// Turns true when the loader says so or is gone, or somebody ends this process alone.
fn stopped(mut told: watch::Receiver<bool>) -> anyhow::Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = told.wait_for(|&told| told) => {}
        }
        stop.send_replace(true);
    });
    Ok(stopped)
}
