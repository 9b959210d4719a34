//! Configuration files as text: an edit changes the spans that it is about and no other byte.
//!
//! Every edit is checked on a model: the text that comes out must say what the text that went in said,
//! with exactly the intended change, and be as strict as it was. So a slip of a splice is an error and
//! never a broken file.

mod json;
mod model;
mod spans;
mod toml;
mod yaml;

use serde_json::Value;
use tidegate_discovery::Format;

/// Why a text is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextError {
    /// It is not what the client could have written.
    #[error("it cannot be read as what it should be")]
    Broken,
    /// The place does not exist, or is written in a way that cannot be edited without rewriting more.
    #[error("the entry is written in a way that cannot be edited in place")]
    Place,
    /// What came out was not what was meant.
    #[error("the edit would have changed more than it should")]
    Check,
}

/// One change of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change<'a> {
    /// A value at a place, its parents made as needed.
    Set(&'a [String], &'a Value),
    /// Nothing at a place.
    Remove(&'a [String]),
    /// An item in the list at a place, which is made as needed.
    Add(&'a [String], &'a Value),
    /// An item no more in the list at a place.
    Drop(&'a [String], &'a Value),
    /// At a place what another document has there, byte for byte, or nothing where it has nothing.
    Restore(&'a [String], &'a Doc),
}

/// A document: its text, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Doc {
    format: Format,
    pub(crate) text: String,
    pub(crate) value: Value,
    /// JSON without comments: its reader may take no other.
    strict: bool,
}

/// What a document says at a place.
pub(crate) fn at<'a>(root: &'a Value, keys: &[String]) -> Option<&'a Value> {
    keys.iter().try_fold(root, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    })
}

impl Doc {
    /// Reads a document. One without content says nothing.
    ///
    /// # Errors
    /// [`TextError::Broken`].
    pub(crate) fn read(format: Format, text: &str) -> Result<Self, TextError> {
        let (value, strict) = match format {
            Format::Jsonc => json::value(text)?,
            Format::Toml => (toml::value(text)?, false),
            Format::Yaml => (yaml::value(text)?, false),
        };
        Ok(Self {
            format,
            text: text.to_owned(),
            value,
            strict,
        })
    }

    /// Another text in the same format.
    ///
    /// # Errors
    /// [`TextError::Broken`].
    pub(crate) fn anew(&self, text: &str) -> Result<Self, TextError> {
        Self::read(self.format, text)
    }

    /// What it says at a place.
    pub(crate) fn at(&self, keys: &[String]) -> Option<&Value> {
        at(&self.value, keys)
    }

    /// The document with one change, all else byte for byte as it was. A change that is there already
    /// gives the same text.
    ///
    /// # Errors
    /// It cannot be made in place, or would change more than it should.
    pub(crate) fn with(&self, change: &Change<'_>) -> Result<Self, TextError> {
        let mut wanted = model::apply(&self.value, change);
        if wanted == self.value && !matches!(change, Change::Restore(..)) {
            return Ok(self.clone());
        }
        let (text, before) = (self.text.as_str(), &self.value);
        let after = Self::read(
            self.format,
            &match self.format {
                Format::Jsonc => json::edit(text, change, before)?,
                Format::Toml => toml::edit(text, change, before)?,
                Format::Yaml => yaml::edit(text, change, before)?,
            },
        )?;
        let mut said = after.value.clone();
        if self.format == Format::Toml {
            // A table that only holds a table need not be written, so it goes with what it held.
            let (Change::Set(keys, _) | Change::Remove(keys) | Change::Restore(keys, _)) = change
            else {
                return Err(TextError::Place);
            };
            model::prune(&mut said, keys);
            model::prune(&mut wanted, keys);
        }
        if said == wanted && (after.strict || !self.strict) {
            Ok(after)
        } else {
            Err(TextError::Check)
        }
    }
}

/// How the lines of a text end.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Where the line of a byte begins.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Where the line of a byte ends, its line feed included.
fn line_stop(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests;
