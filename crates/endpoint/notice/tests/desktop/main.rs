//! Notifications on a real bus (dbus-daemon), taken by a notification server of ours.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

mod bus;
mod login;
mod server;
mod showing;
