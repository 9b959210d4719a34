//! What calls cost: the price list we carry, the operator's own rows over it, and the arithmetic.
//!
//! A price is never guessed. A model without a row has no price, and the caller decides what that
//! means; a kind of token without a price of its own is charged as the dearer kind it belongs to.

mod book;
mod family;
mod rates;
mod row;
mod snapshot;
mod text;

pub use book::PriceBook;
pub use family::{PriceFamily, UnknownFamily};
pub use rates::Rates;
pub use row::PriceRow;

/// Why a price row is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Two rows of one list name the same model, or an alias of it.
    #[error("`{family}` model `{model}` has two price rows")]
    Duplicate {
        /// The price family.
        family: &'static str,
        /// The id or alias that occurs twice.
        model: String,
    },
    /// A value that is well-formed but makes no sense.
    #[error("price row of `{model}`: `{key}` {problem}")]
    Field {
        /// The row's model.
        model: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Not TOML or JSON of the row's form; the text names the place.
    #[error("price rows: {0}")]
    Syntax(String),
    /// More text than a price list needs.
    #[error("price rows: more than {0} bytes")]
    TooLong(usize),
}

#[cfg(test)]
mod tests;
