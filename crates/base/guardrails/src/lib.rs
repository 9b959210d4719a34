//! What must not leave and must not arrive: rules over text, and the scanner that finds what they
//! describe, in a whole text or in one that comes piece by piece.
//!
//! A [`rule::Rule`] describes one thing (a vendor's token, a kind of personal data, a term).
//! Rules come from our own files and detectors, or from an operator's file in gitleaks' format
//! ([`load`]). A compiled set of them, a [`Ruleset`], scans text under a [`Plan`]. Whether the text
//! comes whole ([`Ruleset::scan`]) or cut anywhere ([`Ruleset::stream`]), the findings are the same, for
//! the scanner is one automaton over bytes that knows nothing of pieces.
//!
//! Nothing here knows of requests, dialects or what is to be done about a finding: that is the
//! gateway's. No input or output, no clock.
//!
//! ```
//! use std::sync::Arc;
//! use tidegate_guardrails::{Limits, Mode, Plan, Ruleset};
//!
//! # fn main() -> Result<(), Vec<tidegate_guardrails::RuleError>> {
//! let set = Ruleset::compile(Vec::new(), &Limits::default())?;
//! let plan = Arc::new(Plan::all(&set, Mode::Hold));
//! let mut scratch = set.pool().take();
//! assert!(set.scan(&plan, "a whole text", &mut scratch).is_empty());
//! set.pool().give(scratch);
//!
//! let mut stream = set.stream(plan);
//! stream.push("a text in pie");
//! stream.push("ces");
//! stream.finish();
//! assert_eq!(stream.decided(), 16);
//! # Ok(())
//! # }
//! ```
// But in `ruleset::gate::wide`, for instructions that have no safe names.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod alphabet;
pub mod checks;
pub mod deep;
pub mod finding;
pub mod fuzzing;
mod limits;
pub mod load;
mod merge;
pub mod pii;
mod plan;
mod reference;
pub mod rule;
pub mod ruleset;
mod run;
mod samples;
mod scan;
mod scratch;
pub mod secrets;
mod streak;
pub mod stream;
#[cfg(target_arch = "x86_64")]
mod vbmi;
mod verify;
mod walk;

pub use finding::{Finding, RuleIndex};
pub use limits::Limits;
pub use plan::{Mode, Plan};
pub use ruleset::{RuleError, Ruleset};
pub use scratch::{Cost, Pool, Scratch};
pub use stream::Stream;
pub use walk::Counters;
