//! Puts the process together: store, ledger, snapshot, listeners, background work; and takes it
//! apart in order, so that streams finish and no settled call is lost.

mod build;
mod control_plane;
mod edge;
mod exporters;
mod guardrails;
mod housekeeping;
mod parts;
mod reload;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use arc_swap::ArcSwap;
use tidegate_pipeline::guard::Guards;
use tidegate_store::RecorderHandle;
use tidegate_types::{Clock, SystemClock};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinSet,
};

use self::{
    build::Lasting,
    exporters::Exporters,
    parts::{Logs, Parts},
    reload::{Asked, Reloader},
};
use crate::{
    config::Config,
    gateway::InForce,
    listener::{DataPlane, Doors},
    otlp::logs,
    snapshots::Keeper,
};

/// A running gateway.
pub struct Running {
    /// Where the data plane listens.
    pub data: SocketAddr,
    /// Where the control plane listens.
    pub control: SocketAddr,
    in_force: Arc<InForce>,
    recorder: RecorderHandle,
    tasks: JoinSet<()>,
    exporters: Arc<Exporters>,
    reload: mpsc::Sender<Asked>,
    swept: watch::Receiver<u64>,
    shutdown: watch::Sender<bool>,
}

/// `tidegate serve`: runs until a signal says stop; SIGHUP has the configuration read again at once.
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let (queue, events) = logs::queue(Arc::clone(&clock));
    let sink = Arc::<logs::Queue>::clone(&queue);
    tidegate_telemetry::init(format, &filter, Some(sink))?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (mut terminate, mut interrupt, mut hangup) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        );
        let logs = Some((queue, events));
        let running = begin(config, clock, Guards::default(), logs).await?;
        tracing::info!(data = %running.data, control = %running.control, "serving");
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                // What comes of it is logged.
                _ = hangup.recv() => running.reload_soon(),
            }
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
    config: Config,
    clock: Arc<dyn Clock>,
    guards: Guards,
) -> anyhow::Result<Running> {
    begin(config, clock, guards, None).await
}

async fn begin(
    mut config: Config,
    clock: Arc<dyn Clock>,
    guards: Guards,
    logs: Option<Logs>,
) -> anyhow::Result<Running> {
    let data = tokio::net::TcpListener::bind(config.listen.data)
        .await
        .with_context(|| format!("listen.data {} cannot be bound", config.listen.data))?;
    let control = tokio::net::TcpListener::bind(config.listen.control)
        .await
        .with_context(|| format!("listen.control {} cannot be bound", config.listen.control))?;
    let (parts, built) =
        parts::assemble(&mut config, data.local_addr()?, clock, guards, logs).await?;
    let (shutdown, watched) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (data_address, control_address) = (data.local_addr()?, control.local_addr()?);
    let in_force = InForce::new(built.gateway);
    let doors = Doors::new(built.tls, config.limits.connections);
    let exporters = Arc::new(Exporters::new(parts.lasting.outlets.clone()));
    exporters.begin(built.exporting);
    let data_plane = DataPlane {
        in_force: Arc::clone(&in_force),
        listener: data,
        doors: Arc::clone(&doors),
    };
    let changed = Arc::<Notify>::default();
    let state = reload::at_start(&config, &parts.lasting);
    let state = Arc::new(ArcSwap::from_pointee(state));
    let view = control_plane::View {
        in_force: Arc::clone(&in_force),
        changed: Arc::clone(&changed),
        recorder: parts.recorder.clone(),
        configuration: Arc::clone(&state),
    };
    let app = control_plane::router(&config, &parts, view, control_address);
    let (replacements, replaced) = mpsc::channel(1);
    let keeper = Keeper {
        in_force: Arc::downgrade(&in_force),
        maker: Arc::clone(&built.maker),
        changed,
        replacements: replaced,
    };
    let Parts {
        lasting, recorder, ..
    } = parts;
    tasks.spawn(data_plane.serve(watched.clone()));
    tasks.spawn(control_plane::serve(control, app, watched.clone()));
    tasks.spawn(keeper.run(watched.clone()));
    let swept = background(
        &mut tasks, &config, &lasting, &in_force, &recorder, &watched,
    );
    let (reload, asked) = mpsc::channel(1);
    if let Some(path) = config.path.clone() {
        let reloader = Reloader {
            path,
            lasting,
            in_force: Arc::clone(&in_force),
            config,
            maker: built.maker,
            replacements,
            doors,
            exporters: Arc::clone(&exporters),
            state,
            asked,
        };
        tasks.spawn(reloader.run(watched));
    }
    Ok(Running {
        data: data_address,
        control: control_address,
        in_force,
        recorder,
        tasks,
        exporters,
        reload,
        swept,
        shutdown,
    })
}

/// The work that goes on behind the calls; counts the sweeps of what is past its retention.
fn background(
    tasks: &mut JoinSet<()>,
    config: &Config,
    lasting: &Lasting,
    in_force: &Arc<InForce>,
    recorder: &RecorderHandle,
    watched: &watch::Receiver<bool>,
) -> watch::Receiver<u64> {
    let weak = || Arc::downgrade(in_force);
    let renewal = config.ledger.lease / 3;
    tasks.spawn(parts::maintain_leases(weak(), renewal, watched.clone()));
    tasks.spawn(edge::keep(Arc::downgrade(&lasting.edge), watched.clone()));
    let (sweeps, swept) = watch::channel(0);
    let housekeeping = housekeeping::Housekeeping {
        store: lasting.store.clone(),
        clock: Arc::clone(&lasting.clock),
        requests: config.retention,
        sweeps,
    };
    tasks.spawn(housekeeping.run(watched.clone()));
    let gauges = parts::sample_gauges(weak(), recorder.clone(), watched.clone());
    tasks.spawn(gauges);
    swept
}

impl Running {
    /// Stops accepting, lets calls in flight finish within `timeouts.drain`, exports the last spans, hands
    /// leases back, and writes what is recorded to the store.
    pub async fn stop(mut self) {
        // What all of them share, and the present drain.
        let gateway = self.in_force.gateway();
        let in_flight = gateway.in_flight.count();
        tracing::info!(in_flight, "draining");
        self.shutdown.send_replace(true);
        gateway.sockets.close();
        let drained = async {
            while gateway.in_flight.count() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(gateway.timeouts.drain, drained)
            .await
            .is_err()
        {
            let cut = gateway.in_flight.count();
            tracing::warn!(cut, "calls were still in flight at the end of the drain");
        }
        while self.tasks.join_next().await.is_some() {}
        self.exporters.finish().await;
        gateway.governor.give_back_all().await;
        if let Err(error) = self.recorder.shutdown().await {
            tracing::error!(%error, "the last records wait in the journal for the next start");
        }
        tracing::info!("stopped");
    }

    /// Reads the configuration file again, and waits until it is in force.
    ///
    /// # Errors
    /// Why it is not: the last good one stays in force. Or the configuration came out of no file.
    pub async fn reload(&self) -> Result<(), String> {
        let (asked, told) = oneshot::channel();
        let gone = || "the configuration is not read from a file".to_owned();
        self.reload.send(asked).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }

    /// As [`Self::reload`], without waiting. Who asks while somebody else has asked asks for the same.
    pub fn reload_soon(&self) {
        let (asked, _) = oneshot::channel();
        drop(self.reload.try_send(asked));
    }

    /// The revision of the store by which calls are decided now.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.in_force.gateway().snapshot.load().keyring.revision()
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
