//! What is done in the homes of this machine, by way of the port.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use tidegate_agent_core::{Attempt, Event, Observation, Outcome, Passed};
use tidegate_device_api::SignedPolicy;
use tidegate_redirect::Redirector;
use tidegate_split::Refused;
use tidegate_types::Timestamp;

use super::{super::inventory, Act, Input};
use crate::{fleet::PassDone, service::fleet::Fleet, state::State};

impl<R: Redirector> Act<R> {
    pub(super) fn pass(
        &self,
        attempt: Attempt,
        policy: &SignedPolicy,
        at: Timestamp,
        timeout: Duration,
    ) {
        let (fleet, inputs, state) = (
            Arc::clone(&self.fleet),
            self.inputs.clone(),
            self.state.clone(),
        );
        let policy = serde_json::to_vec(policy);
        tokio::spawn(async move {
            let passed = pass(&*fleet, &state, policy, at, timeout).await;
            let event = match passed {
                Ok(passed) => Event::Passed(attempt, passed),
                Err(error) => Event::PassFailed(attempt, format!("{error:#}")),
            };
            drop(inputs.send(Input::Known(event)).await);
        });
    }

    /// Hears of files that change and of starts that were refused, until the agent ends.
    pub(in crate::service) fn watch(&self) {
        let (fleet, inputs) = (Arc::clone(&self.fleet), self.inputs.clone());
        tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    () = fleet.changed() => Event::FilesChanged,
                    refused = fleet.refused() => match seen(refused) {
                        Some(event) => event,
                        None => continue,
                    },
                };
                if inputs.send(Input::Known(event)).await.is_err() {
                    return;
                }
            }
        });
    }

    /// This device is none any more: homes are as they were, and nobody is here who could be enrolled.
    pub(super) fn retire(&self, attempt: Attempt, timeout: Duration) {
        let (fleet, inputs, state) = (
            Arc::clone(&self.fleet),
            self.inputs.clone(),
            self.state.clone(),
        );
        tokio::spawn(async move {
            let undone = tokio::time::timeout(timeout, fleet.retire()).await;
            let undone = match undone {
                Ok(Ok(())) => state.retire(),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(anyhow::anyhow!("it did not end in time")),
            };
            let event = match undone {
                Ok(()) => Event::Retired(attempt),
                Err(error) => Event::RetireFailed(attempt, format!("{error:#}")),
            };
            drop(inputs.send(Input::Known(event)).await);
        });
    }
}

/// A start that was refused is told as a connection that was: the person has to know why.
fn seen(refused: Refused) -> Option<Event> {
    Some(Event::Seen(Observation {
        app: refused.app.parse().ok()?,
        version: None,
        path: refused.program,
        uid: refused.uid,
        outcome: Outcome::Denied,
    }))
}

async fn pass(
    fleet: &dyn Fleet,
    state: &State,
    policy: serde_json::Result<Vec<u8>>,
    at: Timestamp,
    timeout: Duration,
) -> anyhow::Result<Passed> {
    let done = tokio::time::timeout(timeout, fleet.pass(policy?));
    let PassDone {
        inventory,
        effects,
        mut problems,
    } = done.await.context("it did not end in time")??;
    let packed = inventory::pack(inventory, at)?;
    let kept = state.inventory().unwrap_or_default();
    // The disk is not written for what it has already.
    if kept.is_none_or(|(bytes, _)| bytes != packed.bytes)
        && let Err(error) = state.keep_inventory(&packed.bytes, at)
    {
        problems.push(format!("the inventory cannot be uploaded: {error:#}"));
    }
    Ok(Passed {
        found: packed.found,
        effects,
        problems,
    })
}
