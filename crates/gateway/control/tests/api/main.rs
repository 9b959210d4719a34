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
mod browser;
mod cache;
mod check_in;
mod clocks;
mod console;
mod counting;
mod device_groups;
mod device_sign_in;
mod devices;
mod document;
mod edge;
mod enrolment;
mod events;
mod fleet;
mod harness;
mod idp;
mod keys;
mod lists;
mod mcp;
mod money;
mod overview;
mod requests;
mod roles;
mod scim;
mod second_factor;
mod sessions;
mod sign_in;
mod socket;
mod teams;
mod tour;
mod waking;
