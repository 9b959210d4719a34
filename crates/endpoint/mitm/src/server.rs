//! The accept loop: takes connections from the redirector, at most so many at once, and sees them to
//! their end.

use std::{fmt, pin::pin, sync::Arc};

use tidegate_redirect::{Flow, RedirectError, Redirector};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use crate::{
    connection,
    dial::Dialer,
    gateway::{Gateway, GatewayConfig},
    judge::Decider,
    leaf::LeafSlot,
    observe::{Counters, Event, Observer, Refused},
    pinned::PinTable,
    roots::{LazyClient, Roots},
    settings::Settings,
    shared::Shared,
    splice,
    terminate::Terminator,
};

/// What a server is made of.
pub struct Parts<R> {
    /// Where connections come from, and what exempts our own.
    pub redirector: Arc<R>,
    /// Who decides.
    pub decider: Arc<dyn Decider>,
    /// Who is told; `()` for nobody.
    pub observer: Arc<dyn Observer>,
    /// The leaf in use.
    pub leaf: Arc<LeafSlot>,
    /// Where calls go.
    pub gateway: GatewayConfig,
    /// Whose certificates true destinations may have, where the policy fails open.
    pub roots: Roots,
    /// Limits and times.
    pub settings: Settings,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The device's key has characters that no header may have.
    #[error("the device's key cannot be sent in a header")]
    DeviceKey,
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// The local proxy.
pub struct Server<R> {
    redirector: Arc<R>,
    shared: Arc<Shared>,
}

impl<R> fmt::Debug for Server<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl<R: Redirector> Server<R> {
    /// Puts the parts together. Opens nothing.
    ///
    /// # Errors
    /// The device's key is not fit for a header, or TLS cannot be set up.
    pub fn new(parts: Parts<R>) -> Result<Self, SetupError> {
        let settings = parts.settings;
        let dialer = Dialer::new(parts.redirector.clone(), settings.connect);
        let gateway = Gateway::new(parts.gateway, dialer.clone(), settings.gateway)
            .map_err(|_| SetupError::DeviceKey)?;
        Ok(Self {
            redirector: parts.redirector,
            shared: Arc::new(Shared {
                decider: parts.decider,
                observer: parts.observer,
                counters: Arc::default(),
                terminator: Terminator::new(parts.leaf.clone(), settings.handshake)?,
                leaf: parts.leaf,
                pins: PinTable::new(settings.pinned, settings.installed.clone()),
                dialer,
                gateway,
                client: LazyClient::new(parts.roots),
                settings,
            }),
        })
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        self.shared.counters.clone()
    }

    /// Serves until `stop` is done, then lets open connections finish for as long as the settings say.
    ///
    /// # Errors
    /// The redirector is gone.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) -> Result<(), RedirectError> {
        let (drain, draining) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut stop = pin!(stop);
        // Kept over the loop's turns: a backend may have taken a connection and not yet handed it over.
        let mut accept = pin!(self.redirector.accept());
        let result = loop {
            tokio::select! {
                () = &mut stop => break Ok(()),
                flow = &mut accept => match flow {
                    Ok(flow) => {
                        self.admit(flow, &mut tasks, &draining);
                        accept.set(self.redirector.accept());
                    }
                    Err(error) => break Err(error),
                },
                Some(ended) = tasks.join_next() => ended_well(ended),
            }
        };
        drain.send_replace(true);
        let drained = async {
            while let Some(ended) = tasks.join_next().await {
                ended_well(ended);
            }
        };
        if tokio::time::timeout(self.shared.settings.drain, drained)
            .await
            .is_err()
        {
            tracing::info!(
                open = tasks.len(),
                "closing connections that are still open"
            );
        }
        tasks.shutdown().await;
        result
    }

    fn admit(&self, flow: Flow, tasks: &mut JoinSet<()>, draining: &watch::Receiver<bool>) {
        self.shared.counters.accept();
        if tasks.len() >= self.shared.settings.connections {
            self.shared.note(&Event::Refused {
                why: Refused::Limit,
                judged: None,
                host: None,
            });
            splice::reset(&flow.stream);
            return;
        }
        tasks.spawn(connection::serve(
            self.shared.clone(),
            flow,
            draining.clone(),
        ));
    }
}

/// A connection's failures are its own; a panic is a bug and must be seen.
fn ended_well(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection's task panicked");
    }
}
