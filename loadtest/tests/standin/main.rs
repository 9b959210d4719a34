//! The stand-in from outside: shapes of the dialects, trouble on demand, and its memory.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod dialects;
mod memory;
mod talk;
mod trouble;
