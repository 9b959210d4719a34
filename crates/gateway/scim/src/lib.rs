//! SCIM 2.0 (RFC 7643, RFC 7644) as far as it needs neither a store nor HTTP: what a user and a group are,
//! the language of filters, and what a PATCH does to a resource.
//!
//! Identity providers read the standard in different ways. Where they do, the rule is to take what has one
//! sensible meaning (`"Replace"` for `"replace"`, `"False"` for `false`, a value where an object with a
//! value belongs) and to answer as the standard says.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod discovery;
mod error;
mod filter;
pub mod fuzzing;
mod member;
mod patch;
mod path;
mod person;
mod resource;
mod schema;

pub use discovery::{resource_types, schemas, service_provider_config};
pub use error::{ScimError, ScimKind};
pub use filter::{Comparison, Filter, Literal};
pub use member::{GroupPatch, MemberChange, group_patch, members};
pub use patch::{Operation, Verb, apply, operations};
pub use path::{Attr, Path};
pub use person::{Person, derived_name};
pub use resource::{Projection, complete, find, read, take};
pub use schema::{ENTERPRISE, GROUP, ResourceType, USER};
