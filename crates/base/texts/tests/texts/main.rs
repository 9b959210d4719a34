//! Bodies and streams of every dialect, as clients read them.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

mod bodies;
mod client;
mod deltas;
mod golden;
mod metered;
mod provider;
mod splits;
