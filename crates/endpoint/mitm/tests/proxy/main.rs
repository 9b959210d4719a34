//! The proxy as a whole, with a fake redirector, a fake gateway, true destinations and TLS clients, all on
//! loopback.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may stop them"
)]

mod body;
mod ca;
mod client;
mod peer;
mod rig;

mod denied;
mod failing;
mod hello;
mod outgoing;
mod pinned;
mod relay;
mod single;
mod splice;
mod streams;
mod websocket;
