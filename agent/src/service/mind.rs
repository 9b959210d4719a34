//! The loop around the agent's mind: feeds it what happened, does what it says, shows what it sees.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tidegate_agent_core::{Agent, Event, Moment, Settings, View};
use tidegate_redirect::Redirector;
use tidegate_types::{Clock, SystemClock};
use tokio::sync::mpsc;

use super::{Input, act::Act};
use crate::{signature::Verifier, state::Identity};

pub(super) struct Mind<R> {
    pub(super) act: Act<R>,
    pub(super) view: Arc<ArcSwap<Option<View>>>,
    pub(super) identity: Identity,
    pub(super) gateway: String,
}

impl<R: Redirector> Mind<R> {
    /// Never ends by itself, but for what cannot be read from disk at the start.
    pub(super) async fn run(
        mut self,
        mut inputs: mpsc::Receiver<Input>,
        verifier: Verifier,
    ) -> anyhow::Result<()> {
        let clock = SystemClock::default();
        let now = || Moment {
            wall: clock.now(),
            mono: clock.mono(),
            chance: fastrand::u32(..),
        };
        let settings = Settings {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            gateway: self.gateway.clone(),
            device: Some(self.identity.device_id.clone()),
            user: None,
            ask: "Ask your administrator to approve the app; they see it in the Tidegate console."
                .to_owned(),
            long_poll: true,
        };
        let kept = self.act.state.policy()?;
        let validity = self.act.validity()?;
        let verify =
            Box::new(move |document: &[u8], signature: &[u8]| verifier.verify(document, signature));
        let (mut agent, mut actions) =
            Agent::start(settings, verify, kept.as_ref(), validity, now());
        self.act.measure();
        loop {
            for action in actions.drain(..) {
                self.act.perform(action);
            }
            self.view.store(Arc::new(Some(agent.view(&now()))));
            let wake = agent.wake().0.saturating_sub(clock.mono().0);
            let input = tokio::select! {
                input = inputs.recv() => input,
                () = tokio::time::sleep(Duration::from_nanos(wake)) => {
                    Some(Input::Known(Event::Tick))
                }
            };
            actions = match input {
                Some(Input::Known(event)) => {
                    let checked = matches!(event, Event::CheckedIn(..));
                    let actions = agent.handle(event, now());
                    if checked {
                        self.act.measure();
                    }
                    actions
                }
                Some(Input::DeniedProcess(pid)) => {
                    self.act.deny(pid);
                    Vec::new()
                }
                Some(Input::Ended(pid)) => {
                    self.act.ended(pid);
                    Vec::new()
                }
                Some(Input::Resolved(addresses)) => {
                    self.act.resolved(addresses);
                    Vec::new()
                }
                // Whoever sends is part of this agent.
                None => return Ok(()),
            };
        }
    }
}
