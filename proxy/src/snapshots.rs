//! Keeps the snapshot up to date: whatever changes in the store decides calls within a second, on
//! every replica, and at once on the one whose admin API made the change.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tidegate_governance::{entity::Governed, guardrail::Guardrail, key::Keyring};
use tidegate_guards::Workshop;
use tidegate_pipeline::{Edge, Policies, Settings, Snapshot, guard::Guards};
use tidegate_policy::Document;
use tidegate_provider::{Catalog, PriceBook, PriceRow, Provider};
use tidegate_routing::Routing;
use tidegate_store::{Store, StoreError};
use tidegate_types::{Clock, DeviceId, TeamId};
use tokio::sync::{Mutex, Notify, mpsc, oneshot, watch};

use crate::gateway::{Gateway, InForce};

/// How often the store's revision is looked at: a revoked key works for no longer than this and the
/// time to load.
const POLL: Duration = Duration::from_millis(200);

/// What snapshots are made of besides the store's rows.
pub(crate) struct Maker {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) providers: Vec<Provider>,
    /// The built-in prices under the operator's file.
    pub(crate) prices: PriceBook,
    pub(crate) settings: Settings,
    /// Its state outlives a snapshot.
    pub(crate) routing: Arc<Routing>,
    pub(crate) edge: Arc<tidegate_control::Edge>,
    /// Guards of the embedding program, before the admins' guardrails.
    pub(crate) guards: Guards,
    pub(crate) workshop: Arc<Workshop>,
    /// The guardrails that were made last, and what was made of them.
    pub(crate) made: Mutex<Option<Made>>,
}

/// Guardrails, and what was made of them.
pub(crate) struct Made {
    of: Vec<Guardrail>,
    guards: Guards,
    /// The names of those that cannot be used.
    left_out: Vec<String>,
}

impl Maker {
    /// Builds a snapshot of the store's present rows. Counters of what did not change are taken
    /// over from `previous`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) async fn make(&self, previous: Option<&Snapshot>) -> Result<Snapshot, StoreError> {
        let governed = self.store.governed().await?;
        let keyring = Keyring::compile(&governed, previous.map(|old| &old.keyring), &self.clock);
        let prices = self.price_book(&governed);
        let catalog = Catalog::new(self.providers.clone(), prices)
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        if let Err(error) = self.edge.refresh().await {
            tracing::warn!(%error, "the devices' policy is not refreshed; the last one stays");
        }
        let policies = Arc::new(Devices(self.edge.policies()));
        Ok(Snapshot {
            keyring,
            catalog: Arc::new(catalog),
            settings: self.settings,
            routing: Arc::clone(&self.routing),
            edge: Edge::new(policies, &self.providers),
            guards: self.guards(previous).await?,
        })
    }

    /// The names of the guardrails that are left out: they cannot be used.
    pub(crate) async fn left_out(&self) -> Vec<String> {
        let made = self.made.lock().await;
        made.as_ref()
            .map(|made| made.left_out.clone())
            .unwrap_or_default()
    }

    /// The guards of this program, and the admins' guardrails after them. What the rules are compiled from
    /// takes long the first time: beside the threads that answer calls. A guardrail that cannot be used is
    /// left out and said, and if it is the rules that cannot, those in force stay.
    async fn guards(&self, previous: Option<&Snapshot>) -> Result<Guards, StoreError> {
        let guardrails = self.store.guardrails().await?;
        if !guardrails.iter().any(|guardrail| guardrail.enabled) {
            return Ok(self.guards.clone());
        }
        if let Some(made) = &*self.made.lock().await
            && made.of == guardrails
        {
            return Ok(made.guards.clone());
        }
        let workshop = Arc::clone(&self.workshop);
        let of = guardrails.clone();
        let made = tokio::task::spawn_blocking(move || workshop.make(&guardrails)).await;
        match made.map_err(|error| StoreError::Broken(error.to_string()))? {
            Ok(made) => {
                let mut left_out = Vec::new();
                for (name, problem) in made.problems {
                    tracing::error!(guardrail = name, %problem, "a guardrail cannot be used");
                    left_out.push(name);
                }
                let mut guards = self.guards.clone();
                if !made.local.is_empty() {
                    guards = guards.and(Arc::new(made.local));
                }
                if !made.remote.is_empty() {
                    guards = guards.and(Arc::new(made.remote));
                }
                *self.made.lock().await = Some(Made {
                    of,
                    guards: guards.clone(),
                    left_out,
                });
                Ok(guards)
            }
            Err(problem) => {
                tracing::error!(%problem, "the guardrails' rules cannot be used");
                let old = previous.map(|old| old.guards.clone());
                old.ok_or_else(|| StoreError::Broken(problem.to_string()))
            }
        }
    }

    /// The list with what admins set over it. A row that does not parse is left out and said: the
    /// others must not suffer from it.
    fn price_book(&self, governed: &Governed) -> PriceBook {
        let read = |text: &String| {
            PriceRow::from_json(text)
                .map_err(|error| tracing::error!(%error, "a price override cannot be used"))
                .ok()
        };
        let rows: Vec<PriceRow> = governed.price_overrides.iter().filter_map(read).collect();
        self.prices
            .clone()
            .with_overrides(rows)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "the price overrides cannot be used");
                self.prices.clone()
            })
    }
}

/// The policies that devices get are those that their calls are judged by.
#[derive(Debug)]
struct Devices(Arc<tidegate_control::Policies>);

impl Policies for Devices {
    fn of(&self, device: Option<DeviceId>, team: Option<TeamId>) -> Arc<Document> {
        match device {
            Some(device) => self.0.document(device, team),
            None => Arc::clone(&self.0.fleet().document),
        }
    }
}

/// Another gateway, of a configuration that was found good, and what makes its snapshots.
pub(crate) struct Replacement {
    pub(crate) gateway: Gateway,
    pub(crate) maker: Arc<Maker>,
    /// Told when calls begin with it, or why they do not.
    pub(crate) done: oneshot::Sender<Result<(), StoreError>>,
}

/// Keeps the snapshot of the gateway in force up to date, and puts another gateway in force.
pub(crate) struct Keeper {
    pub(crate) in_force: Weak<InForce>,
    pub(crate) maker: Arc<Maker>,
    pub(crate) changed: Arc<Notify>,
    /// One at a time: nobody makes a second before the first is in force.
    pub(crate) replacements: mpsc::Receiver<Replacement>,
}

impl Keeper {
    /// Rebuilds the snapshot whenever the store's revision moved, until shutdown. The last good snapshot stays in
    /// force while the store cannot be read.
    pub(crate) async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut failing = false;
        loop {
            let replacement = tokio::select! {
                () = self.changed.notified() => None,
                () = tokio::time::sleep(POLL) => None,
                Some(replacement) = self.replacements.recv() => Some(replacement),
                _ = shutdown.wait_for(|&down| down) => return,
            };
            let Some(in_force) = self.in_force.upgrade() else {
                return;
            };
            if let Some(replacement) = replacement {
                self.replace(&in_force, replacement).await;
                continue;
            }
            match self.refresh(&in_force.gateway()).await {
                Ok(()) => failing = false,
                Err(error) if failing => tracing::debug!(%error, "snapshot not refreshed"),
                Err(error) => {
                    failing = true;
                    tracing::warn!(%error, "snapshot not refreshed; the last good one stays in force");
                }
            }
        }
    }

    async fn refresh(&self, gateway: &Gateway) -> Result<(), StoreError> {
        let current = gateway.snapshot.load_full();
        if self.maker.store.revision().await? == current.keyring.revision() {
            return Ok(());
        }
        let next = self.maker.make(Some(&current)).await?;
        tracing::info!(
            revision = next.keyring.revision(),
            keys = next.keyring.len(),
            "new snapshot"
        );
        gateway.decide_by(next);
        Ok(())
    }

    /// The snapshot is made once more, of the one in force: what happened to counters and rows while the other
    /// gateway was being built is not lost.
    async fn replace(&mut self, in_force: &InForce, replacement: Replacement) {
        let Replacement {
            gateway,
            maker,
            done,
        } = replacement;
        let current = in_force.gateway().snapshot.load_full();
        let replaced = maker.make(Some(&current)).await.map(|snapshot| {
            let (now, was) = (&snapshot.catalog, &current.catalog);
            let both = |name: &_| Some((&**now.provider(name)?, &**was.provider(name)?));
            snapshot.routing.follow(&current.routing, both);
            gateway.decide_by(snapshot);
            in_force.replace(Arc::new(gateway));
            self.maker = maker;
        });
        // Who asked may have been stopped meanwhile.
        drop(done.send(replaced));
    }
}
