//! What the machine remembers of what happened.

use std::time::Duration;

use tidegate_device_api::{BudgetLeft, Effect, LimitHeld, SignedIn};
use tidegate_types::{Mono, Timestamp};

use crate::{Found, Moment, Standing, Validity};

/// Why nothing was heard from the gateway before the first answer.
pub(crate) const NOT_YET: &str = "not checked in yet";

/// What is remembered of what happened.
#[derive(Debug)]
pub(super) struct State {
    /// Between check-ins, as the gateway said last.
    pub(super) interval: Duration,
    pub(super) last_check_in: Option<Timestamp>,
    /// When the last check-in began.
    pub(super) began: Option<Mono>,
    /// Why the gateway does not answer check-ins; empty before the first answer.
    pub(super) control: Result<(), String>,
    /// Why the last relayed call did not reach the gateway, and when.
    pub(super) relay: Result<(), (Mono, String)>,
    /// Why the policy that came was not taken.
    pub(super) policy: Option<String>,
    /// Why the policy in force is not obeyed.
    pub(super) applied: Option<String>,
    /// Seconds to wait at the gateway may be asked for.
    pub(super) may_wait: bool,
    /// How long the last check-in was to wait there.
    pub(super) wait: Duration,
    pub(super) validity: Option<Validity>,
    pub(super) renew_at: Timestamp,
    /// The governed names changed while a renewal was on its way.
    pub(super) renew_again: bool,
    pub(super) certificate: Option<String>,
    /// The leaf was over by this machine's clock when it was made.
    pub(super) born_over: bool,
    pub(super) standing: Standing,
    /// When the gateway has to hear news, although a check-in waits there.
    pub(super) tell_at: Option<Mono>,
    /// The redirection was measured since the policy in force was applied.
    pub(super) measured: bool,
    /// What is on this device.
    pub(super) found: Option<Found>,
    /// What the last pass found, of which revision.
    pub(super) passed: (u64, Vec<Effect>),
    /// What went wrong in it.
    pub(super) problems: Vec<String>,
    /// The gateway lacks the inventory.
    pub(super) wanted: bool,
    /// The shell was told to govern nothing any more.
    pub(super) released: bool,
    /// Everything is undone.
    pub(super) retired: bool,
    /// Whose device it is, as the gateway said last.
    pub(super) person: Option<SignedIn>,
    /// What may be spent, and how fast.
    pub(super) budgets: Vec<BudgetLeft>,
    pub(super) limits: Vec<LimitHeld>,
    /// Since when the policy in force is so.
    pub(super) policy_since: Option<Timestamp>,
}

impl State {
    pub(super) fn new(found: Option<Found>, now: Moment) -> Self {
        Self {
            interval: Duration::from_secs(60),
            last_check_in: None,
            began: None,
            control: Err(NOT_YET.into()),
            relay: Ok(()),
            policy: None,
            applied: None,
            may_wait: false,
            wait: Duration::ZERO,
            validity: None,
            renew_at: now.wall,
            renew_again: false,
            certificate: None,
            born_over: false,
            standing: Standing::Enrolled,
            tell_at: None,
            measured: false,
            found,
            passed: (0, Vec::new()),
            problems: Vec::new(),
            wanted: false,
            released: false,
            retired: false,
            person: None,
            budgets: Vec::new(),
            limits: Vec::new(),
            policy_since: None,
        }
    }
}
