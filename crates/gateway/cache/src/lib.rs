//! Answers that are kept, and given again to who asks the same.
//!
//! A call is read as a [`Question`]: who asks, what, and of whom. Two calls share an answer only where all of
//! that is the same to the byte, but for what says how the answer is delivered and not what it says ([`key`]).
//! Tenants never share. What has side effects, what refers to state at a provider, and what is not text is
//! never kept ([`question`]). A caller's `cache-control` is obeyed ([`directives`]).
//!
//! Answers are kept as the client would have got them before the guards saw them: guards look at each answer
//! each time, by the rules of that time. They are kept in memory, within a bound, and nowhere else; they are
//! prompts' answers, and are shown by no `Debug`.
//!
//! Where the operator names an embedding model, a question that means the same as another one is answered by its
//! answer ([`Meaning`]): the last text of a user by its vector, everything else to the byte.
//!
//! Not here: sockets, files, the clock, prices. `tidegate_pipeline::stage` asks, `proxy/` sends.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod cache;
mod counts;
pub mod directives;
mod entry;
pub mod key;
pub mod question;
mod recording;
mod semantic;
mod settings;

pub use cache::{Cache, Found, Purge};
pub use counts::Counts;
pub use directives::Directives;
pub use entry::{Answer, Bill, Shape};
pub use key::Key;
pub use question::{Asking, Meaning, Question, Tenant};
pub use recording::Recording;
pub use semantic::Vector;
pub use settings::{Mode, Scope, Semantic, Settings};
