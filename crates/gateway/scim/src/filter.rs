//! The language of filters (RFC 7644 §3.4.2.2): a tree that is read, printed and evaluated here and
//! nowhere else. It never becomes SQL: a store finds candidates by what a filter demands
//! ([`Filter::equalities`]), and the filter judges each of them.

mod evaluate;
mod parse;
mod print;

use serde_json::Number;

pub(crate) use self::evaluate::{element_matches, same};
pub(crate) use self::parse::Parser;
use crate::{Attr, ScimError};

/// The longest filter or path, in bytes.
pub(crate) const LONGEST: usize = 4_096;

/// The deepest nesting.
const DEEPEST: usize = 16;

/// The most comparisons of a filter.
const MOST: usize = 100;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The text contains it.
    Contains,
    /// The text ends with it.
    EndsWith,
    /// They are equal.
    Equal,
    /// It is later, larger or further down the alphabet.
    Greater,
    /// That, or equal.
    GreaterOrEqual,
    /// It is earlier, smaller or further up the alphabet.
    Less,
    /// That, or equal.
    LessOrEqual,
    /// They are not equal.
    NotEqual,
    /// The text starts with it.
    StartsWith,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A truth value.
    Bool(bool),
    /// Nothing: the attribute has no value.
    Null,
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
}

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them; at least two, and none of them is itself an `And`.
    And(Vec<Self>),
    /// An attribute against a value.
    Compare(Attr, Comparison, Literal),
    /// Some value of the attribute, which has several, as a whole.
    Element(Attr, Box<Self>),
    /// Not this one.
    Not(Box<Self>),
    /// Any of them; at least two, and none of them is itself an `Or`.
    Or(Vec<Self>),
    /// The attribute has a value.
    Present(Attr),
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// `invalidFilter`: it does not follow the grammar, or is longer than 4 KiB, nested deeper than 16 or
    /// has more than 100 comparisons.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        let mut parser = Parser::new(text)?;
        let filter = parser.filter()?;
        parser.end()?;
        Ok(filter)
    }

    /// All of these; `None` of none.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Option<Self> {
        let inner = |part| match part {
            Self::And(inner) => inner,
            other => vec![other],
        };
        joined(parts.into_iter().flat_map(inner).collect(), Self::And)
    }

    /// Any of these; `None` of none.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Option<Self> {
        let inner = |part| match part {
            Self::Or(inner) => inner,
            other => vec![other],
        };
        joined(parts.into_iter().flat_map(inner).collect(), Self::Or)
    }

    /// Whether an attribute of the resource itself is looked at.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.mentions(name)),
            Self::Compare(attr, ..) | Self::Element(attr, _) | Self::Present(attr) => {
                attr.name.eq_ignore_ascii_case(name)
            }
            Self::Not(inner) => inner.mentions(name),
        }
    }

    /// Attributes that have to equal a text, if the filter is to hold.
    #[must_use]
    pub fn equalities(&self) -> Vec<(Attr, &str)> {
        match self {
            Self::And(parts) => parts.iter().flat_map(Self::equalities).collect(),
            Self::Compare(attr, Comparison::Equal, Literal::Text(text)) => {
                vec![(attr.clone(), text)]
            }
            Self::Element(attr, inner) => inner
                .equalities()
                .into_iter()
                .map(|(sub, text)| {
                    let sub = Some(sub.name);
                    let attr = attr.clone();
                    (Attr { sub, ..attr }, text)
                })
                .collect(),
            Self::Compare(..) | Self::Not(_) | Self::Or(_) | Self::Present(_) => Vec::new(),
        }
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Option<Filter> {
    if parts.len() > 1 {
        Some(join(parts))
    } else {
        parts.pop()
    }
}

#[cfg(test)]
mod tests;
