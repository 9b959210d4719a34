//! Reading bodies and query strings: every field error of a request is collected, with its place,
//! and unknown fields are errors too. Serde alone would stop at the first.

mod json;
mod leaf;
mod text;

pub(crate) use json::strict;
pub(crate) use leaf::{Change, Count, Money, words};
pub(crate) use text::{Email, FactorCode, Label, MaybeLabel, Notice, Password, ToolName};

use serde_json::{Map, Value};

use crate::problem::FieldError;

/// Where a value came from: numbers and booleans of a query string are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A JSON body.
    Body,
    /// A query string.
    Query,
}

/// Collects what is wrong, and knows where the reading is.
#[derive(Debug)]
pub(crate) struct Reader {
    origin: Origin,
    path: Vec<String>,
    errors: Vec<FieldError>,
}

/// More errors than this help nobody, and would let a small body ask for a large answer.
const MAX_ERRORS: usize = 100;

impl Reader {
    pub(crate) const fn new(origin: Origin) -> Self {
        Self {
            origin,
            path: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub(crate) const fn origin(&self) -> Origin {
        self.origin
    }

    /// Notes what is wrong with the value at hand.
    pub(crate) fn refuse<T>(&mut self, detail: impl Into<String>) -> Option<T> {
        if self.errors.len() < MAX_ERRORS {
            let place = match self.origin {
                Origin::Body => self.path.iter().fold(String::new(), |pointer, step| {
                    pointer + "/" + &step.replace('~', "~0").replace('/', "~1")
                }),
                Origin::Query => self.path.join("."),
            };
            let (pointer, parameter) = match self.origin {
                Origin::Body => (Some(place), None),
                Origin::Query => (None, Some(place)),
            };
            self.errors.push(FieldError {
                pointer,
                parameter,
                detail: detail.into(),
            });
        }
        None
    }

    /// Reads one step further down.
    pub(crate) fn within<T>(&mut self, step: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }

    /// The value, or all errors.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

/// A type that can be read from a body or a query string.
pub(crate) trait Read: Sized {
    /// The value, or `None` after noting why not.
    fn read(value: Value, at: &mut Reader) -> Option<Self>;

    /// What an absent field means.
    fn absent(at: &mut Reader) -> Option<Self> {
        at.refuse("is required")
    }
}

/// The fields of an object, taken out one by one; what is left at the end is unknown.
pub(crate) struct Fields {
    rest: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(crate) fn of(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::Object(rest) => Some(Self {
                rest,
                known: Vec::new(),
            }),
            _ => at.refuse("must be an object"),
        }
    }

    pub(crate) fn take<T: Read>(&mut self, name: &'static str, at: &mut Reader) -> Option<T> {
        self.known.push(name);
        let value = self.rest.remove(name);
        at.within(name.to_owned(), |at| match value {
            Some(value) => T::read(value, at),
            None => T::absent(at),
        })
    }

    pub(crate) fn finish(self, at: &mut Reader) {
        for (name, _) in self.rest {
            let detail = format!("is unknown; known are {}", self.known.join(", "));
            at.within(name, |at| at.refuse::<()>(detail));
        }
    }
}

/// Declares a struct that is read field by field. Its schema comes from the same declaration.
macro_rules! read_struct {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* pub(crate) $field: $type),* }

        impl $crate::read::Read for $name {
            fn read(value: serde_json::Value, at: &mut $crate::read::Reader) -> Option<Self> {
                let mut fields = $crate::read::Fields::of(value, at)?;
                $(let $field = fields.take::<$type>(stringify!($field), at);)*
                fields.finish(at);
                Some(Self { $($field: $field?),* })
            }
        }
    };
}
pub(crate) use read_struct;

#[cfg(test)]
mod tests;
