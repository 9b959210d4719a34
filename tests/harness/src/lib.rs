//! A whole gateway within the test's process: real data plane and control plane on port 0, a
//! temporary SQLite store, and the scripted stand-in as every provider.
#![forbid(unsafe_code)]

mod client;
mod rig;

pub use client::{Client, Reply};
pub use rig::{CONFIG, Key, Rig, RigOptions, eventually};
