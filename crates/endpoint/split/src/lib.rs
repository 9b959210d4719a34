//! What the agent's two processes say to each other: the loader, which owns the kernel programs and may
//! look at every process, and the relay, which speaks with apps and with the gateway and may do nothing
//! else.
//!
//! ```text
//!  loader (root)                                             relay (a system user)
//!  serve(Link, Redirector, Host)                             Remote: a Redirector, and who an opener is
//!    ── Start: what the relay is given, open files ──▶
//!    ── Flow: an app's connection ───────────────────▶ accept ── Taken ──▶
//!    ◀─ Exempt a socket │ Apply │ Health │ Attribute ── each with a socket for its answer
//! ```
//!
//! One frame is one message of a `SOCK_SEQPACKET` pair (unix(7)), with the files that belong to it. The
//! loader believes nothing: what is malformed, too long, or comes with other files than it should, ends
//! the relay; a path is never named; what is exempt is a TCP socket. A question carries the socket that
//! its answer goes to, so none can be taken for another's, and one that takes long holds up no other.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod fuzzing;
mod link;
mod message;
mod names;
mod paper;
mod remote;
mod server;
mod wire;

pub use link::{Link, LinkError};
pub use message::{Answer, Attributed, Failure, Notice, Refused, ToLoader, ToRelay};
pub use paper::LONGEST_PAPER;
pub use remote::{Given, Remote};
pub use server::{Ended, Host, Served, serve};
pub use wire::Malformed;

/// The version of everything that is said. Both are one program, so they differ only by mistake.
pub const VERSION: u16 = 2;
/// The longest frame, in bytes: below what a socket takes by default (`net.core.wmem_default`).
pub const LONGEST: usize = 128 * 1024;
/// The longest answer, in bytes.
pub const LONGEST_ANSWER: usize = 16 * 1024;
/// The most files with one frame.
pub const MOST_FILES: usize = 4;
