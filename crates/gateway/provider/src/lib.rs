//! What a provider is, as data: where it is, how it is asked, which models it has, what they cost.
//!
//! [`Provider`] is one configured upstream, [`profiles`] what is known of the world's, [`Catalog`] finds the one a call goes to, [`PriceBook`]
//! says what the call costs. Everything is parsed from text the caller hands in: no IO, no
//! environment, no files.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod catalog;
mod endpoint;
mod key;
mod paths;
mod price;
mod profile;
pub mod profiles;
mod token;

pub use catalog::{Catalog, CatalogError, Choice, ChooseError};
pub use endpoint::{ClearText, Endpoint, EndpointError};
pub use key::{ProviderKey, Scheme};
pub use paths::Paths;
pub use price::{PriceBook, PriceError, PriceFamily, PriceRow, Rates, UnknownFamily};
pub use profile::{Provider, ProviderError};
pub use token::Token;
