//! What is wrong with a guardrail.

/// What is wrong with a guardrail, for the one who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct Problem {
    /// Which part of its definition: a path of members with dots.
    pub field: String,
    /// What, and what to do about it.
    pub what: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            what: what.into(),
        }
    }
}
