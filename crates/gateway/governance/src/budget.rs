//! Budgets as a replica holds them: leases of the shared ledger, and reservations from them.
//!
//! [`book`] is the arithmetic of one budget on one replica, [`trip`] the way to the ledger and
//! back, [`upkeep`] what is done now and then: renewing leases and handing back idle money.

mod book;
mod trip;
pub(crate) mod upkeep;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use tidegate_types::{BudgetId, Clock, MicroUsd, Mono, NodeId, Timestamp};

use crate::{
    entity::Budget,
    govern::{Denial, FailMode, Settings},
    ledger::Ledger,
    window,
};
pub(crate) use book::Stub;
use book::{Book, State};

/// What all meters of a replica share.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) node: NodeId,
    pub(crate) settings: Settings,
    /// Accounts that went to the ledger at least once: those upkeep has to look after.
    accounts: Mutex<Vec<Weak<Account>>>,
}

/// One instant on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    pub(crate) mono: Mono,
}

impl Replica {
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        node: NodeId,
        settings: Settings,
    ) -> Self {
        Self {
            ledger,
            clock,
            node,
            settings,
            accounts: Mutex::default(),
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment {
            wall: self.clock.now(),
            mono: self.clock.mono(),
        }
    }

    fn look_after(&self, account: &Arc<Account>) {
        if !account.looked_after.swap(true, Ordering::AcqRel) {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            accounts.retain(|known| known.strong_count() > 0);
            accounts.push(Arc::downgrade(account));
        }
    }

    fn accounts(&self) -> Vec<Arc<Account>> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().filter_map(Weak::upgrade).collect()
    }
}

/// The replica's account of one budget. It outlives a change of the cap.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: BudgetId,
    book: Mutex<Book>,
    looked_after: AtomicBool,
}

impl Account {
    fn new(id: BudgetId) -> Self {
        Self {
            id,
            book: Mutex::default(),
            looked_after: AtomicBool::new(false),
        }
    }

    /// Held for a few instructions at a time, never over an await.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a call without a charge.
    pub(crate) fn release(&self, stub: Stub, reserved: MicroUsd) {
        self.book().release(stub, reserved.micros());
    }

    /// Ends a call that cost `actual`.
    pub(crate) fn settle(&self, stub: Stub, reserved: MicroUsd, actual: MicroUsd) {
        self.book().settle(stub, reserved.micros(), actual.micros());
    }
}

/// A budget as configured, with the replica's account of it.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) config: Budget,
    pub(crate) account: Arc<Account>,
}

impl Meter {
    /// A budget with the account of its former self, or a new one: windows of another length or
    /// alignment have nothing in common with those before.
    pub(crate) fn new(config: Budget, previous: Option<&Self>) -> Self {
        let same =
            |p: &&Self| p.config.window == config.window && p.config.alignment == config.alignment;
        let account = previous.filter(same).map_or_else(
            || Arc::new(Account::new(config.id)),
            |p| Arc::clone(&p.account),
        );
        Self { config, account }
    }

    /// Whether it counts calls of this model.
    pub(crate) fn applies_to(&self, model: &str) -> bool {
        self.config
            .model
            .as_ref()
            .is_none_or(|pattern| pattern.matches(model))
    }

    /// What part of the cap is spent, by the ledger's last word.
    pub(crate) fn used(&self) -> f64 {
        let cap = self.config.cap.micros();
        if cap <= 0 {
            return 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a share is not money")]
        let used = self.account.book().spent().micros() as f64 / cap as f64;
        used
    }

    /// Reserves `amount`: from memory where the lease suffices, else after a trip to the ledger
    /// that all who wait for this budget share. `at` is when the call arrived.
    pub(crate) async fn reserve(
        &self,
        replica: &Arc<Replica>,
        amount: MicroUsd,
        at: Moment,
    ) -> Result<Stub, Denial> {
        let amount = amount.micros();
        if let Some(stub) = self
            .account
            .book()
            .hold(amount, self.config.cap.micros(), at)
        {
            return Ok(stub);
        }
        self.reserve_by_trip(replica, amount).await
    }

    /// A caller who came back from a trip takes its answer even when it is no longer fresh to
    /// others, so that a slow ledger cannot send anyone round and round.
    async fn reserve_by_trip(&self, replica: &Arc<Replica>, amount: i64) -> Result<Stub, Denial> {
        let cap = self.config.cap.micros();
        let mut returned = false;
        loop {
            let at = replica.moment();
            let trip = {
                let mut book = self.account.book();
                if let Some(stub) = book.hold(amount, cap, at) {
                    return Ok(stub);
                }
                match book.state(amount, cap, at, returned) {
                    State::Failing => return self.without_ledger(&mut book, replica, amount, at),
                    State::Refused => return Err(self.refusal(&book, amount, at)),
                    State::Open => book
                        .trip
                        .get_or_insert_with(|| trip::start(self, replica, amount))
                        .clone(),
                }
            };
            replica.look_after(&self.account);
            trip.await;
            returned = true;
        }
    }

    fn without_ledger(
        &self,
        book: &mut Book,
        replica: &Replica,
        amount: i64,
        at: Moment,
    ) -> Result<Stub, Denial> {
        match replica.settings.when_ledger_fails {
            FailMode::Closed => Err(Denial::LedgerUnavailable),
            FailMode::Open => {
                let guess =
                    window::bounds(self.config.window, self.config.alignment, None, at.wall);
                Ok(book.hold_uncovered(amount, guess))
            }
        }
    }

    fn refusal(&self, book: &Book, amount: i64, at: Moment) -> Denial {
        let Budget {
            id,
            scope,
            cap,
            window,
            alignment,
            ..
        } = self.config;
        let (_, end) = book
            .window()
            .unwrap_or_else(|| window::bounds(window, alignment, None, at.wall));
        Denial::Budget {
            budget: id,
            scope,
            model: self.config.model.clone(),
            cap,
            spent: book.spent(),
            need: MicroUsd::from_micros(amount),
            window,
            resets_at: end,
        }
    }
}
