//! Tells the person at the machine, on their desktop, that an app or an MCP server was refused and why (freedesktop.org's
//! Desktop Notifications Specification 1.2).
//!
//! A session's bus accepts nobody but its user, and the agent is not its user. So the agent starts a
//! small child as that user: the same binary with another command, which says its one sentence and ends.
//!
//! ```text
//! agent                                     child, as the user
//! Notifier ── Child::deliver ── request ──▶ child::serve ── show ──▶ session bus
//!   earlier                  ◀── answer ──
//! ```
//!
//! Everything that speaks D-Bus runs in the child only: an agent that refuses nothing pays nothing.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod child;
mod desktop;
mod earlier;
mod notice;
mod notifier;
mod session;
mod text;

pub use child::{Child, ChildError};
pub use desktop::{Bus, ShowError, show};
pub use notice::Notice;
pub use notifier::{Deliver, LIMIT, Notifier, QUEUE};
pub use session::Session;
