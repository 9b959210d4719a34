//! Check-ins: when, what goes up, what comes down.

use std::time::Duration;

use tidegate_device_api::{
    CheckInRequest, CheckInResponse, LONGEST_WAIT, MOST_ALLOWANCES, SignedPolicy,
};
use tidegate_policy::{Document, HostName};

use super::{Agent, FLOOR, fleet::SPREAD, interval};
use crate::{Action, Attempt, Failure, FailureKind, Moment, PassReason, Standing, statistics::cut};

/// Between two tries of a device that is a duplicate.
pub(crate) const DUPLICATE: Duration = Duration::from_secs(3600);
/// How long the check-in after a new policy waits for what comes of it, to take it along. It goes as soon as
/// that is known.
pub(crate) const EFFECTS: Duration = Duration::from_secs(2);
/// The longest problem, in bytes.
const LONGEST_PROBLEM: usize = 1024;
/// For everything but the waiting.
const TIMEOUT: Duration = Duration::from_secs(30);

impl Agent {
    pub(super) fn poll_check_in(&mut self, now: Moment, actions: &mut Vec<Action>) {
        if self.check_in.is_overdue(now.mono) {
            let reason = "the gateway did not answer in time".into();
            self.check_in_failed(
                Failure {
                    kind: FailureKind::Unreachable,
                    reason,
                    retry_after: None,
                },
                now,
            );
        }
        if self.state.tell_at.is_some_and(|at| at <= now.mono) {
            // The one that waits at the gateway is given up, and what it said is said again.
            self.unanswered();
        } else if !self.check_in.is_due(now.mono) {
            return;
        }
        self.state.tell_at = None;
        let wait_seconds = self.wait_seconds(now);
        self.state.wait = Duration::from_secs(u64::from(wait_seconds));
        let timeout = self.state.wait + TIMEOUT;
        self.state.began = Some(now.mono);
        let (seq, keep) = self.sequence.next();
        actions.extend(keep.map(Action::KeepSeq));
        actions.push(Action::CheckIn {
            attempt: self.check_in.start(&now, timeout),
            request: CheckInRequest {
                revision: self.force.revision(),
                wait_seconds,
                agent_version: self.settings.agent_version.clone(),
                effective: self.redirection.effective && self.state.applied.is_none(),
                problem: self.problem(now),
                apps: self.statistics.send(),
                seq,
                machine_id_hash: self.settings.machine_id_hash.clone(),
                inventory: self.hash(),
                effects: self.effects.send(),
                requests: self.requests.send(),
                open: self.requests.open(),
            },
            timeout,
        });
    }

    /// The first one after a start or a failure is answered at once: it tells whether all is well. So is one
    /// with what people ask for: they are told when it was heard. The others wait for up to a tenth less than
    /// the interval, so that devices which heard a decision together do not go on in step.
    fn wait_seconds(&self, now: Moment) -> u32 {
        let asks = !self.requests.waiting().is_empty();
        if !self.settings.long_poll || !self.state.may_wait || asks {
            return 0;
        }
        let longest = Duration::from_secs(LONGEST_WAIT.into());
        let whole = self.state.interval.min(longest).as_secs();
        let less = now.part(self.state.interval.min(longest) / 10).as_secs();
        u32::try_from(whole.saturating_sub(less)).unwrap_or(LONGEST_WAIT)
    }

    fn problem(&self, now: Moment) -> Option<String> {
        let not_taken = self.state.policy.clone();
        let not_obeyed = self.state.applied.clone();
        not_obeyed
            .or_else(|| self.redirection.problem.clone())
            .or(not_taken)
            .or_else(|| self.clocks_differ(now.wall).map(str::to_owned))
            .or_else(|| self.state.problems.first().cloned())
            .map(|problem| cut(&problem, LONGEST_PROBLEM))
    }

    /// What the check-in that is on its way said will be said again.
    pub(super) fn unanswered(&mut self) {
        self.statistics.unanswered();
        self.effects.unanswered();
        self.requests.unanswered();
    }

    pub(super) fn checked_in(
        &mut self,
        attempt: Attempt,
        response: CheckInResponse,
        now: Moment,
        actions: &mut Vec<Action>,
    ) {
        let Some(began) = self.check_in.started(attempt) else {
            return;
        };
        self.statistics.answered();
        self.effects.answered();
        let heard = self.requests.answered();
        let answers = self.requests.take(response.answers);
        let answered = !answers.is_empty();
        if heard || answered {
            actions.push(Action::KeepRequests(self.requests.keep()));
        }
        actions.extend(answers.into_iter().map(Action::Answered));
        self.state.last_check_in = Some(now.wall);
        self.state.control = Ok(());
        self.state.standing = Standing::Enrolled;
        self.state.may_wait = true;
        self.state.interval = interval(response.next_seconds);
        self.state.policy = None;
        self.state.person = response.user;
        self.state.budgets = response.budgets;
        self.state.budgets.truncate(MOST_ALLOWANCES);
        self.state.limits = response.limits;
        self.state.limits.truncate(MOST_ALLOWANCES);
        let news = response
            .policy
            .is_some_and(|policy| self.take(policy, now, actions));
        // Said at once, although the check-in was to wait: the next one waits in its place.
        let early = (response.want_inventory && !self.state.wanted) || response.scan || answered;
        self.inventory_wanted(response.want_inventory, now);
        if response.scan {
            self.passes.want(PassReason::Asked, &now);
        }
        // Counted from the beginning of this one: where the gateway held it for the whole interval, the
        // next begins at once, and where it did not, it is not asked more often for that. One decision
        // is often followed by others.
        // One that was answered at once (the first, or the one after a failure) is followed soon by one
        // that waits, or decisions of the first interval would come late.
        let (wait, passed) = (self.state.wait, now.mono.since(began));
        let soon = self.settings.long_poll && (early || wait.is_zero());
        // Nobody hears a decision between two that wait.
        let whole = !wait.is_zero() && passed >= wait && self.state.interval <= wait + wait / 8;
        let wanted = match (news, soon) {
            (_, true) => (FLOOR + now.part(FLOOR)) / 2,
            (true, false) => FLOOR + now.part(FLOOR / 2),
            (false, false) if whole => FLOOR.max(passed + now.part(SPREAD)),
            (false, false) => now.about(self.state.interval).max(FLOOR),
        };
        let least = if news { EFFECTS } else { Duration::ZERO };
        let next = wanted.saturating_sub(passed).max(least);
        self.check_in.succeed(&now, next);
        if self.effects.is_news() || !self.requests.waiting().is_empty() {
            self.tell_soon(FLOOR / 2, now);
        }
    }

    pub(super) fn check_in_failed(&mut self, failure: Failure, now: Moment) {
        self.unanswered();
        self.state.may_wait = false;
        self.state.tell_at = None;
        let refused = |what: &str| format!("{what}: {}", failure.reason);
        let (standing, reason) = match failure.kind {
            FailureKind::Unauthorized => (None, refused("the gateway does not accept this device")),
            FailureKind::Disabled => (Some(Standing::Disabled), refused("this device is disabled")),
            FailureKind::Duplicate => {
                let reason = refused("another machine uses this device's key");
                (Some(Standing::Duplicate), reason)
            }
            FailureKind::Removed => (Some(Standing::Removed), refused("this device was removed")),
            FailureKind::Unreachable | FailureKind::Refused => (None, failure.reason),
        };
        self.state.control = Err(reason);
        self.check_in.fail(&now, failure.retry_after);
        match standing {
            Some(Standing::Removed) => self.removed(now),
            Some(standing) => self.state.standing = standing,
            // No answer says nothing about what the gateway made of this device before.
            None => {}
        }
        if self.state.standing == Standing::Duplicate {
            self.check_in.wait(&now, now.about(DUPLICATE));
        }
    }

    /// Whether it is a new policy.
    fn take(&mut self, signed: SignedPolicy, now: Moment, actions: &mut Vec<Action>) -> bool {
        let before = self.force.document().cloned();
        match self.force.take(&signed) {
            Ok(None) => false,
            Err(error) => {
                self.state.policy = Some(error.to_string());
                false
            }
            Ok(Some(document)) => {
                self.state.applied = None;
                self.state.policy_since = Some(now.wall);
                self.state.measured = false;
                self.passes.want(PassReason::NewPolicy, &now);
                if before.is_none_or(|before| names(&before) != names(&document)) {
                    self.names_changed(now);
                }
                actions.push(Action::Keep(signed));
                actions.push(Action::Apply(document));
                self.weigh(now);
                true
            }
        }
    }
}

fn names(document: &Document) -> std::collections::BTreeSet<&HostName> {
    document.governed_names().collect()
}
