//! The fleet: passes over the homes of this machine, their effects, the inventory.

use std::time::Duration;

use tidegate_policy::Decision;

use super::{Agent, FLOOR};
use crate::{
    Action, Attempt, Failure, Moment, PassReason, Passed,
    effects::report,
    passes::{EVERY, TIMEOUT},
};

/// For the upload of an inventory.
const UPLOAD: Duration = Duration::from_secs(120);
/// Devices that got a decision at one moment do not all report at one moment.
pub(super) const SPREAD: Duration = Duration::from_millis(500);
/// Between the beginnings of two check-ins while none waits at the gateway: a decision would not be heard.
/// What leads to this is the gateway's own doing, so it does not happen more often than it wants.
const DEAF: Duration = Duration::from_millis(1_500);
/// Problems of a pass that are shown.
const MOST_PROBLEMS: usize = 20;

impl Agent {
    pub(super) fn poll_pass(&mut self, now: Moment, actions: &mut Vec<Action>) {
        if self.passes.is_overdue(now.mono) {
            self.pass_is_no_good("it did not end in time".into(), now);
        }
        if !self.passes.is_due(now.mono) {
            return;
        }
        // Every enrolled device has a policy, but where it was damaged on disk.
        let Some(policy) = self.force.signed().cloned() else {
            return self.passes.rest(&now);
        };
        let revision = self.force.revision();
        let (attempt, reason) = self.passes.start(revision, &now);
        actions.push(Action::FleetPass {
            attempt,
            policy,
            revision,
            reason,
            timeout: TIMEOUT,
        });
    }

    pub(super) fn files_changed(&mut self, now: Moment) {
        self.passes.want(PassReason::Changed, &now);
    }

    pub(super) fn passed(
        &mut self,
        attempt: Attempt,
        passed: Passed,
        now: Moment,
        actions: &mut Vec<Action>,
    ) {
        let Some(revision) = self.passes.started(attempt) else {
            return;
        };
        let asked = self.passes.was_asked_for();
        self.passes.succeed(&now);
        self.state.problems = passed.problems;
        self.state.problems.truncate(MOST_PROBLEMS);
        let before = self.state.found.replace(passed.found);
        let news = before.map(|found| found.hash) != self.hash();
        if news || asked {
            self.tell_and_hear_soon(FLOOR, now);
        }
        if revision == self.force.revision()
            && let Some(document) = self.force.document()
        {
            let ask = &self.settings.ask;
            let (notices, keep) = self.servers.news(&passed.effects, document, ask);
            actions.extend(keep.map(Action::KeepTold));
            actions.extend(notices.into_iter().map(Action::Notify));
        }
        self.state.passed = (revision, passed.effects);
        self.weigh(now);
    }

    pub(super) fn pass_failed(&mut self, attempt: Attempt, reason: String, now: Moment) {
        if self.passes.started(attempt).is_some() {
            self.pass_is_no_good(reason, now);
        }
    }

    /// What an earlier pass found about the same policy still stands; about an older one it does not.
    fn pass_is_no_good(&mut self, reason: String, now: Moment) {
        let revision = self.passes.revision();
        self.passes.fail(&now);
        self.state.problems = vec![format!(
            "the homes of this machine were not looked at: {reason}"
        )];
        if self.state.passed.0 != revision {
            self.state.passed = (revision, Vec::new());
        }
        self.weigh(now);
    }

    /// Puts together what came of the decisions, and has the gateway hear it where that is news.
    pub(super) fn weigh(&mut self, now: Moment) {
        let report = self.force.document().and_then(|document| {
            let (revision, passed) = &self.state.passed;
            // Of a policy that was not applied, measured and passed yet nothing can be said.
            if !self.state.measured || *revision != document.revision {
                return None;
            }
            let problem = self.state.applied.as_deref();
            let socket = match (problem, self.redirection.effective) {
                (Some(problem), _) => Err(problem),
                (None, false) => {
                    let problem = self.redirection.problem.as_deref();
                    Err(problem.unwrap_or("the redirection is not in force"))
                }
                (None, true) => Ok(()),
            };
            let rules = document.apps.iter();
            let named = rules.filter(|rule| rule.decision == Decision::Denied);
            let named = named.map(|rule| &rule.app);
            let seen = self.statistics.apps().map(|(app, _)| app).filter(|app| {
                let has_rule = document.apps.iter().any(|rule| rule.app == **app);
                !has_rule && document.default_decision == Decision::Denied
            });
            let apps = named.chain(seen).cloned();
            Some(report(document, apps, socket, passed))
        });
        if self.effects.set(report) {
            self.tell_and_hear_soon(FLOOR / 2, now);
        }
    }

    /// As [`Self::tell_soon`], and sooner while no check-in waits at the gateway.
    fn tell_and_hear_soon(&mut self, floor: Duration, now: Moment) {
        let waits = self.check_in.next().is_none() && !self.state.wait.is_zero();
        self.tell_soon(if waits { floor } else { floor.min(DEAF) }, now);
    }

    /// Has the gateway hear news soon: at least `floor` after the last check-in began. A check-in that only
    /// waits there is given up for it. One that does not answer is not asked more often for that.
    pub(super) fn tell_soon(&mut self, floor: Duration, now: Moment) {
        if self.state.control.is_err() {
            return;
        }
        let since = self
            .state
            .began
            .map_or(floor, |began| now.mono.since(began));
        let at = now.after(floor.saturating_sub(since).max(now.part(SPREAD)));
        self.state.tell_at = Some(self.state.tell_at.map_or(at, |before| before.min(at)));
    }

    /// The hash of what is on this device.
    pub(super) fn hash(&self) -> Option<String> {
        self.state.found.as_ref().map(|found| found.hash.clone())
    }

    pub(super) fn poll_upload(&mut self, now: Moment, actions: &mut Vec<Action>) {
        if self.upload.is_overdue(now.mono) {
            self.upload.fail(&now, None);
        }
        if !self.upload.is_due(now.mono) {
            return;
        }
        let hash = self.hash().filter(|_| self.state.wanted);
        let Some(hash) = hash else {
            return self.upload.wait(&now, EVERY);
        };
        actions.push(Action::UploadInventory {
            attempt: self.upload.start(&now, UPLOAD),
            hash,
            timeout: UPLOAD,
        });
    }

    /// The gateway says whether it lacks the inventory.
    pub(super) fn inventory_wanted(&mut self, wanted: bool, now: Moment) {
        if wanted && !self.state.wanted {
            self.upload.hurry(&now, SPREAD);
        }
        self.state.wanted = wanted;
    }

    pub(super) fn uploaded(&mut self, attempt: Attempt, now: Moment) {
        if self.upload.started(attempt).is_some() {
            self.state.wanted = false;
            self.upload.succeed(&now, EVERY);
            // Check-ins were answered at once while it was missing: the next one can wait at the gateway,
            // or a decision would come an interval late.
            self.tell_and_hear_soon(FLOOR / 2, now);
        }
    }

    pub(super) fn upload_failed(&mut self, attempt: Attempt, failure: &Failure, now: Moment) {
        if self.upload.started(attempt).is_some() {
            self.upload.fail(&now, failure.retry_after);
        }
    }
}
