//! Denied apps do not start: on real files, with real processes. Needs root with `CAP_SYS_ADMIN`; says
//! `SKIPPED` loudly where that is missing. Only files of the tests' own are ever marked.
#![allow(
    clippy::expect_used,
    reason = "the lint knows test functions, not what they call"
)]

mod cost;
mod hostile;
mod life;
mod native;
mod place;
mod script;
