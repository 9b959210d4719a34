//! `tidegate-edge run`: the agent itself. As a rule this process becomes the loader, and the rest runs as
//! a user without privileges.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::EnvFilter;

use crate::{
    backend,
    config::Config,
    control::{Answering, ControlSocket},
    loader::{self, Account},
    service::{self, Surroundings},
    state::State,
};

/// Threads that serve connections. One: a call passes several tasks on its way, and to wake another
/// thread for each of them takes longer than all their work (0.1 ms of a call, measured).
pub(crate) const THREADS: usize = 1;
/// How long the one process that does everything goes on with open connections when it is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Threads of the loader that may wait for files of other processes, checks and children.
const WAITING: usize = 24;

pub(super) fn run(config: Config) -> anyhow::Result<ExitCode> {
    log(&config)?;
    if config.agent.user.is_empty() {
        let mut runtime = Builder::new_multi_thread();
        runtime.worker_threads(THREADS).enable_all();
        runtime.build()?.block_on(alone(config))?;
    } else {
        let account = Account::find(&config.agent.user)?;
        // Of this thread, so before there are others: nothing that the agent starts gets more than it has.
        nix::sys::prctl::set_no_new_privs()?;
        let mut runtime = Builder::new_current_thread();
        runtime.max_blocking_threads(WAITING).enable_all();
        runtime.build()?.block_on(split(config, account))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Both in one process.
async fn alone(config: Config) -> anyhow::Result<()> {
    tracing::warn!("agent.user is empty: what speaks with apps may do all that root may do");
    let stopped = signals()?;
    let state = State::open(&config.agent.state)?;
    let _only = state.lock()?;
    let redirector = backend::start(&config)?;
    let socket = ControlSocket::bind(&config.agent.socket)?;
    let surroundings = Surroundings {
        control: Answering::on(socket.listener()?)?,
        people: std::sync::Arc::new(tidegate_attribution::Proc::system()),
        fleet: std::sync::Arc::new(service::fleet::Nowhere),
        config,
        state,
        redirector,
        drain: DRAIN,
    };
    tokio::spawn(service::run(surroundings, stopped)).await?
}

/// The loader.
async fn split(config: Config, account: Account) -> anyhow::Result<()> {
    let stopped = signals()?;
    let state = State::open(&config.agent.state)?;
    let _only = state.lock()?;
    account.hand_over(&config.agent.state)?;
    let redirector = backend::start(&config)?;
    let socket = ControlSocket::bind(&config.agent.socket)?;
    let program = loader::Program::myself();
    let relay = loader::Relay::new(program, Some(account), config, socket.listener()?);
    loader::run(relay, redirector, stopped).await
}

/// Turns true when the process is told to stop.
fn signals() -> anyhow::Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    Ok(stopped)
}

/// Starts the log.
pub(crate) fn log(config: &Config) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(&config.agent.log).context("agent.log")?;
    if let Some(directive) = config.linux.kernel_log.directive() {
        filter = filter.add_directive(directive.parse().context("linux.kernel_log")?);
    }
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    Ok(())
}
