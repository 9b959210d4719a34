//! Names and ids as Bedrock takes them: of calls, of tools, of documents.

use std::{
    borrow::Cow,
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::translate::{Asked, Feature, Inexpressible, Tool};

/// The longest id of a call, and the longest name of a tool, in bytes.
const LONGEST: usize = 64;
/// The longest name of a document, in bytes.
const LONGEST_DOCUMENT: usize = 200;
/// What is kept of a name that is too long, before the digits that stand for the rest.
const KEPT: usize = LONGEST - 17;

fn digits(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

const fn fits_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-')
}

const fn fits_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// An id of a call. One that does not fit is replaced by digits that follow from it, so that a call and its result
/// still have the same one: nobody else has to know it again.
pub(super) fn id(id: &str) -> Cow<'_, str> {
    if (1..=LONGEST).contains(&id.len()) && id.bytes().all(fits_id) {
        Cow::Borrowed(id)
    } else {
        Cow::Owned(format!("call_{}", digits(id)))
    }
}

/// A tool's name. One that is too long is cut, and digits that follow from all of it stand for the rest; it is made
/// whole again in the answer.
///
/// # Errors
/// It has characters that Bedrock does not take.
pub(super) fn tool(name: &str) -> Result<Cow<'_, str>, Inexpressible> {
    if name.is_empty() || !name.bytes().all(fits_name) {
        return Err(Inexpressible(Feature::ToolName));
    }
    if name.len() <= LONGEST {
        return Ok(Cow::Borrowed(name));
    }
    let kept = name.get(..KEPT).unwrap_or_default();
    Ok(Cow::Owned(format!("{kept}_{}", digits(name))))
}

/// The tools whose names are cut, each with the one that it has at Bedrock before it.
pub(in crate::translate) fn renamed(tools: &[Tool<'_>]) -> Vec<(String, String)> {
    let long = tools.iter().filter(|known| known.name.len() > LONGEST);
    let written = long.filter_map(|known| {
        let name = tool(&known.name).ok()?;
        Some((name.into_owned(), known.name.clone().into_owned()))
    });
    written.collect()
}

/// The name of the tool that was written so.
pub(super) fn original(written: &str, asked: &Asked) -> Option<String> {
    let mut renamed = asked.renamed.iter();
    let found = renamed.find(|(name, _)| name == written);
    found.map(|(_, name)| name.clone())
}

/// The names of a request's documents, which have to differ.
#[derive(Debug, Default)]
pub(super) struct Documents(HashSet<String>);

impl Documents {
    /// A document's name in the characters that Bedrock takes: letters, digits, single spaces, hyphens,
    /// parentheses and square brackets.
    pub(super) fn name(&mut self, wanted: Option<&str>) -> String {
        let mut name = String::new();
        for letter in wanted.unwrap_or_default().chars() {
            let plain = letter.is_ascii_alphanumeric() || "-()[]".contains(letter);
            if plain {
                name.push(letter);
            } else if !name.is_empty() && !name.ends_with(' ') {
                name.push(' ');
            }
            // Room for a number behind it.
            if name.len() >= LONGEST_DOCUMENT - 8 {
                break;
            }
        }
        let name = match name.trim_end() {
            "" => "document",
            name => name,
        };
        let mut found = name.to_owned();
        let mut number = 1;
        while !self.0.insert(found.clone()) {
            number += 1;
            found = format!("{name} {number}");
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_and_differ() {
        assert_eq!(id("tooluse_a.b:c-1"), "tooluse_a.b:c-1");
        let long = "x".repeat(65);
        for bad in ["", "a b", "é", &long] {
            let written = id(bad);
            assert!(written.len() <= LONGEST && written.bytes().all(fits_id));
            assert_eq!(written, id(bad));
        }
        assert_ne!(id("a b"), id("a  b"));
    }

    #[test]
    fn a_long_name_is_cut_and_made_whole_again() {
        let long = format!("mcp__{}", "x".repeat(100));
        let other = format!("mcp__{}y", "x".repeat(99));
        let named = |name: &str| Tool {
            name: Cow::Owned(name.to_owned()),
            description: None,
            schema: None,
            strict: None,
            freeform: None,
            namespace: None,
            cache: None,
        };
        let asked = Asked {
            renamed: renamed(&[named("short"), named(&other), named(&long)]),
            ..Asked::default()
        };
        for name in [&long, &other] {
            let written = tool(name).unwrap();
            assert_eq!(written.len(), LONGEST);
            assert_eq!(original(&written, &asked).as_ref(), Some(name));
        }
        assert_eq!(original("short", &asked), None);
        assert!(tool("a.b").is_err() && tool("").is_err());
    }

    #[test]
    fn documents_names_are_plain_and_differ() {
        let mut names = Documents::default();
        assert_eq!(
            names.name(Some("Q3  report_(final).pdf")),
            "Q3 report (final) pdf"
        );
        assert_eq!(
            names.name(Some("Q3 report_(final).pdf")),
            "Q3 report (final) pdf 2"
        );
        assert_eq!(names.name(None), "document");
        assert_eq!(names.name(Some("…")), "document 2");
        assert!(names.name(Some(&"é".repeat(900))).len() <= LONGEST_DOCUMENT);
        assert!(names.name(Some(&"a".repeat(900))).len() <= LONGEST_DOCUMENT);
    }
}
