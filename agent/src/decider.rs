//! Decides about connections: asks the OS who opened one, and the policy in force what is done.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use tidegate_mitm::{Decider, Event, Judged, Observer, Refused, Untouched};
use tidegate_policy::{AppId, Document, FailMode, HostName, Subject, Verdict};
use tidegate_redirect::Opener;
use tidegate_split::Attributed;
use tokio::sync::mpsc;

use crate::{service::Input, who::Who};

/// The policy in force, shared by all connections.
pub type Force = Arc<ArcSwap<Document>>;

/// Decides by the policy in force.
pub struct PolicyDecider {
    force: Force,
    people: Arc<dyn Who>,
    inputs: mpsc::Sender<Input>,
}

impl PolicyDecider {
    /// With the policy in force, who knows openers, and whom to tell of denied processes.
    #[must_use]
    pub fn new(force: Force, people: Arc<dyn Who>, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            force,
            people,
            inputs,
        }
    }

    fn who(&self, opener: Option<&Opener>) -> Attributed {
        match opener {
            // Files are read, and they may lie anywhere; a worker is taken out of the pool meanwhile.
            Some(opener) => tokio::task::block_in_place(|| self.people.who(opener)),
            None => Attributed {
                app: AppId::unknown(),
                version: None,
                user: String::new(),
                program: String::new(),
            },
        }
    }
}

impl Decider for PolicyDecider {
    fn decide(&self, opener: Option<&Opener>, host: Option<&HostName>) -> Judged {
        let Attributed {
            app,
            version,
            user,
            program: process,
        } = self.who(opener);
        let policy = self.force.load();
        let verdict = policy.decide(Subject { app: &app, host });
        if let (Verdict::Deny(_), Some(opener)) = (&verdict, opener) {
            // Full: then it is refused here again, which is only later.
            let _told = self.inputs.try_send(Input::DeniedProcess(opener.pid));
        }
        Judged {
            verdict,
            app,
            version,
            user,
            uid: opener.map(|opener| opener.uid),
            process,
        }
    }

    fn fail(&self) -> FailMode {
        self.force.load().fail
    }

    fn revision(&self) -> u64 {
        self.force.load().revision
    }
}

/// Passes what happens on to the agent's mind. What does not fit its queue is only counted.
pub struct Watcher {
    inputs: mpsc::Sender<Input>,
    /// The last call could not be relayed.
    down: AtomicBool,
}

impl Watcher {
    /// With the mind's queue.
    #[must_use]
    pub const fn new(inputs: mpsc::Sender<Input>) -> Self {
        Self {
            inputs,
            down: AtomicBool::new(false),
        }
    }

    fn tell(&self, known: tidegate_agent_core::Event) {
        if self.inputs.try_send(Input::Known(known)).is_err() {
            tracing::debug!("more happens than can be told apart");
        }
    }

    /// Says when the way to the gateway goes and comes, once each time.
    fn relay(&self, down: bool) {
        if self.down.swap(down, Ordering::Relaxed) != down {
            let reason = || "the gateway could not be reached".to_owned();
            let result = if down { Err(reason()) } else { Ok(()) };
            self.tell(tidegate_agent_core::Event::Relay(result));
        }
    }
}

impl Observer for Watcher {
    fn observe(&self, event: &Event<'_>) {
        use tidegate_agent_core::{Event as Known, Observation, Outcome};
        let seen = |judged: &Judged, outcome| {
            Known::Seen(Observation {
                app: judged.app.clone(),
                version: judged.version.clone(),
                path: judged.process.clone(),
                uid: judged.uid,
                outcome,
            })
        };
        let known = match event {
            Event::Relayed { judged, .. } => {
                self.relay(false);
                seen(judged, Outcome::Relayed)
            }
            Event::Denied { judged, .. } => seen(judged, Outcome::Denied),
            Event::Pinned { judged, .. } => seen(judged, Outcome::Pinned),
            Event::Untouched {
                why: Untouched::FailedOpen,
                ..
            }
            | Event::Refused {
                why: Refused::FailedClosed,
                ..
            }
            | Event::Direct { .. } => return self.relay(true),
            _ => return,
        };
        self.tell(known);
    }
}
