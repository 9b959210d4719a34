//! Puts the process together: store, ledger, snapshot, listeners, background work; and takes it
//! apart in order, so that streams finish and no settled call is lost.

mod control_plane;
mod edge;
mod guardrails;
mod housekeeping;
mod parts;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tidegate_pipeline::guard::Guards;
use tidegate_store::RecorderHandle;
use tidegate_types::{Clock, SystemClock};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};

use crate::{config::Config, gateway::Gateway, traces::Exporting};

/// A running gateway.
pub struct Running {
    /// Where the data plane listens.
    pub data: SocketAddr,
    /// Where the control plane listens.
    pub control: SocketAddr,
    gateway: Arc<Gateway>,
    recorder: RecorderHandle,
    tasks: JoinSet<()>,
    exporting: Option<Exporting>,
    swept: watch::Receiver<u64>,
    shutdown: watch::Sender<bool>,
    drain: Duration,
}

/// `tidegate serve`: runs until a signal says stop.
///
/// # Errors
/// The process cannot start; the cause says which part.
pub fn run(config: Config) -> anyhow::Result<()> {
    let format = if config.telemetry.json {
        tidegate_telemetry::Format::Json
    } else {
        tidegate_telemetry::Format::Text
    };
    // Migrations report every start in detail; only their troubles are news.
    let filter = format!("refinery_core=warn,{}", config.telemetry.level);
    tidegate_telemetry::init(format, &filter)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let running = start(config, Arc::new(SystemClock::default())).await?;
        tracing::info!(data = %running.data, control = %running.control, "serving");
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        running.stop().await;
        Ok(())
    })
}

/// Starts a gateway within the present runtime.
///
/// # Errors
/// The store cannot be opened or read, an address cannot be bound, or a certificate not be read.
pub async fn start(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Running> {
    start_guarded(config, clock, Guards::default()).await
}

/// As [`start`], with guards over prompts and answers.
///
/// # Errors
/// As [`start`].
pub async fn start_guarded(
    mut config: Config,
    clock: Arc<dyn Clock>,
    guards: Guards,
) -> anyhow::Result<Running> {
    let data = tokio::net::TcpListener::bind(config.listen.data)
        .await
        .with_context(|| format!("listen.data {} cannot be bound", config.listen.data))?;
    let control = tokio::net::TcpListener::bind(config.listen.control)
        .await
        .with_context(|| format!("listen.control {} cannot be bound", config.listen.control))?;
    let parts = parts::assemble(&mut config, data.local_addr()?, clock, guards).await?;
    let (shutdown, watched) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (data_address, control_address) = (data.local_addr()?, control.local_addr()?);
    let data_plane = crate::listener::DataPlane {
        gateway: Arc::clone(&parts.gateway),
        listener: data,
        tls: config
            .listen
            .data_tls
            .as_ref()
            .map(crate::listener::acceptor)
            .transpose()?,
        connections: config.limits.connections,
    };
    let app = control_plane::router(&config, &parts, control_address);
    tasks.spawn(data_plane.serve(watched.clone()));
    tasks.spawn(control_plane::serve(control, app, watched.clone()));
    tasks.spawn(crate::snapshots::keep_fresh(
        Arc::downgrade(&parts.gateway),
        parts.maker,
        parts.changed,
        watched.clone(),
    ));
    tasks.spawn(parts::maintain_leases(
        Arc::downgrade(&parts.gateway),
        config.ledger.lease / 3,
        watched.clone(),
    ));
    let held: Vec<_> = parts
        .tokens
        .iter()
        .map(|kept| Arc::clone(&kept.token))
        .collect();
    for kept in parts.tokens {
        tasks.spawn(kept.keep(Arc::downgrade(&parts.gateway), watched.clone()));
    }
    tasks.spawn(edge::keep(Arc::downgrade(&parts.edge), watched.clone()));
    let (sweeps, swept) = watch::channel(0);
    let housekeeping = housekeeping::Housekeeping {
        store: parts.store.clone(),
        clock: Arc::clone(&parts.gateway.clock),
        requests: config.retention,
        sweeps,
    };
    tasks.spawn(housekeeping.run(watched.clone()));
    tasks.spawn(parts::sample_gauges(
        Arc::downgrade(&parts.gateway),
        parts.recorder.clone(),
        watched,
    ));
    crate::tokens::first(&held).await;
    Ok(Running {
        data: data_address,
        control: control_address,
        gateway: parts.gateway,
        recorder: parts.recorder,
        tasks,
        exporting: parts.exporting,
        swept,
        shutdown,
        drain: config.timeouts.drain,
    })
}

impl Running {
    /// Stops accepting, lets calls in flight finish within `timeouts.drain`, exports the last spans, hands
    /// leases back, and writes what is recorded to the store.
    pub async fn stop(mut self) {
        let in_flight = self.gateway.in_flight.count();
        tracing::info!(in_flight, "draining");
        self.shutdown.send_replace(true);
        self.gateway.sockets.close();
        let drained = async {
            while self.gateway.in_flight.count() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(self.drain, drained).await.is_err() {
            let cut = self.gateway.in_flight.count();
            tracing::warn!(cut, "calls were still in flight at the end of the drain");
        }
        while self.tasks.join_next().await.is_some() {}
        if let Some(exporting) = self.exporting.take() {
            exporting.finish().await;
        }
        self.gateway.governor.give_back_all().await;
        if let Err(error) = self.recorder.shutdown().await {
            tracing::error!(%error, "the last records wait in the journal for the next start");
        }
        tracing::info!("stopped");
    }

    /// The revision of the store by which calls are decided now.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.gateway.snapshot.load().keyring.revision()
    }

    /// Waits until what is past its retention has been looked for once.
    ///
    /// # Errors
    /// The gateway stops.
    pub async fn swept(&self) -> anyhow::Result<()> {
        self.swept.clone().wait_for(|&sweeps| sweeps > 0).await?;
        Ok(())
    }

    /// Waits until everything recorded so far is in the store.
    ///
    /// # Errors
    /// The store does not take it.
    pub async fn flush(&self) -> anyhow::Result<()> {
        Ok(self.recorder.flush().await?)
    }
}
