//! What a service's answer means.

use std::ops::Range;

/// What a service's answer means.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Allow,
    /// These places are to be replaced.
    Mark(Vec<Mark>),
    /// Other texts are to take the place of these, one for each part; `None`: it stays.
    Replace(Vec<Option<String>>),
    /// It must not pass.
    Block {
        /// What it was found to be, in the service's words for kinds: at most 64 bytes each.
        categories: Vec<String>,
        /// How sure the service is, 0 to 1, where it says so.
        score: Option<f32>,
    },
    /// The service did not look.
    Failed(Failure),
}

/// A place in a part.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Which part.
    pub part: usize,
    /// Bytes of its text.
    pub span: Range<usize>,
    /// What it was found to be, in the service's words.
    pub category: String,
    /// How sure the service is, 0 to 1.
    pub score: f32,
}

/// Why a service did not look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It asked to come back later (429), or has trouble (5xx).
    Busy,
    /// It does not know us (401, 403).
    Credential,
    /// It did not take the request (other 4xx).
    Refused,
    /// Its answer is not what its documentation says.
    Unclear,
    /// It names places that are not there.
    Places,
}

impl std::error::Error for Failure {}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.says())
    }
}

impl Failure {
    /// What the log says of it.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Busy => "the service is overloaded or out of order",
            Self::Credential => "the service refused our credential",
            Self::Refused => "the service refused the request",
            Self::Unclear => "the service's answer cannot be understood",
            Self::Places => "the service names places that lie in no text",
        }
    }

    /// Whether another try may succeed.
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// The longest name of a category.
const LONGEST: usize = 64;

impl Verdict {
    /// A block; with no category it is `flagged`.
    pub(crate) fn block(
        categories: impl IntoIterator<Item = impl AsRef<str>>,
        score: Option<f32>,
    ) -> Self {
        let mut categories: Vec<String> = categories
            .into_iter()
            .map(|name| category(name.as_ref()))
            .collect();
        if categories.is_empty() {
            categories.push("flagged".to_owned());
        }
        categories.sort();
        categories.dedup();
        Self::Block { categories, score }
    }
}

/// A category's name, made short and printable: a service could put anything there.
pub(crate) fn category(name: &str) -> String {
    let clean = name.chars().filter(|c| !c.is_control());
    let mut short = String::new();
    for c in clean {
        if short.len() + c.len_utf8() > LONGEST {
            break;
        }
        short.push(c);
    }
    short
}
