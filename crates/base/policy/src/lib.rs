//! What a device does with an app's connection. The gateway writes the document, the device obeys it:
//! both read it with this crate, so they cannot disagree.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
mod arbitrary;
mod catalogue;
mod decide;
mod document;
mod facts;
pub mod fuzzing;
mod host;
mod mcp;

pub use catalogue::{
    App, AppKind, Catalogue, CatalogueError, Host, Install, Surface, VendorPath, VersionFrom,
};
pub use decide::{Subject, Verdict, Why};
pub use document::{
    AppId, AppRule, Decision, Document, DocumentError, FailMode, HostRule, Mode, Pinned, Treatment,
};
pub use facts::{Package, PackageSource, ProcessFacts};
pub use host::{HostError, HostName};
pub use mcp::{
    Identified, IdentityError, Launch, LaunchHash, LaunchHashError, Lookup, McpIdentity, McpRule,
    McpTarget, McpVerdict, NoLookup, Scheme, ToolRules, identify, redact_args, redact_url,
};
