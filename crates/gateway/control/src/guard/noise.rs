//! What callers can have written to the audit log without being let in: failed sign-ins and refused
//! calls. Both are rationed, so that a flood cannot fill the log; what was left out is counted, and the
//! next entry says how much that was.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tidegate_store::Actor;
use tidegate_types::Mono;

use super::identity::Admin;
use crate::{
    app::App,
    problem::Problem,
    throttle::{Throttle, Who},
};

/// Callers whose refusals are counted at once.
const REMEMBERED: usize = 4_096;

/// Failed sign-ins that are audited at once, and how long until one more is.
pub(crate) const SIGN_INS: (u32, Duration) = (200, Duration::from_secs(5));

/// Refused calls of one caller that are ordinary: a console that asks for more than it may.
pub(crate) const REFUSALS: (u32, Duration) = (20, Duration::from_secs(3));

/// How often a caller's refused calls are audited.
pub(crate) const TOLD: (u32, Duration) = (1, Duration::from_secs(60));

#[derive(Debug)]
pub(crate) struct Noise {
    counts: Throttle,
    sign_ins_left_out: AtomicU64,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            counts: Throttle::new(REMEMBERED),
            sign_ins_left_out: AtomicU64::new(0),
        }
    }
}

impl Noise {
    /// Audits that a sign-in failed: for whom, from where, and why; never a password.
    pub(crate) async fn sign_in_failed(
        &self,
        app: &App,
        email: &str,
        mut detail: Value,
    ) -> Result<(), Problem> {
        if self
            .counts
            .attempt(&Who::SignIns, app.clock.mono())
            .is_err()
        {
            self.sign_ins_left_out.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let left_out = self.sign_ins_left_out.swap(0, Ordering::Relaxed);
        if let (1.., Some(detail)) = (left_out, detail.as_object_mut()) {
            detail.insert("left_out_before".to_owned(), left_out.into());
        }
        let audit = app
            .store
            .append_audit(Actor::System, "session.refuse", email, detail);
        Ok(audit.await?)
    }

    /// Counts a refused call, and audits once a minute that there are many.
    pub(super) async fn refused(&self, app: &App, admin: &Admin, what: &str) {
        let actor = admin.actor();
        if !self.spikes(actor, app.clock.mono()) {
            return;
        }
        let detail = json!({ "role": admin.grant().role().name(), "latest": what });
        let target = actor.to_string();
        let audit = app
            .store
            .append_audit(actor, "permission.refuse", &target, detail);
        if let Err(error) = audit.await {
            tracing::error!(%error, "a spike of refused calls could not be audited");
        }
    }

    fn spikes(&self, actor: Actor, now: Mono) -> bool {
        self.counts.attempt(&Who::Refused(actor), now).is_err()
            && self.counts.attempt(&Who::Told(actor), now).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_refusals_are_told_once_a_minute() {
        let noise = Noise::default();
        let told = |now: u64| noise.spikes(Actor::Cli, Mono(now));
        assert_eq!((0..20).filter(|_| told(1)).count(), 0, "a few are ordinary");
        assert_eq!((0..1_000).filter(|_| told(1)).count(), 1);
        let minute = 60_000_000_000;
        assert_eq!((0..1_000).filter(|_| told(1 + minute)).count(), 1);
    }
}
