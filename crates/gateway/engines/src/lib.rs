//! Guardrail services of others: what to ask them, and what their answers mean.
//!
//! An [`Engine`] is two pure functions: a request of what is to be looked at, and a [`Verdict`] of what came
//! back. It sends nothing itself; who does keeps time limits, limits of calls at once and the circuit breaker.
//! Verdicts have no text of the service's: names of categories, scores, places.
//!
//! Services count places in their own units (code points, UTF-16 units); here they become bytes, and a place
//! that lies in no text, or within a character, makes the answer a failure: never a cut at the wrong place.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod content;
mod engine;
mod offsets;
mod services;
mod verdict;

pub use content::{Content, Direction, Part, Speaker};
pub use engine::{Answered, Engine, Request, Unasked};
pub use offsets::{Unit, to_bytes};
pub use services::{
    azure_content_safety::AzureContentSafety,
    azure_pii::AzurePii,
    bedrock::{AwsCredential, Bedrock},
    crowdstrike::CrowdStrike,
    grayswan::GraySwan,
    lakera::Lakera,
    model_armor::ModelArmor,
    openai::OpenAiModeration,
    patronus::Patronus,
    presidio::Presidio,
    webhook::{Webhook, sign},
};
pub use verdict::{Failure, Mark, Verdict};
