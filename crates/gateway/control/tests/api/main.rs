//! The admin API as its clients see it: the real router on a temporary store, one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may panic"
)]

mod access;
mod accounts;
mod audit;
mod authority;
mod check_in;
mod counting;
mod devices;
mod document;
mod edge;
mod enrolment;
mod fleet;
mod harness;
mod keys;
mod lists;
mod mcp;
mod money;
mod requests;
mod sessions;
mod socket;
mod teams;
mod tour;
