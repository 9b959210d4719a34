//! The Edge agent: takes the connections of AI apps from the OS, and brings them to the gateway.
//!
//! `service` wires the parts, `backend` picks the OS and nothing else does.
#![forbid(unsafe_code)]

pub mod backend;
pub mod cli;
pub mod commands;
pub mod compile;
pub mod config;
pub mod control;
pub mod decider;
pub mod device_api;
pub mod doctor;
pub mod enrol;
pub mod fleet;
pub mod loader;
pub mod machine;
pub mod relay;
pub mod service;
pub mod sign_in;
pub mod signature;
pub mod state;
pub mod who;
