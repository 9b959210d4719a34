//! What is wrong with a request, in SCIM's words (RFC 7644 §3.12).

use std::borrow::Cow;

/// The `scimType` of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimKind {
    /// The filter cannot be read, or compares what cannot be compared.
    InvalidFilter,
    /// The path of a PATCH cannot be read, or leads nowhere.
    InvalidPath,
    /// The body has not the form that it must have.
    InvalidSyntax,
    /// A value is missing, or of the wrong type.
    InvalidValue,
    /// The attribute cannot be changed so.
    Mutability,
    /// The path of a PATCH selects nothing.
    NoTarget,
    /// The filter would take more than the server gives.
    TooMany,
    /// The value is taken.
    Uniqueness,
}

impl ScimKind {
    /// Its name in an error body.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidPath => "invalidPath",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidValue => "invalidValue",
            Self::Mutability => "mutability",
            Self::NoTarget => "noTarget",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            _ => 400,
        }
    }
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// Which kind of wrong.
    pub kind: ScimKind,
    /// What exactly, for people.
    pub detail: Cow<'static, str>,
}

impl ScimError {
    /// An error of a kind.
    pub fn new(kind: ScimKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    pub(crate) fn filter(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimKind::InvalidFilter, detail)
    }

    pub(crate) fn path(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimKind::InvalidPath, detail)
    }

    pub(crate) fn syntax(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimKind::InvalidSyntax, detail)
    }

    pub(crate) fn value(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimKind::InvalidValue, detail)
    }

    pub(crate) fn mutability(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimKind::Mutability, detail)
    }
}
