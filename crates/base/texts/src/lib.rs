//! Every text of a prompt and of an answer, and how to put another in its place.
//!
//! Guards think in texts: what a person wrote, what a model says, the arguments of a tool call. The
//! wire has frames: JSON bodies, events, chunks, with texts in escapes and cut over many events. This
//! crate is between the two, for every dialect. Nothing of a body goes unread: a string that no table
//! knows is a text of its own. What nobody changes passes byte for byte.
//!
//! [`body::rewrite`] is for what comes in one piece, [`stream::Rewriter`] for what comes in many. Both
//! walk JSON in place (`walk`), undo escapes step by step (`codec`), show texts to their watches
//! (`desk`), and write edits into the very bytes that wrote the text (`frame`).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod body;
pub mod channel;
mod codec;
mod desk;
mod fault;
mod frame;
pub mod fuzzing;
mod protocol;
pub mod stream;
mod walk;
pub mod watch;

pub use fault::{Fault, Limits, Report};
pub use protocol::{Direction, Protocol};
