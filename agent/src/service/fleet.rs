//! The homes of this machine, as the agent's mind reaches them: a port. Whoever implements it looks at what
//! is in them, puts the policy in force there, looks again, and says what it found.

use std::{future::Future, pin::Pin};

use tidegate_device_api::Inventory;
use tidegate_split::{Refused, Remote};

use crate::fleet::PassDone;

/// Something that will be.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The homes of this machine.
pub trait Fleet: Send + Sync + 'static {
    /// Runs a pass for a policy (a `SignedPolicy` as JSON). No other runs meanwhile.
    ///
    /// # Errors
    /// Nothing was done, and why.
    fn pass(&self, policy: Vec<u8>) -> Later<'_, anyhow::Result<PassDone>>;

    /// Undoes everything that passes did. No pass runs meanwhile.
    ///
    /// # Errors
    /// Something is left; trying again may help.
    fn retire(&self) -> Later<'_, anyhow::Result<()>>;

    /// Done when something that the last pass looked at has changed since the last call.
    fn changed(&self) -> Later<'_, ()>;

    /// The next start of a denied program that was refused.
    fn refused(&self) -> Later<'_, Refused>;
}

/// Where nobody looks at homes: an agent that is one process, for trying it out.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

impl Fleet for Nowhere {
    fn pass(&self, _: Vec<u8>) -> Later<'_, anyhow::Result<PassDone>> {
        let why = "an agent that is one process (agent.user is empty) does not look at homes";
        Box::pin(std::future::ready(Err(anyhow::anyhow!(why))))
    }

    fn retire(&self) -> Later<'_, anyhow::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn changed(&self) -> Later<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn refused(&self) -> Later<'_, Refused> {
        Box::pin(std::future::pending())
    }
}

/// By way of the loader, which may read them. A policy of no length undoes everything.
impl Fleet for Remote {
    fn pass(&self, policy: Vec<u8>) -> Later<'_, anyhow::Result<PassDone>> {
        Box::pin(async move {
            // Nothing else of this process waits for it: a worker is taken out of the pool meanwhile.
            let answer = tokio::task::block_in_place(|| Self::pass(self, &policy))?;
            let done: PassDone = serde_json::from_slice(&answer)?;
            // Nobody looked, or it would say where. An empty machine is not what the gateway is to be told.
            let looked = done.inventory != Inventory::default() || done.problems.is_empty();
            anyhow::ensure!(looked, "{}", done.problems.join("; "));
            Ok(done)
        })
    }

    fn retire(&self) -> Later<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let answer = tokio::task::block_in_place(|| Self::pass(self, &[]))?;
            let done: PassDone = serde_json::from_slice(&answer)?;
            match done.problems.first() {
                Some(problem) => Err(anyhow::anyhow!("{problem}")),
                None => Ok(()),
            }
        })
    }

    fn changed(&self) -> Later<'_, ()> {
        Box::pin(Self::changed(self))
    }

    fn refused(&self) -> Later<'_, Refused> {
        Box::pin(async move {
            match Self::refused(self).await {
                Some(refused) => refused,
                // The loader is gone, and this process is about to hear it elsewhere.
                None => std::future::pending().await,
            }
        })
    }
}
