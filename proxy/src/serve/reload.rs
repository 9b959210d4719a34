//! Takes up a configuration that changed on the disk: read and validated whole, built beside the one in force, and
//! then put in its place in one step. One that is no good changes nothing, and says why.
//!
//! The contents of all files are looked at, by hash, every second. Watches of the kernel would be quicker, but a
//! configuration is replaced by renames and by links that are turned (Kubernetes does both), comes over networks
//! and through bind mounts, and names files all over the disk: a watch that is set on the wrong side of one of these
//! is silent, and to read some kilobytes is cheap. What changed is taken up once it stood for two looks, so that no
//! file is read while it is written; who cannot wait sends SIGHUP.

use std::{path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tidegate_control::{Configuration, RefusedConfiguration};
use tidegate_store::StoreError;
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    build::{Built, Lasting, build},
    exporters::Exporters,
};
use crate::{
    config::{Config, Files},
    gateway::InForce,
    listener::Doors,
    snapshots::{Maker, Replacement},
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// What the key of digests is derived for (BLAKE3's key derivation).
const DIGESTS: &str = "tidegate 2026-11 configuration: digests of files";

/// Told what became of a look.
pub(super) type Asked = oneshot::Sender<Result<(), String>>;

/// Keeps the configuration in force up to date with the disk.
pub(super) struct Reloader {
    pub(super) path: PathBuf,
    pub(super) lasting: Lasting,
    pub(super) in_force: Arc<InForce>,
    /// The configuration in force.
    pub(super) config: Config,
    /// What makes its snapshots.
    pub(super) maker: Arc<Maker>,
    pub(super) replacements: mpsc::Sender<Replacement>,
    pub(super) doors: Arc<Doors>,
    pub(super) exporters: Arc<Exporters>,
    pub(super) state: Arc<ArcSwap<Configuration>>,
    pub(super) asked: mpsc::Receiver<Asked>,
}

/// Why a configuration is not in force.
enum Refused {
    /// It is no good: another content has to come.
    For(String),
    /// It could not be tried: it is tried again.
    Now(String),
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        let why = format!("{error:#}");
        match error.downcast_ref::<StoreError>() {
            Some(StoreError::Unavailable(_)) => Self::Now(why),
            _ => Self::For(why),
        }
    }
}

/// What is known of the configuration at start.
pub(super) fn at_start(config: &Config, lasting: &Lasting) -> Configuration {
    let now = lasting.clock.now();
    let digest = digest(&config.files, lasting);
    lasting.metrics.configuration_in_force(&digest, now);
    Configuration {
        digest,
        since: now,
        refused: None,
    }
}

fn digest(files: &Files, lasting: &Lasting) -> String {
    files.digest(&blake3::derive_key(
        DIGESTS,
        lasting.edge.seal_key().expose(),
    ))
}

impl Reloader {
    /// Looks until shutdown.
    pub(super) async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        // What was read last, whatever came of it, and what was seen in the look before.
        let mut judged = self.config.files.clone();
        let mut seen = None;
        loop {
            let asked = tokio::select! {
                asked = self.asked.recv() => asked,
                () = tokio::time::sleep(LOOK) => None,
                _ = shutdown.wait_for(|&down| down) => return,
            };
            if asked.is_none() {
                let before = judged.clone();
                let Ok(now) = tokio::task::spawn_blocking(move || before.as_now()).await else {
                    return;
                };
                let settled = now != judged && seen.as_ref() == Some(&now);
                seen = Some(now);
                if !settled {
                    continue;
                }
            }
            let path = self.path.clone();
            let reading = tokio::task::spawn_blocking(move || Config::read(&path)).await;
            let Ok(reading) = reading else { return };
            let taken = match reading.config {
                Ok(config) => self.take(config).await,
                Err(problems) => Err(Refused::For(problems.to_string())),
            };
            if !matches!(taken, Err(Refused::Now(_))) {
                judged = reading.files;
            }
            let told = self.note(taken, asked.is_some());
            if let Some(asked) = asked {
                // Who asked may not wait for it.
                drop(asked.send(told));
            }
        }
    }

    /// Puts a configuration in force, or leaves everything as it is.
    async fn take(&mut self, mut next: Config) -> Result<(), Refused> {
        if next.files == self.config.files {
            return Ok(());
        }
        let restart = self.config.needs_restart(&next);
        if !restart.is_empty() {
            let keys = restart.join(", ");
            let why = format!(
                "a change of {keys} needs a restart; until then nothing of the file is in force"
            );
            return Err(Refused::For(why));
        }
        let (lasting, in_force) = (self.lasting.clone(), Arc::clone(&self.in_force));
        let same_rules = self.config.guardrails.rules_digest == next.guardrails.rules_digest;
        // In a task of its own: should a library give up on what it is told, the one in force does not.
        let built = tokio::spawn(async move {
            let old = in_force.gateway();
            let built = build(&mut next, &lasting, Some((&old, same_rules))).await;
            built.map(|built| (built, next))
        });
        let built = built.await;
        let (built, next) = built.map_err(|error| Refused::For(error.to_string()))??;
        let Built {
            gateway,
            maker,
            tls,
            exporting,
        } = built;
        self.refuse_lost_guardrails(&maker).await?;
        let (done, replaced) = oneshot::channel();
        let replacement = Replacement {
            gateway,
            maker: Arc::clone(&maker),
            done,
        };
        let stopping = || Refused::Now("the gateway stops".into());
        let sent = self.replacements.send(replacement).await;
        sent.map_err(|_| stopping())?;
        let replaced = replaced.await.map_err(|_| stopping())?;
        replaced.map_err(|error| Refused::from(anyhow::Error::from(error)))?;
        self.doors.change(tls, next.limits.connections);
        self.exporters.begin(exporting);
        for warning in &next.warnings {
            tracing::warn!("{warning}");
        }
        self.maker = maker;
        self.config = next;
        let (now, digest) = (
            self.lasting.clock.now(),
            digest(&self.config.files, &self.lasting),
        );
        self.lasting.metrics.configuration_in_force(&digest, now);
        self.state.store(Arc::new(Configuration {
            digest,
            since: now,
            refused: None,
        }));
        Ok(())
    }

    /// A guardrail that was in force would be left out: its service or its rule is gone. Nothing may pass unseen
    /// because of a file.
    async fn refuse_lost_guardrails(&self, maker: &Maker) -> Result<(), Refused> {
        let before = self.maker.left_out().await;
        let mut lost = maker.left_out().await;
        lost.retain(|name| !before.contains(name));
        if lost.is_empty() {
            return Ok(());
        }
        let names = lost.join("`, `");
        Err(Refused::For(format!(
            "the guardrails `{names}` could not be used any more; change them first"
        )))
    }

    /// Says what came of it: once for each content, and to who asked.
    fn note(&self, taken: Result<(), Refused>, asked: bool) -> Result<(), String> {
        let metrics = &self.lasting.metrics;
        let state = self.state.load_full();
        match taken {
            Ok(()) => {
                metrics.configuration_read(true);
                if state.refused.is_some() {
                    let mended = Configuration {
                        refused: None,
                        ..Configuration::clone(&state)
                    };
                    self.state.store(Arc::new(mended));
                }
                tracing::info!(
                    digest = state.digest,
                    "the configuration on disk is in force"
                );
                Ok(())
            }
            Err(Refused::For(why) | Refused::Now(why)) => {
                metrics.configuration_read(false);
                let known = state.refused.as_ref().is_some_and(|known| known.why == why);
                if asked || !known {
                    tracing::error!(
                        why,
                        "the configuration on disk is not in force; the last good one stays"
                    );
                }
                if !known {
                    let at = self.lasting.clock.now();
                    let refused = RefusedConfiguration {
                        at,
                        why: why.clone(),
                    };
                    self.state.store(Arc::new(Configuration {
                        refused: Some(refused),
                        ..Configuration::clone(&state)
                    }));
                }
                Err(why)
            }
        }
    }
}
