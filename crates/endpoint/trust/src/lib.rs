//! The organisation's CA in the trust stores of this machine (Linux): install, status, uninstall.
//!
//! Every client reads its roots from somewhere else, so there is one module for each kind of store and
//! a table of clients over them. What was there before is written down first, so that uninstall leaves
//! every file byte for byte as it was; a file that someone else changed since is left alone, and named.
//!
//! ```text
//! Trust ─┬─ store::{system, nss, firefox, java, environment}    what to write, what to run
//!        ├─ ledger                                              what was there before
//!        └─ clients                                             who trusts us now, and what to restart
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod certificate;
mod clients;
mod disk;
pub mod fuzzing;
mod ledger;
mod offer;
mod report;
mod root;
mod runner;
mod store;
mod trust;

pub use certificate::{Ca, CaError};
pub use offer::{Offer, Unvouched};
pub use report::{ClientReport, Report, State, StoreReport, Trusted};
pub use root::Root;
pub use runner::{Command, RunError, Runner, System};
pub use store::{CA_FILE, in_bundle, root_variables};
pub use trust::{Trust, TrustError};
