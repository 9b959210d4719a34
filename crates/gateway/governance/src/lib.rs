//! Who may call what, and how much it may cost: virtual keys, budgets and rate limits.
//!
//! A request is decided from memory alone. [`Keyring`](key::Keyring) answers who is calling,
//! [`Governor`](govern::Governor) reserves budget and rate before the call and settles them after
//! it. Budgets are shared by all replicas through the [`Ledger`](ledger::Ledger) port: a replica
//! holds short leases of what a budget has left, reserves from its leases without IO, and the
//! store is the only place where spend becomes final, in one transaction with the log row.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod budget;
pub mod entity;
pub mod govern;
pub mod guardrail;
pub mod key;
pub mod ledger;
pub mod limit;
pub mod memory;
pub mod record;
pub mod window;
