//! What a configuration file says, whatever format it is written in: a tree without types, so that one
//! wrong entry cannot take the others along.

use std::{collections::BTreeMap, fmt};

/// A value. It holds whatever the file held, credentials among it, so it is never shown.
#[derive(Clone, PartialEq, Default)]
pub(crate) enum Tree {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
}

impl Tree {
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.get(key)
    }

    /// What stands below several keys, one below the other.
    pub(crate) fn at<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<&Self> {
        keys.into_iter().try_fold(self, |tree, key| tree.get(key))
    }

    pub(crate) const fn map(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) const fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The texts of a list; what is no text is left out.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let list = self.list().unwrap_or_default();
        list.iter().filter_map(Self::text).collect()
    }

    pub(crate) fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        })
    }
}

/// A file that was read, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// What could be told.
    pub(crate) tree: Tree,
    pub(crate) fault: Option<Fault>,
    /// Where reading ended before the file did: the keys of what is not whole.
    pub(crate) cut: Option<Vec<String>>,
}

impl Parsed {
    pub(crate) fn whole(tree: Tree) -> Self {
        Self {
            tree,
            ..Self::default()
        }
    }

    pub(crate) fn nothing(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            cut: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Whether what stands at these keys was read to its end.
    pub(crate) fn is_whole(&self, keys: &[String]) -> bool {
        self.cut.as_ref().is_none_or(|cut| !cut.starts_with(keys))
    }
}

/// What is wrong with a file. No content: only where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not written in its format; the line, counted from 1.
    Syntax(usize),
    /// A key stands twice in one object; the last one holds.
    Twice,
    /// Bytes that are no text.
    NoText,
    /// Deeper than [`DEEPEST`].
    Deep,
    /// More than [`MOST_VALUES`].
    Many,
}

/// How deep values may stand in each other. Real files reach a dozen.
pub(crate) const DEEPEST: usize = 64;
/// How many values a file may have. The largest real files have some ten thousand.
pub(crate) const MOST_VALUES: usize = 1_000_000;
