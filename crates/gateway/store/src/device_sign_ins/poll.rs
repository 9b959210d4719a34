//! A device that asks whether its person has confirmed (RFC 8628 §3.4).

use std::time::Duration;

use tidegate_types::KeyHash;

use super::{Stage, confirm::issue, find};
use crate::{Store, StoreError, sql::params};

/// The most seconds between two polls: who is faster waits no longer than the code is good.
const LONGEST_INTERVAL: u64 = 60;

/// What a poll finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polled {
    /// Nobody has confirmed yet.
    Pending,
    /// The same, and it came too early: seconds between polls from now on.
    SlowDown(u64),
    /// The person said no, or may not sign in.
    Denied,
    /// It took too long, or the code was given out already.
    Expired,
    /// Confirmed: the code can be redeemed.
    Done,
}

impl Store {
    /// What became of a sign-in by its device's code; `code` is what the device redeems where it is done.
    /// A poll that comes before its time adds `step` seconds to the time between polls.
    ///
    /// # Errors
    /// `NotFound` when there is no such code.
    pub async fn poll_device_sign_in(
        &self,
        device_code: KeyHash,
        code: KeyHash,
        step: u32,
    ) -> Result<Polled, StoreError> {
        let now = self.now();
        self.write(move |sql| {
            let held = find(sql, "device_code", device_code.into())?;
            let between = Duration::from_secs(held.interval_seconds);
            let early = held.polled_at.is_some_and(|at| now < at.plus(between));
            let interval = match early {
                true => (held.interval_seconds + u64::from(step)).min(LONGEST_INTERVAL),
                false => held.interval_seconds,
            };
            let note =
                "UPDATE device_sign_ins SET polled_at = $2, interval_seconds = $3 WHERE id = $1";
            sql.execute(note, &params![held.id, now, interval])?;
            Ok(match held.stage {
                Stage::Denied => Polled::Denied,
                Stage::Redeemed => Polled::Expired,
                _ if held.shown.expires_at <= now => Polled::Expired,
                _ if early => Polled::SlowDown(interval),
                Stage::Confirmed if held.code_expires_at.is_some() => Polled::Expired,
                Stage::Confirmed => {
                    issue(sql, held.id, code, now)?;
                    Polled::Done
                }
                Stage::Begun | Stage::SignedIn => Polled::Pending,
            })
        })
        .await
    }
}
