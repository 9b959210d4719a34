//! Other gateways' configurations, price lists and keys, as ours: what can be said is drafted, and what cannot is listed.
//!
//! Nothing here does IO. No secret that stands in a foreign file is ever copied into a draft: it is named by an
//! environment variable, and the draft says so.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod amount;
mod bedrock;
mod bifrost;
mod draft;
pub mod fuzzing;
mod keys;
mod known;
mod litellm;
mod prices;
#[cfg(test)]
mod tests;

pub use bifrost::bifrost;
pub use draft::{Draft, DraftCredential, DraftKey, DraftProvider};
pub use keys::{ForeignKey, litellm_keys};
pub use litellm::litellm;
pub use prices::{Prices, litellm_prices};

/// A longer file is none of these.
pub const LONGEST: usize = 16 << 20;

/// Why a file is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Not of the form that its format has; the text names the place, and no value.
    #[error("is not what it should be: {0}")]
    Form(String),
    /// More text than such a file has.
    #[error("has more than {LONGEST} bytes")]
    TooLong,
}

/// Refuses what is longer than any such file.
fn bounded(text: &str) -> Result<&str, ImportError> {
    if text.len() > LONGEST {
        return Err(ImportError::TooLong);
    }
    Ok(text)
}

/// A JSON object.
fn object(text: &str) -> Result<serde_json::Map<String, serde_json::Value>, ImportError> {
    // The parser's own words may repeat a value: only the place is kept.
    serde_json::from_str(bounded(text)?)
        .map_err(|error| ImportError::Form(format!("line {}: no JSON object", error.line())))
}
