//! Runs the fuzz targets without a fuzzer, so that every test run does: each input of the committed corpora
//! (`tests/fuzz/corpus`), then mutations of them, the same ones every time, for a bounded time.
//!
//! `TIDEGATE_FUZZ_SECONDS=60 cargo test -p tidegate-replay` looks for longer.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod corpus;
mod mutate;
mod run;

pub use corpus::corpus;
pub use run::{mutations, replay};

/// A fuzz target: it panics when a promise is broken.
pub type Target = fn(&[u8]);
