//! The store on both engines: every test of `both!` runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is where `TIDEGATE_TEST_POSTGRES` says (a `postgres://` URL); each test makes a
//! schema of its own there and drops it. Without it that half says that it did not run.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod access;
mod approval;
mod audit;
mod authority;
mod bed;
mod console;
mod device_groups;
mod device_sign_ins;
mod devices;
mod edge;
mod enrolment;
mod fleet;
mod governed;
mod groups;
mod guardrails;
mod identity;
mod keys;
mod kill;
mod ledger;
mod mcp;
mod model;
mod outage;
mod provisioning;
mod quarantine;
mod recorder;
mod requests;
mod schema;
mod search;
mod sightings;
mod sign_in;
mod spend;
mod teams;
mod usage;
