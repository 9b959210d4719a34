//! The control plane's listener, and the data plane as the admin API sees it.

use std::{fmt, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use tidegate_cache::Cache;
use tidegate_control::{
    Configuration, Control, ControlSettings, DataPlane, LogQueue, ProviderHealth,
};
use tidegate_guards::Workshop;
use tidegate_provider::Catalog;
use tidegate_store::RecorderHandle;
use tidegate_types::ProviderName;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};

use super::parts::Parts;
use crate::{config::Config, gateway::InForce};

/// The data plane as the admin API sees it.
pub(super) struct View {
    pub(super) in_force: Arc<InForce>,
    pub(super) changed: Arc<Notify>,
    pub(super) recorder: RecorderHandle,
    pub(super) configuration: Arc<ArcSwap<Configuration>>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataPlane")
    }
}

impl DataPlane for View {
    fn changed(&self) {
        self.changed.notify_one();
    }

    fn revision(&self) -> Option<u64> {
        Some(self.in_force.gateway().snapshot.load().keyring.revision())
    }

    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.in_force.gateway().snapshot.load().catalog)
    }

    fn provider_health(&self, provider: &ProviderName) -> Option<ProviderHealth> {
        self.in_force.gateway().health.of(provider)
    }

    fn cache(&self) -> Option<Arc<Cache>> {
        self.in_force.gateway().cache.clone()
    }

    fn log_queue(&self) -> LogQueue {
        LogQueue {
            depth: self.recorder.depth(),
            dropped: self.recorder.dropped(),
        }
    }

    fn workshop(&self) -> Arc<Workshop> {
        Arc::clone(&self.in_force.gateway().workshop)
    }

    fn configuration(&self) -> Configuration {
        Configuration::clone(&self.configuration.load())
    }
}

pub(super) fn router(
    config: &Config,
    parts: &Parts,
    view: View,
    listener: SocketAddr,
) -> axum::Router {
    let lasting = &parts.lasting;
    let mut settings = ControlSettings::new(listener, lasting.node, env!("CARGO_PKG_VERSION"));
    settings.hosts.clone_from(&config.control.names);
    if let Some(url) = &config.control.url {
        settings.url.clone_from(url);
    }
    settings.metrics_open = config.control.metrics_open;
    tidegate_control::router(Control {
        store: lasting.store.clone(),
        clock: Arc::clone(&lasting.clock),
        edge: Some(Arc::clone(&lasting.edge)),
        metrics: Arc::clone(&lasting.metrics),
        data_plane: Arc::new(view),
        settings,
        seal: lasting.edge.seal_key().clone(),
        identity: parts.identity.clone(),
    })
}

/// Serves until shutdown; requests under way finish.
pub(super) async fn serve(
    listener: TcpListener,
    app: axum::Router,
    mut shutdown: watch::Receiver<bool>,
) {
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let down = async move {
        // A dropped sender means the same as a signal: nobody is left to serve for.
        drop(shutdown.wait_for(|&down| down).await);
    };
    if let Err(error) = axum::serve(listener, app)
        .with_graceful_shutdown(down)
        .await
    {
        tracing::error!(%error, "the control plane stopped");
    }
}
