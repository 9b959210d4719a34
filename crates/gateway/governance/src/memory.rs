//! The ledger in memory: the reference for what the store must do, and the ledger of tests.
//!
//! The rules, which the store keeps in SQL:
//!
//! - A window is opened by the first lease or charge in it ([`window::bounds`]). It starts with
//!   the debt of the one before ([`window::carried_debt`]); a late charge to the one before raises
//!   that debt, so it is worked out anew then. (This ledger does not know the budgets: a charge
//!   to a window that no lease has opened waits here for the budget's next lease.)
//! - A node's lease of a window is one signed row. A charge takes its amount off the row, below
//!   zero too: the node then asks for the shortfall with its next lease. A negative row counts as
//!   nothing in the sum of leases. A charge without a row makes none.
//! - A lease is granted if `spent`, the others' leases and this row with `need` on it fit the cap.
//! - Rows past their time are gone; a renewal does not bring them back, negative rows included.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::{FutureExt as _, future::BoxFuture};
use tidegate_types::{BudgetId, MicroUsd, NodeId, Timestamp};

use crate::{
    entity::Window,
    ledger::{Charge, LeaseGrant, LeaseRef, LeaseRequest, Ledger, LedgerError},
    window,
};

/// How the ledger behaves when it is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// It works, and the answer is lost.
    AnswerLost,
    /// It works.
    #[default]
    None,
    /// It does nothing and fails.
    Unreachable,
}

/// A ledger in memory. Correct, and far too slow for a store: for tests.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    fault: Fault,
    calls: u64,
    budgets: BTreeMap<BudgetId, Windows>,
    /// Charges to windows that are not open.
    early: Vec<Charge>,
}

type Windows = BTreeMap<Timestamp, Open>;

#[derive(Debug)]
struct Open {
    end: Timestamp,
    window: Window,
    cap: i64,
    settled: i64,
    debt: i64,
    leases: BTreeMap<NodeId, Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    amount: i64,
    expires_at: Timestamp,
}

impl Open {
    fn spent(&self) -> i64 {
        self.settled.saturating_add(self.debt)
    }

    fn leased(&self, now: Timestamp) -> i64 {
        let live = self.leases.values().filter(|row| now < row.expires_at);
        live.map(|row| row.amount.max(0)).sum()
    }
}

impl MemoryLedger {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it behaves from now on.
    pub fn set_fault(&self, fault: Fault) {
        self.state().fault = fault;
    }

    /// How often it was called through the port.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Makes charges of `node` final, as the store does with the log row. Never fails: a
    /// recorder keeps its charges until the store takes them.
    pub fn commit(&self, node: NodeId, charges: &[Charge]) {
        let mut state = self.state();
        let state = &mut *state;
        for charge in charges {
            let windows = state.budgets.entry(charge.budget).or_default();
            let Some(start) = holding(windows, charge.window_start) else {
                state.early.push(*charge);
                continue;
            };
            if let Some(open) = windows.get_mut(&start) {
                open.settled = open.settled.saturating_add(charge.amount.micros());
                if let Some(row) = open.leases.get_mut(&node) {
                    row.amount = row.amount.saturating_sub(charge.amount.micros());
                }
            }
            carry_debt(windows, start);
        }
    }

    /// Settled spend of the window that starts at `start`, its debt included.
    #[must_use]
    pub fn spent(&self, budget: BudgetId, start: Timestamp) -> MicroUsd {
        let state = self.state();
        let open = state
            .budgets
            .get(&budget)
            .and_then(|windows| windows.get(&start));
        MicroUsd::from_micros(open.map_or(0, Open::spent))
    }

    /// The debt that the window starting at `start` began with.
    #[must_use]
    pub fn debt(&self, budget: BudgetId, start: Timestamp) -> MicroUsd {
        let state = self.state();
        let open = state
            .budgets
            .get(&budget)
            .and_then(|windows| windows.get(&start));
        MicroUsd::from_micros(open.map_or(0, |open| open.debt))
    }

    /// Held by leases alive at `now` in windows that hold `now`.
    #[must_use]
    pub fn leased(&self, budget: BudgetId, now: Timestamp) -> MicroUsd {
        let state = self.state();
        let windows = state.budgets.get(&budget).into_iter().flatten();
        let open = windows.filter(|(start, open)| **start <= now && now < open.end);
        MicroUsd::from_micros(open.map(|(_, open)| open.leased(now)).sum())
    }

    /// The windows opened so far, by start.
    #[must_use]
    pub fn windows(&self, budget: BudgetId) -> Vec<Timestamp> {
        self.state()
            .budgets
            .get(&budget)
            .into_iter()
            .flatten()
            .map(|(start, _)| *start)
            .collect()
    }
}

/// Works out the debts of the windows after `from` anew.
fn carry_debt(windows: &mut Windows, from: Timestamp) {
    let mut before: Option<(Window, i64, i64, Timestamp)> = None;
    for (start, open) in windows.range_mut(from..) {
        if let Some((window, cap, spent, end)) = before {
            let (cap, spent) = (MicroUsd::from_micros(cap), MicroUsd::from_micros(spent));
            open.debt = window::carried_debt(window, cap, spent, end, *start).micros();
        }
        before = Some((open.window, open.cap, open.spent(), open.end));
    }
}

/// The start of the open window that holds `time`.
fn holding(windows: &Windows, time: Timestamp) -> Option<Timestamp> {
    let (start, open) = windows.range(..=time).next_back()?;
    (time < open.end).then_some(*start)
}

/// Opens the window that holds `now`, or finds it open.
fn enter(windows: &mut Windows, request: &LeaseRequest, now: Timestamp) -> Timestamp {
    let LeaseRequest {
        cap,
        window,
        alignment,
        ..
    } = *request;
    let latest = windows.keys().next_back().copied();
    let (start, end) = window::bounds(window, alignment, latest, now);
    let cap = cap.micros();
    let new = || Open {
        end,
        window,
        cap,
        settled: 0,
        debt: 0,
        leases: BTreeMap::new(),
    };
    let open = windows.entry(start).or_insert_with(new);
    (open.end, open.window, open.cap) = (end, window, cap);
    let before = windows.range(..start).next_back().map(|(start, _)| *start);
    carry_debt(windows, before.unwrap_or(start));
    start
}

fn grant(state: &mut State, request: &LeaseRequest) -> LeaseGrant {
    let LeaseRequest {
        budget,
        cap,
        node,
        now,
        ..
    } = *request;
    let windows = state.budgets.entry(budget).or_default();
    for early in state.early.extract_if(.., |charge| charge.budget == budget) {
        let start = enter(windows, request, early.window_start);
        if let Some(open) = windows.get_mut(&start) {
            open.settled = open.settled.saturating_add(early.amount.micros());
        }
    }
    let start = enter(windows, request, now);
    // `enter` has just made sure that it is there.
    let Some(open) = windows.get_mut(&start) else {
        return nothing(now);
    };
    open.leases.retain(|_, row| now < row.expires_at);
    let own = open.leases.get(&node).map_or(0, |row| row.amount);
    let others = open.leased(now) - own.max(0);
    let room = cap
        .micros()
        .saturating_sub(open.spent())
        .saturating_sub(others)
        .saturating_sub(own);
    let (need, want) = (request.need.micros(), request.want.micros().max(0));
    let granted = if need >= 0 && need <= room {
        need.saturating_add(want).min(room)
    } else {
        0
    };
    if granted > 0 {
        let expires_at = now.plus(request.ttl);
        let row = open.leases.entry(node).or_insert(Row {
            amount: 0,
            expires_at,
        });
        row.amount = row.amount.saturating_add(granted);
        row.expires_at = row.expires_at.max(expires_at);
    }
    LeaseGrant {
        granted: MicroUsd::from_micros(granted),
        window_start: start,
        window_end: open.end,
        spent: MicroUsd::from_micros(open.spent()),
        leased: MicroUsd::from_micros(open.leased(now)),
    }
}

const fn nothing(now: Timestamp) -> LeaseGrant {
    let zero = MicroUsd::ZERO;
    LeaseGrant {
        granted: zero,
        window_start: now,
        window_end: now,
        spent: zero,
        leased: zero,
    }
}

impl MemoryLedger {
    fn call<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, LedgerError> {
        let mut state = self.state();
        state.calls += 1;
        match state.fault {
            Fault::AnswerLost => {
                work(&mut state);
                Err(LedgerError("the answer was lost".into()))
            }
            Fault::None => Ok(work(&mut state)),
            Fault::Unreachable => Err(LedgerError("unreachable".into())),
        }
    }
}

impl Ledger for MemoryLedger {
    fn lease(&self, request: LeaseRequest) -> BoxFuture<'_, Result<LeaseGrant, LedgerError>> {
        async move { self.call(|state| grant(state, &request)) }.boxed()
    }

    fn renew(
        &self,
        node: NodeId,
        leases: Vec<LeaseRef>,
        now: Timestamp,
        ttl: std::time::Duration,
    ) -> BoxFuture<'_, Result<Vec<LeaseRef>, LedgerError>> {
        let renew = move |state: &mut State| {
            let mut held = leases;
            held.retain(|lease| {
                row(state, node, lease)
                    .filter(|row| now < row.expires_at)
                    .is_some_and(|row| {
                        row.expires_at = row.expires_at.max(now.plus(ttl));
                        true
                    })
            });
            held
        };
        async move { self.call(renew) }.boxed()
    }

    fn give_back(
        &self,
        node: NodeId,
        lease: LeaseRef,
        amount: MicroUsd,
    ) -> BoxFuture<'_, Result<(), LedgerError>> {
        let give_back = move |state: &mut State| {
            if let Some(row) = row(state, node, &lease) {
                let shrunk = row.amount.saturating_sub(amount.micros().max(0));
                row.amount = shrunk.max(row.amount.min(0));
            }
        };
        async move { self.call(give_back) }.boxed()
    }
}

fn row<'a>(state: &'a mut State, node: NodeId, lease: &LeaseRef) -> Option<&'a mut Row> {
    let open = state
        .budgets
        .get_mut(&lease.budget)?
        .get_mut(&lease.window_start)?;
    open.leases.get_mut(&node)
}

#[cfg(test)]
mod tests;
