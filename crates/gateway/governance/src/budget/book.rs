//! One budget on one replica, as arithmetic: what the lease holds and what calls hold of it.
//!
//! Where this replica and the store agree that a lease is alive, the store's row for it equals
//! `lease` plus the charges that are settled here and not yet committed there. Everything below
//! keeps that equation; the amounts by which the row may be larger are kept in `doubtful`.

use std::time::Duration;

use tidegate_types::{MicroUsd, Mono, Timestamp};

use super::{Moment, trip::Trip};
use crate::ledger::{LeaseGrant, LeaseRequest};

/// How long a refusal or a failure of the ledger answers for it: a client that hammers an
/// exhausted budget must not hammer the store.
const ANSWER_HOLDS: Duration = Duration::from_millis(250);

/// What one call holds of one budget: to be settled or released once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stub {
    /// The window it was reserved in.
    pub(crate) window_start: Timestamp,
    epoch: u64,
}

/// What the book says to a call that its lease does not cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The ledger failed a moment ago.
    Failing,
    /// The ledger may be asked.
    Open,
    /// The ledger said a moment ago that so much is not left.
    Refused,
}

#[derive(Debug, Clone, Copy)]
struct Refusal {
    until: Mono,
    /// What was refused.
    need: i64,
    /// What nobody had leased.
    left: i64,
    cap: i64,
}

/// See the head of this file. All amounts are micro-USD.
#[derive(Debug, Default)]
pub(super) struct Book {
    window: Option<(Timestamp, Timestamp)>,
    /// Counts the windows entered: holds of an earlier one are not part of `held`.
    epoch: u64,
    /// Granted and not yet settled. Negative: more was settled than granted, a debt to the next.
    lease: i64,
    /// Reserved by calls in flight.
    held: i64,
    /// Until when the lease may be spent from: some time before the store lets it expire.
    deadline: Mono,
    /// The cap of the last grant.
    cap: i64,
    /// Settled spend, by the ledger's last word.
    spent: i64,
    /// What nobody had leased after the last grant, of the present window.
    left: Option<i64>,
    refusal: Option<Refusal>,
    failing_until: Mono,
    /// Reserved since the last upkeep.
    reserved: i64,
    settled_lately: bool,
    /// To be handed back at the next upkeep.
    surplus: i64,
    /// By how much the store's row may be larger than this book thinks.
    doubtful: i64,
    /// The one trip to the ledger that is under way.
    pub(super) trip: Option<Trip>,
}

/// A lease that a renewal names, as it stood when it was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renewal {
    pub(super) window_start: Timestamp,
    lease: i64,
}

impl Book {
    pub(super) fn window(&self) -> Option<(Timestamp, Timestamp)> {
        self.window
    }

    pub(super) fn spent(&self) -> MicroUsd {
        MicroUsd::from_micros(self.spent)
    }

    fn free(&self) -> i64 {
        self.lease.saturating_sub(self.held)
    }

    /// What is lacking for `amount`. A call that costs nothing needs the budget not to be used
    /// up: it takes a share that is not spent yet, be it reserved.
    fn lack(&self, amount: i64) -> i64 {
        if amount == 0 {
            1 - self.lease
        } else {
            amount.saturating_sub(self.free())
        }
    }

    /// Holds `amount` if the lease covers it.
    pub(super) fn hold(&mut self, amount: i64, cap: i64, at: Moment) -> Option<Stub> {
        self.leave_if_over(at);
        let (window_start, _) = self.window?;
        if cap < self.cap {
            self.lower_cap(cap);
        }
        if at.mono >= self.deadline || self.lack(amount) > 0 {
            return None;
        }
        Some(self.add_hold(amount, window_start))
    }

    fn add_hold(&mut self, amount: i64, window_start: Timestamp) -> Stub {
        self.held = self.held.saturating_add(amount);
        self.reserved = self.reserved.saturating_add(amount.max(1));
        Stub {
            window_start,
            epoch: self.epoch,
        }
    }

    /// Holds `amount` without a lease, by the operator's wish, while the ledger fails. The next
    /// lease has to cover it.
    pub(super) fn hold_uncovered(&mut self, amount: i64, guess: (Timestamp, Timestamp)) -> Stub {
        let (window_start, _) = *self.window.get_or_insert(guess);
        self.add_hold(amount, window_start)
    }

    /// What is free was granted under a larger cap: it goes back, and new calls ask anew.
    fn lower_cap(&mut self, cap: i64) {
        self.cap = cap;
        let free = self.free().max(0);
        self.lease -= free;
        self.surplus += free;
    }

    pub(super) fn leave_if_over(&mut self, at: Moment) {
        if self.window.is_some_and(|(_, end)| at.wall >= end) {
            self.leave_window();
        }
    }

    /// Leases end with their window; calls in flight are charged to it, and to no later one.
    fn leave_window(&mut self) {
        let trip = self.trip.take();
        *self = Self {
            epoch: self.epoch + 1,
            cap: self.cap,
            failing_until: self.failing_until,
            trip,
            ..Self::default()
        };
    }

    pub(super) fn state(&self, amount: i64, cap: i64, at: Moment, returned: bool) -> State {
        if at.mono < self.failing_until || (returned && self.failing_until > Mono(0)) {
            return State::Failing;
        }
        let Some(refusal) = self.refusal.filter(|refusal| refusal.cap == cap) else {
            return State::Open;
        };
        // The first sends nobody twice for the same, the second nobody for more than there was.
        let refused = self.lack(amount) >= refusal.need
            || amount.max(1).saturating_sub(self.free().max(0)) > refusal.left;
        let fresh = returned || at.mono < refusal.until;
        if refused && fresh {
            State::Refused
        } else {
            State::Open
        }
    }

    pub(super) fn release(&mut self, stub: Stub, reserved: i64) {
        if stub.epoch == self.epoch {
            self.held -= reserved;
        }
    }

    pub(super) fn settle(&mut self, stub: Stub, reserved: i64, actual: i64) {
        self.release(stub, reserved);
        if self
            .window
            .is_some_and(|(start, _)| start == stub.window_start)
        {
            let before = self.lease;
            self.lease = self.lease.saturating_sub(actual);
            // A store that keeps no negative rows forgets this part when it is committed.
            self.doubtful += (before.min(0) - self.lease.min(0)).max(0);
            self.settled_lately = true;
        }
    }

    /// A lease past its deadline: before anything is added to it, the store must say whether it
    /// is still there.
    pub(super) fn overdue(&self, at: Moment) -> Option<Renewal> {
        let (window_start, end) = self.window?;
        let kept = at.wall < end && (self.lease != 0 || self.held != 0);
        (kept && at.mono >= self.deadline).then_some(Renewal {
            window_start,
            lease: self.lease,
        })
    }

    pub(super) fn renewal_failed(&mut self, now: Mono) {
        self.failing_until = Mono(now.0.saturating_add(nanos(ANSWER_HOLDS)));
    }

    pub(super) fn renewed(&mut self, renewal: Renewal, still_held: bool, deadline: Mono) {
        self.failing_until = Mono(0);
        if self
            .window
            .is_none_or(|(start, _)| start != renewal.window_start)
        {
            return;
        }
        if still_held {
            self.deadline = self.deadline.max(deadline);
        } else {
            // Holds stay: the next lease covers them. So it does what was settled meanwhile, which
            // the store may have taken off no row.
            self.lease = self.lease.saturating_sub(renewal.lease);
            self.doubtful = self.doubtful.saturating_add((-self.lease).max(0));
        }
    }

    /// How much to ask for: what the call lacks, and, once it is known what is left, a share that
    /// spares later calls the trip and still leaves most of it to other replicas.
    pub(super) fn ask(&mut self, amount: i64, cap: i64) -> Option<(i64, i64)> {
        let need = self.lack(amount);
        if need <= 0 {
            self.failing_until = Mono(0);
            return None;
        }
        let share = self.left.map_or(need, |left| left.saturating_sub(need) / 4);
        let chunk = need.saturating_mul(8).max(cap / 50);
        Some((need, chunk.min(share).max(0)))
    }

    pub(super) fn granted(&mut self, request: &LeaseRequest, grant: &LeaseGrant, at: Granting) {
        self.failing_until = Mono(0);
        if self
            .window
            .is_none_or(|(start, _)| start != grant.window_start)
        {
            // A first request may have been granted without our knowledge of the window.
            let doubtful = self.window.map_or(self.doubtful, |_| 0);
            self.leave_window();
            self.doubtful = doubtful;
        }
        self.window = Some((grant.window_start, grant.window_end));
        self.cap = request.cap.micros();
        self.spent = grant.spent.micros();
        let left = request
            .cap
            .saturating_sub(grant.spent)
            .saturating_sub(grant.leased)
            .micros();
        self.left = Some(left.max(0));
        if grant.granted > MicroUsd::ZERO {
            self.lease = self.lease.saturating_add(grant.granted.micros());
            self.deadline = self.deadline.max(at.deadline);
            self.refusal = None;
        } else {
            let until = Mono(at.now.0.saturating_add(nanos(ANSWER_HOLDS)));
            let need = request.need.micros();
            self.refusal = Some(Refusal {
                until,
                need,
                left,
                cap: self.cap,
            });
        }
    }

    /// No answer came: the store may have granted all the same.
    pub(super) fn lease_failed(&mut self, request: &LeaseRequest, now: Mono) {
        self.renewal_failed(now);
        let asked = request.need.saturating_add(request.want).micros();
        self.doubtful = self.doubtful.saturating_add(asked);
    }

    /// What upkeep hands back: the surplus, and what is free beyond twice the use since the last
    /// upkeep. Taken off the lease here, before the store hears of it. A budget that rested since
    /// gives up its doubtful part too: by now its charges are committed, so nothing else is in
    /// the store's row. `all` keeps nothing.
    pub(super) fn take_idle(&mut self, at: Moment, all: bool) -> Option<(Timestamp, i64)> {
        self.leave_if_over(at);
        let (window_start, _) = self.window?;
        let free = self.free().max(0);
        let keep = self.reserved.saturating_mul(2 * i64::from(!all));
        // Small trims are not worth a write.
        let spare = if keep == 0 || free / 2 > keep {
            (free - keep).max(0)
        } else {
            0
        };
        self.lease -= spare;
        let mut back = spare.saturating_add(std::mem::take(&mut self.surplus));
        if self.held <= 0 && self.reserved == 0 && !self.settled_lately {
            // As far as a debt of ours reaches, the row holds nothing to hand back.
            let doubtful = self.lease.saturating_add(self.doubtful).max(0);
            self.doubtful -= doubtful;
            back = back.saturating_add(doubtful);
        }
        (back > 0).then_some((window_start, back))
    }

    /// Nothing says whether the store took it back.
    pub(super) fn give_back_failed(&mut self, window_start: Timestamp, amount: i64) {
        if self.window.is_some_and(|(start, _)| start == window_start) {
            self.doubtful = self.doubtful.saturating_add(amount);
        }
    }

    /// Which lease is in use and to be renewed. Starts a new period of upkeep.
    pub(super) fn take_renewal(&mut self, at: Moment) -> Option<Renewal> {
        let used = std::mem::take(&mut self.reserved) > 0;
        let settled = std::mem::take(&mut self.settled_lately);
        let (window_start, end) = self.window?;
        let in_use = self.held > 0 || self.lease > 0 || used || settled;
        (at.wall < end && in_use).then_some(Renewal {
            window_start,
            lease: self.lease,
        })
    }
}

/// When a grant was asked for and when its answer came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granting {
    /// Until when it may be spent from, counted from the asking.
    pub(super) deadline: Mono,
    /// When the answer came.
    pub(super) now: Mono,
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
