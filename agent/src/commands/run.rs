//! `tidegate-edge run`: the agent itself.

use std::process::ExitCode;

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::EnvFilter;

use crate::{backend, config::Config, service};

/// Threads that serve connections: enough to fill a network, few enough for a laptop.
const THREADS: usize = 2;

pub(super) fn run(config: Config) -> anyhow::Result<ExitCode> {
    let filter = EnvFilter::try_new(&config.agent.log).context("agent.log")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let (stop, stopped) = watch::channel(false);
        let redirector = backend::start(&config)?;
        let serving = tokio::spawn(service::run(config, redirector, stopped));
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping");
            stop.send_replace(true);
        });
        serving.await?
    })?;
    Ok(ExitCode::SUCCESS)
}
