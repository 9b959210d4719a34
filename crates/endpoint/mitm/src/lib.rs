//! The local proxy of the agent. A connection that an app opened comes in from the redirector; its first
//! bytes say where it wants to go; the policy says what is done: it passes untouched, or its TLS ends here
//! and each call goes to the gateway, or the app is told why not.
//!
//! `server` accepts, `connection` tells the story of one connection, and the rest are its chapters in
//! order: `peek` (with `hello`), `judge`, `splice`, `terminate` (with `leaf` and `pinned`), `relay` (with
//! `gateway`, and `direct` for when it is gone). Nothing here runs while nothing happens.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod connection;
mod dial;
mod direct;
pub mod fuzzing;
mod gateway;
pub mod hello;
mod judge;
mod leaf;
mod observe;
mod peek;
mod pinned;
mod relay;
mod rewind;
mod roots;
mod server;
mod settings;
mod shared;
mod splice;
mod terminate;
mod upgrade;

pub use gateway::{GatewayConfig, RelayUrl, RelayUrlError};
pub use judge::{Decider, Judged};
pub use leaf::{Leaf, LeafError, LeafSlot};
pub use observe::{Counters, Event, Observer, Refused, Totals, Untouched};
pub use roots::Roots;
pub use server::{Parts, Server, SetupError};
pub use settings::Settings;
