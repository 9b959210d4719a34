//! The wire formats of `OpenAI`, Anthropic, Gemini and Amazon Bedrock, as far as a gateway needs them.
//!
//! Nothing here does IO, and no body is ever serialised again: [`body`] finds the few facts of a
//! request and splices what must change, [`answer`] reads usage out of an answer while its bytes
//! pass, [`route`] is the closed list of what may be called, [`error`] and [`ratelimit`] speak to
//! each SDK in its own words, and [`headers`] decides what crosses the gateway.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod answer;
pub mod body;
mod dialect;
pub mod error;
pub mod eventstream;
pub mod fuzzing;
pub mod headers;
pub mod json;
pub mod peer;
pub mod percent;
pub mod ratelimit;
pub mod relayed;
pub mod retry;
pub mod route;
pub mod socket;
pub mod surface;
pub mod translate;

pub use dialect::{Dialect, DialectError};
pub use route::{Billing, BodyKind, ModelSource, Mount, Operation, Route, RouteError};
