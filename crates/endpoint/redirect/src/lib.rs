//! The one trait of all OS redirectors: an OS backend hands over the connections of apps, with where
//! they were going and who opened them; the agent never learns how.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod execution;
mod fake;
mod flow;
mod redirector;
mod tables;

pub use execution::{Execution, Executions};
pub use fake::Loopback;
pub use flow::{Flow, Opener};
pub use redirector::{Health, Limitation, RedirectError, Redirector};
pub use tables::{FailMode, Tables};
