//! Install, status, uninstall: every store in turn, and one that fails takes none of the others along.

use crate::{
    Ca, CaError, Offer, Report, Root, Runner, State, StoreReport,
    clients::clients,
    ledger::{Ledger, LedgerError},
    offer::{Unvouched, judge},
    store::{CA_FILE, Store, Work},
};

/// Why nothing was done at all.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// What should be installed is not a CA.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// Nobody whom this machine trusts vouches for it.
    #[error(transparent)]
    Unvouched(#[from] Unvouched),
    /// Our own records cannot be read or written. Without them nothing is touched.
    #[error("the records of what was there before: {0}")]
    Records(String),
}

impl From<LedgerError> for TrustError {
    fn from(error: LedgerError) -> Self {
        Self::Records(error.to_string())
    }
}

/// The trust stores of a machine.
#[derive(Debug)]
pub struct Trust<R> {
    root: Root,
    runner: R,
}

impl<R: Runner> Trust<R> {
    /// Those below a root, with the tools that `runner` runs.
    #[must_use]
    pub const fn new(root: Root, runner: R) -> Self {
        Self { root, runner }
    }

    /// Puts a CA into every store that this machine has. A store that cannot take it is put back as it
    /// was, and the report says why. Doing it again changes nothing; another CA takes the place of the
    /// one before, if the owner of the key that was offered first vouches for it.
    ///
    /// # Errors
    /// It is not a CA, nobody vouches for it, or our records cannot be written: then nothing was done.
    pub fn install(&self, offer: &Offer<'_>) -> Result<Report, TrustError> {
        let ca = Ca::from_pem(offer.ca_pem)?;
        let mut ledger = Ledger::open_alone(&self.root)?;
        let key = judge(offer, &ca, ledger.ca(), ledger.gateway_key())?;
        let mut stores = Vec::new();
        if ledger.ca().is_some_and(|held| held != ca.pem()) {
            stores = self.take_out(&mut ledger)?;
            stores.retain(|store| store.state == State::Failed);
        }
        ledger.set_gateway_key(key);
        ledger.set_ca(&ca.pem())?;
        let mut work = Work {
            ledger: &mut ledger,
            runner: &self.runner,
            ca: &ca,
        };
        for store in Store::all(&self.root, &self.runner) {
            let fresh = !work.ledger.knows(&store.name());
            stores.push(match store.install(&mut work) {
                Ok(note) => report(&store.name(), State::Installed, note),
                Err(error) => {
                    // One that was in order before keeps what it has.
                    let undone = if fresh {
                        store.uninstall(&mut work).map(drop)
                    } else {
                        Ok(())
                    };
                    failed(&store.name(), &error, undone)
                }
            });
        }
        let clients = clients(&stores);
        Ok(Report { stores, clients })
    }

    /// How every store is now, and which clients trust us. Changes nothing. Without root other people's
    /// homes are not looked into, and count as not installed.
    ///
    /// # Errors
    /// Our records cannot be read.
    pub fn status(&self) -> Result<Report, TrustError> {
        let mut ledger = Ledger::look(&self.root, CA_FILE)?;
        let ca = ledger.ca().map(Ca::from_pem).transpose()?;
        let mut stores = Vec::new();
        for store in Store::all(&self.root, &self.runner) {
            let name = store.name();
            let knows = ledger.knows(&name);
            let (state, note) = match &ca {
                None => (State::NotInstalled, None),
                Some(ca) => {
                    let work = Work {
                        ledger: &mut ledger,
                        runner: &self.runner,
                        ca,
                    };
                    match (store.holds(&work), knows) {
                        (true, _) => (State::Installed, None),
                        (false, true) => {
                            let note = "it was installed, and someone else changed that since";
                            (State::NotInstalled, Some(note.to_owned()))
                        }
                        (false, false) => (State::NotInstalled, None),
                    }
                }
            };
            stores.push(report(&name, state, note));
        }
        let clients = clients(&stores);
        Ok(Report { stores, clients })
    }

    /// Takes the CA out of every store: every file is byte for byte as it was before, but for those that
    /// someone else changed since. Those are left as they are, and named.
    ///
    /// # Errors
    /// Our records cannot be read or written.
    pub fn uninstall(&self) -> Result<Report, TrustError> {
        let mut ledger = Ledger::open_alone(&self.root)?;
        if ledger.ca().is_none() {
            return Ok(Report::default());
        }
        let stores = self.take_out(&mut ledger)?;
        ledger.close()?;
        Ok(Report {
            stores,
            clients: Vec::new(),
        })
    }

    /// The same, and the records stay open.
    fn take_out(&self, ledger: &mut Ledger) -> Result<Vec<StoreReport>, TrustError> {
        let Some(ca) = ledger.ca().map(Ca::from_pem).transpose()? else {
            return Ok(Vec::new());
        };
        let mut stores: Vec<Store> = Store::all(&self.root, &self.runner);
        stores.reverse();
        let mut reports = Vec::new();
        // What is written down of stores that this machine has no more, such as a removed home's.
        for name in ledger.stores() {
            if !stores.iter().any(|store| store.name() == name) {
                let restored = ledger.restore(&name);
                reports.push(restored_report(&name, restored.map(|()| None)));
            }
        }
        let mut work = Work {
            ledger,
            runner: &self.runner,
            ca: &ca,
        };
        for store in stores {
            if work.ledger.knows(&store.name()) {
                let restored = store.uninstall(&mut work);
                reports.push(restored_report(&store.name(), restored));
            }
        }
        Ok(reports)
    }

    /// The gateway's key that the first install noted: what it signed is the gateway's. Only root can read
    /// it, and only root could have written it.
    ///
    /// # Errors
    /// Our records cannot be read.
    pub fn gateway_key(&self) -> Result<Option<String>, TrustError> {
        let ledger = Ledger::open(&self.root)?;
        Ok(ledger.gateway_key().map(str::to_owned))
    }
}

fn report(store: &str, state: State, note: Option<String>) -> StoreReport {
    StoreReport {
        store: store.to_owned(),
        state,
        note,
    }
}

fn restored_report(store: &str, restored: Result<Option<String>, LedgerError>) -> StoreReport {
    match restored {
        Ok(note) => report(store, State::Restored, note),
        Err(error @ LedgerError::Changed(_)) => {
            report(store, State::LeftAlone, Some(error.to_string()))
        }
        Err(error) => report(store, State::Failed, Some(error.to_string())),
    }
}

fn failed(store: &str, error: &LedgerError, undone: Result<(), LedgerError>) -> StoreReport {
    let state = match error {
        LedgerError::Changed(_) => State::LeftAlone,
        LedgerError::Skipped(_) => State::NotInstalled,
        _ => State::Failed,
    };
    let note = match undone {
        Ok(()) => error.to_string(),
        Err(undo) => format!("{error}; and then: {undo}"),
    };
    report(store, state, Some(note))
}

#[cfg(test)]
pub(crate) mod tests;
