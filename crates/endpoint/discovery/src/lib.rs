//! AI apps and MCP servers on a machine, found by reading what they leave on disk: nothing is ever run
//! to ask it. Every file is foreign bytes: bounded, and one bad entry never hides the others.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod found;
mod places;

pub use found::{Entry, Format, Found, Located, RawLaunch};
pub use places::{Home, Os, Places};
