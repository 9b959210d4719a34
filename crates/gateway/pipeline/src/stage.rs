//! The stages, in the order in which a call passes them.

mod admitted;
mod candidate;
mod cleared;
mod conversation;
mod described;
mod identified;
mod mcp;
mod recalled;
mod received;
mod relayed;
mod routed;
mod settled;
mod shadow;
mod streaming;
mod way;

pub use admitted::Admitted;
pub use cleared::Cleared;
pub use conversation::{Conversation, Talk};
pub use described::{Described, Payload};
pub use identified::Identified;
pub use mcp::{McpDenial, McpGate};
pub use recalled::{Recalled, Replay};
pub use received::Received;
pub use relayed::{Course, Forwarded, Relayed};
pub use routed::{Routed, Unserved};
pub use settled::Settled;
pub use shadow::Copied;
pub use streaming::{End, Streaming};
pub use way::Way;
