//! A credential that is renewed while calls go on: somebody fetches it ahead of its end and puts it here.

use std::fmt;

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use tidegate_types::Secret;

use crate::{
    key::{Scheme, authorization},
    profile::ProviderError,
};

/// The access token in force, if there is one. Reading takes no lock.
#[derive(Default)]
pub struct Token(ArcSwapOption<HeaderValue>);

impl Token {
    /// Puts a new one in force; calls that have begun keep the one that they have.
    ///
    /// # Errors
    /// It is nothing that a header can carry; the one before stays.
    pub fn renew(&self, token: &Secret<String>) -> Result<(), ProviderError> {
        let value = authorization(Scheme::Bearer, token)?;
        self.0.store(Some(value.into()));
        Ok(())
    }

    /// None is in force from now on: the last one has ended.
    pub fn forget(&self) {
        self.0.store(None);
    }

    /// Whether one is in force.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.load().is_some()
    }

    /// The header's value.
    pub(crate) fn value(&self) -> Option<HeaderValue> {
        self.0.load().as_deref().cloned()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_held() {
            "Token(held)"
        } else {
            "Token(none)"
        })
    }
}
