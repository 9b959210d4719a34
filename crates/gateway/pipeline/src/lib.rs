//! The stages of a governed call, as types.
//!
//! A call is `Received → Identified → Described → Admitted → Cleared → Routed → Streaming → Settled`.
//! Each transition takes `self` and returns the next stage or a [`Refusal`]; there is no other way
//! to make a stage. So nothing is forwarded without a permit and a reservation or past the guards
//! ([`guard`]), and nothing is settled twice: it would not compile. What is known of a call so far collects in [`Facts`], from
//! which its log row is made, however the call ends.
//!
//! Not here: sockets, SQL, configuration. `proxy/src/exchange.rs` drives the stages.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod facts;
pub mod guard;
pub mod refusal;
mod snapshot;
pub mod stage;

pub use facts::{Facts, Timing};
pub use refusal::Refusal;
pub use snapshot::{Edge, OnePolicy, Policies, Settings, Snapshot, Unpriced};
