//! Guardrails on calls: which concern a call, what they look for in its prompt and its answer, and what is
//! done about what they find.
//!
//! [`Guardrails`] is the gateway's guard. It is made of what admins wrote, compiled beside the hot path, and
//! put into the snapshot. All guardrails of a call share one look at each text: the scanner finds, then
//! all of them say what is to be done, and the strongest is obeyed.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod cache;
pub mod condition;
mod guardrails;
mod judge;
mod outcome;
mod policy;
mod remote;
mod replace;
mod restore;
mod rules;
mod scan;
mod sentry;
#[cfg(test)]
mod tests;
mod tools;
mod vault;
mod watching;
mod workshop;

pub use guardrails::{Guardrails, Settings};
pub use policy::Problem;
pub use remote::{Asking, NoServices, Remote, Services};
pub use rules::Base;
pub use workshop::{Detector, Made, Spotted, Trial, Workshop};
