//! MCP servers: what a server *is*, whatever a person calls it, and what was decided about it.
//!
//! A client's configuration names a launch (`npx -y pkg`, a URL). [`identify`] turns it into a canonical
//! [`McpIdentity`], the same on every machine, and two digests by which a decision can be bound more
//! tightly. [`Document::decide_mcp`](crate::Document::decide_mcp) says what a device does with it.

mod decide;
mod identify;
mod identity;
mod launch;
mod redact;
mod rule;

pub use decide::McpVerdict;
pub use identify::{Identified, Lookup, NoLookup, identify};
pub use identity::{IdentityError, McpIdentity, Scheme};
pub use launch::{Launch, LaunchHash, LaunchHashError};
pub use redact::{redact_args, redact_url};
pub use rule::{McpRule, McpTarget, ToolRules};
