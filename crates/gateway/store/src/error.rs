//! Why the store did not do what it was asked.

/// What went wrong, by whose fault: the caller's (the first three) or the store's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It collides with what is there; `what` says with which.
    #[error("conflict: {what}")]
    Conflict {
        /// What it collides with, as a clause for people.
        what: String,
    },
    /// The input breaks a rule.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which input.
        field: &'static str,
        /// Which rule, for people.
        reason: String,
    },
    /// The database cannot be reached or is overloaded; trying again later may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The database answered with something that should not be there, or refused a statement.
    #[error("the store is damaged or of another version: {0}")]
    Broken(String),
}

impl StoreError {
    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict { what: what.into() }
    }

    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            reason: reason.into(),
        }
    }
}
