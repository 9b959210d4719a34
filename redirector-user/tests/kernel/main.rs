//! The kernel programs on real sockets. Every test has a network namespace and a cgroup of its own and
//! attaches to that cgroup only, so the machine is not steered. Needs root and BPF; says `SKIPPED`
//! loudly where they are missing.
#![allow(
    clippy::expect_used,
    reason = "the lint knows test functions, not what they call"
)]

mod agent;
mod backstop;
mod denied;
mod dns;
mod executions;
mod failure;
mod foreign;
mod lines;
mod loops;
mod matrix;
mod namespaces;
mod object;
mod older;
mod pins;
mod process;
mod processes;
mod quic;
mod raw;
mod rig;
mod serving;
mod tables;
