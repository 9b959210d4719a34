//! The leaf: renewed in the middle of its life, and when the governed names change.

use std::time::Duration;

use tidegate_types::Timestamp;

use super::{Agent, check_in::DUPLICATE};
use crate::{Action, Attempt, Failure, FailureKind, Moment, Standing, Validity};

const TIMEOUT: Duration = Duration::from_secs(60);
/// Wall clocks are set, so they are looked at again this often.
const LOOK: Duration = Duration::from_secs(3600);
/// Between two renewals, should a gateway give out leaves that are nearly over.
const SHORTEST: Duration = Duration::from_secs(60);

impl Agent {
    pub(super) fn poll_certificate(&mut self, now: Moment, actions: &mut Vec<Action>) {
        if self.certificate.is_overdue(now.mono) {
            let reason = "the gateway did not answer in time".into();
            self.certificate_failed(
                Failure {
                    kind: FailureKind::Unreachable,
                    reason,
                    retry_after: None,
                },
                now,
            );
        }
        if !self.certificate.is_due(now.mono) {
            return;
        }
        let early = self.state.validity.is_some_and(|leaf| now.wall < leaf.from);
        // One that is not valid yet was made by a clock ahead of this one. Either may be set right meanwhile.
        if self.state.validity.is_some() && !early && now.wall < self.state.renew_at {
            let wait = now.wall.until(self.state.renew_at).min(LOOK);
            self.certificate.wait(&now, wait);
            return;
        }
        self.state.renew_again = false;
        actions.push(Action::RenewCertificate {
            attempt: self.certificate.start(&now, TIMEOUT),
            timeout: TIMEOUT,
        });
    }

    pub(super) fn issued(&mut self, attempt: Attempt, validity: Validity, now: Moment) {
        if self.certificate.started(attempt).is_none() {
            return;
        }
        self.state.certificate = None;
        self.state.born_over = validity.to <= now.wall;
        self.hold(validity, now);
        if self.state.renew_again {
            self.state.renew_at = now.wall;
        }
        let until = now.wall.until(self.state.renew_at);
        // By this machine's clock it is half over, or over, or not valid yet: it was made just now, so another one
        // would be no better. Sooner than after an hour only where this one ends sooner.
        let wait = match (self.state.renew_again, validity.from <= now.wall) {
            (false, true) if until.is_zero() => match now.wall.until(validity.to) / 2 {
                Duration::ZERO => LOOK,
                half => half.clamp(SHORTEST, LOOK),
            },
            (false, false) => LOOK,
            _ => until.clamp(SHORTEST, LOOK),
        };
        self.certificate.succeed(&now, wait);
    }

    pub(super) fn certificate_failed(&mut self, failure: Failure, now: Moment) {
        self.state.certificate = Some(failure.reason);
        self.certificate.fail(&now, failure.retry_after);
        if self.state.standing == Standing::Duplicate {
            self.certificate.wait(&now, now.about(DUPLICATE));
        }
    }

    /// From here on this is the leaf. Its renewal lies in the middle of its life, up to a twentieth of
    /// it later: leaves of one day's roll-out are not to be renewed at one minute.
    pub(super) fn hold(&mut self, validity: Validity, now: Moment) {
        let life = validity.from.until(validity.to);
        self.state.renew_at = validity.from.plus(life / 2).plus(now.part(life / 20));
        self.state.validity = Some(validity);
    }

    pub(super) fn names_changed(&mut self, now: Moment) {
        self.state.renew_at = Timestamp::default();
        self.state.renew_again = self.certificate.next().is_none();
        self.certificate.hurry(&now, Duration::from_secs(1));
    }

    /// What is wrong with the leaf that is held, where it is that this machine's clock and the gateway's differ by
    /// more than leaves are made to bear.
    pub(super) fn clocks_differ(&self, now: Timestamp) -> Option<&'static str> {
        let leaf = self.state.validity?;
        if now < leaf.from {
            return Some(
                "this machine's clock is behind the gateway's: apps refuse our certificate until one of them \
                 is set right",
            );
        }
        (self.state.born_over && leaf.to <= now).then_some(
            "this machine's clock is ahead of the gateway's: apps refuse our certificate until one of them is \
             set right",
        )
    }
}
