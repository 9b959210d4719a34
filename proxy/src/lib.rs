//! The gateway process: Pingora sessions, listeners, configuration and commands.
//!
//! This is the only crate that knows Pingora. `exchange.rs` tells the story of a call from top to
//! bottom; the files around it are its verbs: `intake` reads a request's body, `upstream` sends it,
//! `relay` brings the answer back, `endings` and `reply` write what is not a provider's answer. `forward` and
//! `websocket` carry what is no operation. `serve` puts the process together.
#![forbid(unsafe_code)]

mod addresses;
mod alerts;
mod attempts;
mod buffered;
mod call;
pub mod cli;
mod commands;
pub mod config;
mod embedding;
mod endings;
mod exchange;
mod forward;
mod gateway;
mod health;
mod intake;
mod listener;
mod models;
mod observe;
mod otlp;
mod patience;
mod relay;
mod reply;
pub mod serve;
mod services;
mod shadow;
mod snapshots;
mod tokens;
mod traces;
mod upstream;
mod upstreams;
mod websocket;
