//! Load tools: a stand-in provider that speaks the providers' dialects, the parts of the
//! benchmark that measures the gateway between a client and that stand-in, and a simulated
//! fleet of devices.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod admin;
pub mod bench;
mod connection;
pub mod fleet;
pub mod standin;

pub use standin::{Options, StandIn, TlsFiles};
