//! The kinds of stores: what each holds, how the CA gets in and out.

use crate::{
    Ca, Root, Runner,
    ledger::{Ledger, LedgerError},
};

mod chromium;
mod environment;
mod firefox;
mod java;
mod nss;
mod system;

pub use environment::root_variables;
pub(crate) use java::Keystore;
pub(crate) use nss::Home;
use system::{bundle as system_bundle, bundle_text};

/// Where our CA lies by itself, for everyone to read.
pub const CA_FILE: &str = "/etc/ssl/tidegate/ca.pem";

/// A store that this machine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Store {
    /// Our CA as a file: others point at it.
    File,
    Debian,
    RedHat,
    /// A folder of managed policies of Chromium, or of a browser built on it.
    Chromium(&'static str),
    Nss(Home),
    Firefox,
    Java(Keystore),
    Environment,
}

/// What every store works with.
pub(crate) struct Work<'a> {
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) runner: &'a dyn Runner,
    pub(crate) ca: &'a Ca,
}

impl Store {
    /// All that this machine has, in the order in which they are filled: later ones point at earlier
    /// ones.
    pub(crate) fn all(root: &Root, runner: &dyn Runner) -> Vec<Self> {
        let mut stores = vec![Self::File];
        stores.extend(system::present(root, runner));
        stores.extend(firefox::present(root));
        stores.extend(chromium::present(root).map(Self::Chromium));
        stores.extend(nss::present(root).into_iter().map(Self::Nss));
        stores.extend(java::present(root).into_iter().map(Self::Java));
        stores.push(Self::Environment);
        stores
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::File => "file".into(),
            Self::Debian => "debian".into(),
            Self::RedHat => "red-hat".into(),
            Self::Chromium(folder) => format!("chromium:{folder}"),
            Self::Nss(home) => home.name(),
            Self::Firefox => "firefox".into(),
            Self::Java(keystore) => format!("java:{}", keystore.path),
            Self::Environment => "environment".into(),
        }
    }

    /// Puts the CA in. Says something where there is something to say.
    pub(crate) fn install(&self, work: &mut Work<'_>) -> Result<Option<String>, LedgerError> {
        match self {
            Self::File => {
                let pem = work.ca.pem().into_bytes();
                work.ledger.write("file", CA_FILE, pem).map(|()| None)
            }
            Self::Debian | Self::RedHat => system::install(self, work),
            Self::Chromium(folder) => chromium::install(&self.name(), folder, work),
            Self::Nss(home) => nss::install(&self.name(), home, work),
            Self::Firefox => firefox::install(work),
            Self::Java(keystore) => java::install(&self.name(), keystore, work),
            Self::Environment => environment::install(work),
        }
    }

    /// Takes it out, everything as it was before.
    pub(crate) fn uninstall(&self, work: &mut Work<'_>) -> Result<Option<String>, LedgerError> {
        match self {
            Self::File | Self::Chromium(_) | Self::Firefox | Self::Environment => {
                work.ledger.restore(&self.name()).map(|()| None)
            }
            Self::Debian | Self::RedHat => system::uninstall(self, work),
            Self::Nss(home) => nss::uninstall(&self.name(), home, work),
            Self::Java(keystore) => java::uninstall(&self.name(), keystore, work),
        }
    }

    /// Whether it holds the CA now: looked up, not remembered.
    pub(crate) fn holds(&self, work: &Work<'_>) -> bool {
        let root = work.ledger.root();
        match self {
            Self::File => {
                let text = std::fs::read_to_string(root.path(CA_FILE));
                text.is_ok_and(|text| work.ca.is_in(&text))
            }
            Self::Debian | Self::RedHat => in_bundle(root, work.ca),
            Self::Chromium(folder) => chromium::holds(folder, work),
            Self::Nss(home) => nss::holds(home, work),
            Self::Firefox => firefox::holds(root),
            Self::Java(keystore) => java::holds(keystore, work),
            Self::Environment => environment::holds(work),
        }
    }
}

/// Whether the bundle that most clients of a machine read holds a CA.
#[must_use]
pub fn in_bundle(root: &Root, ca: &Ca) -> bool {
    bundle_text(root).is_some_and(|(_, text)| ca.is_in(&text))
}
