//! Before a device is one: who it is as kept, by the configured token, or by a person who signs in. Until
//! then the agent governs nothing, and says so to who asks.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use arc_swap::ArcSwap;
use tidegate_agent_core::View;
use tidegate_trust::{Ca, Root, in_bundle};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    config::Config,
    control::Answering,
    device_api::DeviceApi,
    enrol,
    machine::Machine,
    sign_in::Desk,
    state::{Identity, State},
};

/// How often it is looked whether the organisation's CA is trusted, right after enrolment.
const TRUST_LOOK: Duration = Duration::from_millis(100);

/// Where a device comes to be.
pub(super) struct Place<'a> {
    pub(super) config: &'a Config,
    pub(super) state: &'a State,
    pub(super) api: &'a Arc<DeviceApi>,
    pub(super) control: &'a Answering,
}

impl Place<'_> {
    /// Who this device is, as soon as that is known. A device that was removed does not begin by itself, also
    /// where a token still lies there: whoever removed it would find it back at once.
    pub(super) async fn identity(&self) -> anyhow::Result<Identity> {
        let removed = self.state.is_removed()?;
        if !removed && let Some(identity) = self.state.identity()? {
            return Ok(identity);
        }
        let token = match removed {
            true => None,
            false => self.config.enrolment_token()?,
        };
        match token {
            Some(token) => {
                let identity = enrol::enrol(self.api, self.state, token).await?;
                tracing::info!(device = identity.device_id, "enrolled");
            }
            None => self.somebody(removed).await?,
        }
        self.trusted().await?;
        self.state
            .identity()?
            .context("this device has no identity")
    }

    /// Waits for somebody to sign in, or for an administrator's token.
    async fn somebody(&self, removed: bool) -> anyhow::Result<()> {
        tracing::warn!(
            removed,
            "this device is not enrolled and governs nothing: somebody has to run `tidegate-edge login`, or \
             root `tidegate-edge login --token TOKEN`"
        );
        let (gateway, version) = (self.config.gateway.url.clone(), env!("CARGO_PKG_VERSION"));
        let name = Machine::read(Path::new("/")).hostname;
        let view = match removed {
            true => View::removed(gateway, version.to_owned()),
            false => View::signed_out(gateway, version.to_owned(), None),
        };
        let view = View {
            device_name: Some(name),
            ..view
        };
        // Nobody takes what people ask for.
        let (inputs, _) = mpsc::channel(1);
        let desk = Desk::new(
            Arc::clone(self.api),
            self.state.clone(),
            inputs.clone(),
            None,
        );
        let mut waiter = desk.waiter();
        let view = Arc::new(ArcSwap::from_pointee(Some(view)));
        tokio::select! {
            () = self.control.serve(view, inputs, Arc::new(desk)) => {
                anyhow::bail!("nobody can be answered any more")
            }
            enrolled = waiter.wait_for(|&enrolled| enrolled) => {
                enrolled.context("nobody can sign in any more")?;
                Ok(())
            }
        }
    }

    /// A fresh device waits for the organisation's CA to be trusted: until then nothing is governed, where
    /// apps would refuse what the agent presents.
    async fn trusted(&self) -> anyhow::Result<()> {
        let patience = Duration::from_secs(self.config.agent.await_trust.into());
        if let Some(pem) = self.state.ca()?.filter(|_| !patience.is_zero()) {
            let ca = Ca::from_pem(&pem)?;
            let here = async {
                while !in_bundle(&Root::system(), &ca) {
                    tokio::time::sleep(TRUST_LOOK).await;
                }
            };
            if timeout(patience, here).await.is_err() {
                tracing::warn!(
                    "this machine does not trust the organisation's CA yet: apps will refuse it"
                );
            }
        }
        Ok(())
    }
}
