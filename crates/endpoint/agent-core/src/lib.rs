//! What the agent decides, without IO: which policy is in force, when to check in and to renew the
//! leaf, what to report, what a person is shown. The shell around it does what the [`Action`]s say
//! and comes back with [`Event`]s; time and chance are arguments, so a test plays a year in a
//! millisecond.
//!
//! ```text
//! shell: sleep until `wake()` or something happens → `handle(event, now)` → do the actions → again
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod agent;
mod effects;
mod event;
mod face;
mod force;
mod moment;
mod notice;
mod passes;
mod requests;
mod sequence;
mod statistics;
mod task;
mod view;

pub use agent::{Agent, Kept, Settings, Verifier};
pub use event::{
    Action, Attempt, Event, Failure, FailureKind, Found, Limitation, Observation, Outcome,
    PassReason, Passed, Redirection, Validity,
};
pub use face::{DeniedItem, Face, FaceAction, Mood};
pub use force::PolicyError;
pub use moment::Moment;
pub use notice::{Notice, Person, Refused, Told};
pub use requests::{Answer, Asked, RequestError};
pub use view::{
    AppView, CertificateView, Counts, DeniedView, InventoryView, LimitationView, PolicyView,
    RedirectionView, RequestView, Standing, View,
};
