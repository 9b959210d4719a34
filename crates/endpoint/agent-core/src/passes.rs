//! When passes are run: at once for a policy or an admin, shortly after files have changed, and every
//! hour. One at a time; what happens during one leads to another.

use std::time::Duration;

use tidegate_types::Mono;

use crate::{Attempt, Moment, PassReason, task::Task};

/// Between two passes when nothing happens.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);
/// Files are often written several times in a row.
pub(crate) const DEBOUNCE: Duration = Duration::from_millis(200);
/// Between the beginnings of two passes, where files that change are the reason.
pub(crate) const GAP: Duration = Duration::from_secs(2);
/// Between two looks because an app is at work.
pub(crate) const AT_WORK: Duration = Duration::from_secs(20);
/// How long a pass may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(crate) struct Passes {
    task: Task,
    /// Why the next one is run.
    reason: PassReason,
    /// Why another follows the one that runs.
    again: Option<PassReason>,
    /// When the last one began.
    began: Option<Mono>,
    /// The revision of the one that runs.
    revision: u64,
    /// An admin asked for the one that runs.
    asked: bool,
    /// When an app that is at work was last the reason.
    at_work: Option<Mono>,
    /// It may start more yet: there is another look after the one that comes.
    twice: bool,
}

impl Passes {
    /// The first one is due at once.
    pub(crate) const fn new(now: Mono) -> Self {
        Self {
            task: Task::new(now),
            reason: PassReason::First,
            again: None,
            began: None,
            revision: 0,
            asked: false,
            at_work: None,
            twice: false,
        }
    }

    pub(crate) const fn wake(&self) -> Mono {
        self.task.wake()
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.task.next().is_none()
    }

    pub(crate) fn is_due(&self, now: Mono) -> bool {
        self.task.is_due(now)
    }

    pub(crate) fn is_overdue(&self, now: Mono) -> bool {
        self.task.is_overdue(now)
    }

    /// Something calls for a pass.
    pub(crate) fn want(&mut self, reason: PassReason, now: &Moment) {
        if self.is_running() {
            self.again = self.again.max(Some(reason));
            return;
        }
        self.reason = self.reason.max(reason);
        let at = self.earliest(reason, now);
        self.task.bring(at);
    }

    /// An app is at work: what it was told by argument or environment to start stands in no file that is watched.
    pub(crate) fn at_work(&mut self, now: &Moment) {
        if self.at_work.is_none_or(|at| now.mono.since(at) >= AT_WORK) {
            (self.at_work, self.twice) = (Some(now.mono), true);
            self.want(PassReason::Changed, now);
        }
    }

    fn earliest(&self, reason: PassReason, now: &Moment) -> Mono {
        match reason {
            PassReason::Changed => {
                let since = self.began.map_or(GAP, |began| now.mono.since(began));
                now.after(GAP.saturating_sub(since).max(DEBOUNCE))
            }
            _ => now.mono,
        }
    }

    pub(crate) fn start(&mut self, revision: u64, now: &Moment) -> (Attempt, PassReason) {
        let reason = std::mem::replace(&mut self.reason, PassReason::Hourly);
        (self.began, self.revision) = (Some(now.mono), revision);
        self.asked = reason == PassReason::Asked;
        (self.task.start(now, TIMEOUT), reason)
    }

    /// The revision of a pass that runs; none where it is not the one that does.
    pub(crate) fn started(&self, attempt: Attempt) -> Option<u64> {
        self.task.started(attempt).map(|_| self.revision)
    }

    /// The revision of the pass that runs, or ran last.
    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether an admin waits for the pass that runs, or ran last.
    pub(crate) const fn was_asked_for(&self) -> bool {
        self.asked
    }

    pub(crate) fn succeed(&mut self, now: &Moment) {
        self.task.succeed(now, now.about(EVERY));
        if std::mem::take(&mut self.twice) {
            self.want(PassReason::Changed, now);
        }
        self.go_on(now);
    }

    pub(crate) fn fail(&mut self, now: &Moment) {
        self.task.fail(now, None);
        self.go_on(now);
    }

    fn go_on(&mut self, now: &Moment) {
        if let Some(reason) = self.again.take() {
            self.want(reason, now);
        }
    }

    /// There is nothing to be done.
    pub(crate) fn rest(&mut self, now: &Moment) {
        self.task.wait(now, EVERY);
    }
}
