//! The loop around the agent's mind: feeds it what happened, does what it says, shows what it sees.

use std::{path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tidegate_agent_core::{Agent, Event, Moment, Settings, View};
use tidegate_device_api::AccessRequest;
use tidegate_redirect::Redirector;
use tidegate_types::{Clock, SystemClock};
use tokio::sync::mpsc;
use uuid::Builder;

use super::{Asked, Input, act::Act};
use crate::{machine::Machine, signature::Verifier, state::Identity};

/// How a person asks for what is denied.
const ASK: &str =
    "Ask for it with `tidegate-edge request`; your administrator sees it in the Tidegate console.";

pub(super) struct Mind<R> {
    pub(super) act: Act<R>,
    pub(super) view: Arc<ArcSwap<Option<View>>>,
    pub(super) identity: Identity,
    pub(super) gateway: String,
}

impl<R: Redirector> Mind<R> {
    fn settings(&self) -> Settings {
        let machine = self.identity.knows_machine;
        Settings {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            gateway: self.gateway.clone(),
            device: Some(self.identity.device_id.clone()),
            user: None,
            device_name: Some(Machine::read(Path::new("/")).hostname),
            ask: ASK.to_owned(),
            long_poll: true,
            machine_id_hash: machine.then(|| Machine::read(Path::new("/")).id).flatten(),
        }
    }

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
        let verify =
            Box::new(move |document: &[u8], signature: &[u8]| verifier.verify(document, signature));
        let kept = self.act.left()?;
        let (mut agent, mut actions) = Agent::start(self.settings(), verify, kept, now());
        self.act.watch();
        let mut measure = true;
        loop {
            for action in actions.drain(..) {
                self.act.perform(action, clock.now());
            }
            // What was applied just now is measured, not what was before.
            if std::mem::take(&mut measure) {
                self.act.measure();
                self.act.forget_ended();
            }
            self.view.store(Arc::new(Some(agent.view(&now()))));
            let wake = agent.wake().0.saturating_sub(clock.mono().0);
            let input = tokio::select! {
                input = inputs.recv() => input,
                () = tokio::time::sleep(Duration::from_nanos(wake)) => {
                    Some(Input::Known(Event::Tick))
                }
            };
            match input {
                Some(Input::Known(event)) => {
                    measure = matches!(event, Event::CheckedIn(..));
                    actions = agent.handle(event, now());
                }
                Some(Input::DeniedProcess(pid)) => self.act.deny(pid),
                Some(Input::Resolved(addresses)) => self.act.resolved(addresses),
                Some(Input::Asked(asked)) => actions = take(&mut agent, asked, now()),
                // Whoever sends is part of this agent.
                None => return Ok(()),
            }
        }
    }
}

/// Takes what a person asks for, and tells them.
fn take(agent: &mut Agent, asked: Asked, now: Moment) -> Vec<tidegate_agent_core::Action> {
    let chance = fastrand::u128(..).to_be_bytes();
    let (_, tail) = chance.split_at(6);
    let tail = tail.try_into().unwrap_or_default();
    let id = Builder::from_unix_timestamp_millis(now.wall.millis(), &tail).into_uuid();
    let request = AccessRequest {
        id: id.to_string(),
        wanted: asked.wanted,
        reason: asked.reason,
        user: asked.user,
    };
    let (taken, actions) = agent.ask(request, now);
    // Who asked may be gone.
    let _heard = asked.answer.send(taken.map_err(|error| error.to_string()));
    actions
}
