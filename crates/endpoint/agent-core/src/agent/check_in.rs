//! Check-ins: when, what goes up, what comes down.

use std::time::Duration;

use tidegate_device_api::{CheckInRequest, CheckInResponse, SignedPolicy};
use tidegate_policy::{Document, HostName};

use super::{Agent, FLOOR, interval};
use crate::{Action, Attempt, Failure, FailureKind, Moment};

/// The most that the protocol lets a check-in wait.
const LONGEST_WAIT: u32 = 300;
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
        if !self.check_in.is_due(now.mono) {
            return;
        }
        let wait_seconds = self.wait_seconds();
        let timeout = Duration::from_secs(u64::from(wait_seconds)) + TIMEOUT;
        self.state.began = Some(now.mono);
        self.state.waited = wait_seconds > 0;
        actions.push(Action::CheckIn {
            attempt: self.check_in.start(&now, timeout),
            request: CheckInRequest {
                revision: self.force.revision(),
                wait_seconds,
                agent_version: self.settings.agent_version.clone(),
                effective: self.redirection.effective && self.state.applied.is_none(),
                problem: self.problem(),
                apps: self.statistics.send(),
                ..CheckInRequest::default()
            },
            timeout,
        });
    }

    /// The first one after a start or a failure is answered at once: it tells whether all is well.
    fn wait_seconds(&self) -> u32 {
        if !self.settings.long_poll || !self.state.may_wait {
            return 0;
        }
        u32::try_from(self.state.interval.as_secs()).map_or(LONGEST_WAIT, |s| s.min(LONGEST_WAIT))
    }

    fn problem(&self) -> Option<String> {
        let not_taken = self.state.policy.clone();
        let not_obeyed = self.state.applied.clone();
        not_obeyed
            .or_else(|| self.redirection.problem.clone())
            .or(not_taken)
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
        self.state.last_check_in = Some(now.wall);
        self.state.control = Ok(());
        self.state.may_wait = true;
        self.state.interval = interval(response.next_seconds);
        self.state.policy = None;
        let news = response
            .policy
            .is_some_and(|policy| self.take(policy, now, actions));
        // Counted from the beginning of this one: where the gateway held it for the whole interval, the
        // next begins at once, and where it did not, it is not asked more often for that. One decision
        // is often followed by others.
        // One that was answered at once (the first, or the one after a failure) is followed soon by one
        // that waits, or decisions of the first interval would come late.
        let soon = self.settings.long_poll && !self.state.waited;
        let wanted = match (news, soon) {
            (_, true) => (FLOOR + now.part(FLOOR)) / 2,
            (true, false) => FLOOR + now.part(FLOOR / 2),
            (false, false) => now.about(self.state.interval).max(FLOOR),
        };
        let next = wanted.saturating_sub(now.mono.since(began));
        self.check_in.succeed(&now, next);
    }

    pub(super) fn check_in_failed(&mut self, failure: Failure, now: Moment) {
        self.statistics.unanswered();
        self.state.may_wait = false;
        self.state.control = Err(match failure.kind {
            FailureKind::Unauthorized => {
                format!(
                    "the gateway does not accept this device: {}",
                    failure.reason
                )
            }
            FailureKind::Unreachable | FailureKind::Refused => failure.reason,
        });
        self.check_in.fail(&now, failure.retry_after);
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
                if before.is_none_or(|before| names(&before) != names(&document)) {
                    self.names_changed(now);
                }
                actions.push(Action::Keep(signed));
                actions.push(Action::Apply(document));
                true
            }
        }
    }
}

fn names(document: &Document) -> std::collections::BTreeSet<&HostName> {
    document.governed_names().collect()
}
