//! The end of a device: an admin removed it, so that it governs nothing any more and undoes what it did.

use std::{sync::Arc, time::Duration};

use tidegate_policy::Document;

use super::Agent;
use crate::{Action, Attempt, Moment, Standing, task::Task};

/// For undoing everything in all homes.
const TIMEOUT: Duration = Duration::from_secs(300);
/// How soon it is looked again whether a pass has ended.
const LOOK: Duration = Duration::from_secs(1);
/// There is nothing to be done any more; it is only that the shell wants to know when to come back.
const NOTHING: Duration = Duration::from_secs(86_400);

impl Agent {
    /// Lets go of everything. From here on nothing is governed, whatever comes of the undoing.
    pub(super) fn removed(&mut self, now: Moment) {
        if self.state.standing == Standing::Removed {
            return;
        }
        self.state.standing = Standing::Removed;
        self.force.release();
        self.effects.set(None);
        self.retire = Task::new(now.mono);
    }

    pub(super) fn poll_retire(&mut self, now: Moment, actions: &mut Vec<Action>) {
        if !self.state.released {
            self.state.released = true;
            actions.push(Action::Apply(Arc::new(Document::ungoverned())));
        }
        if self.retire.is_overdue(now.mono) {
            self.retire.fail(&now, None);
        }
        if !self.retire.is_due(now.mono) {
            return;
        }
        if self.state.retired {
            return self.retire.wait(&now, NOTHING);
        }
        // What a pass does now would be left.
        if self.passes.is_running() && !self.passes.is_overdue(now.mono) {
            return self.retire.wait(&now, LOOK);
        }
        actions.push(Action::Retire {
            attempt: self.retire.start(&now, TIMEOUT),
            timeout: TIMEOUT,
        });
    }

    pub(super) fn retired(&mut self, attempt: Attempt, now: Moment) {
        if self.retire.started(attempt).is_some() {
            self.state.retired = true;
            self.state.problems.clear();
            self.retire.succeed(&now, NOTHING);
        }
    }

    pub(super) fn retire_failed(&mut self, attempt: Attempt, reason: &str, now: Moment) {
        if self.retire.started(attempt).is_some() {
            self.state.problems = vec![format!("not everything is undone yet: {reason}")];
            self.retire.fail(&now, None);
        }
    }
}
