//! What we do to a file, as data: it is written down before it is done, so that it can be taken back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    shape::{self, Shape},
    text::{Change, Doc, TextError},
};

/// One thing that we do to a file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "op")]
pub(crate) enum Op {
    /// A value is set: an entry of ours.
    Set { keys: Vec<String>, value: Value },
    /// A flag of an entry that is there. Where its owner took the entry out meanwhile, the flag alone would be an
    /// entry that nothing can be done with, and Codex starts with none such.
    Flag { keys: Vec<String>, value: Value },
    /// An entry is taken out. In a list, `is` tells which one: its place changes with its neighbours.
    Take {
        keys: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<Value>,
    },
    /// An item is added to a list.
    Add { keys: Vec<String>, item: Value },
    /// Our shim is put before the server.
    Wrap {
        keys: Vec<String>,
        shape: Shape,
        argv: Vec<String>,
    },
    /// The whole file is ours.
    Whole { text: String },
}

/// Entries hold credentials.
impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Set { .. } => "Set",
            Self::Flag { .. } => "Flag",
            Self::Take { .. } => "Take",
            Self::Add { .. } => "Add",
            Self::Wrap { .. } => "Wrap",
            Self::Whole { .. } => "Whole",
        })
    }
}

impl Op {
    /// The document with it done.
    pub(crate) fn apply(&self, doc: &Doc) -> Result<Doc, TextError> {
        match self {
            Self::Flag { keys, .. } if !has_entry(doc, keys) => Ok(doc.clone()),
            Self::Set { keys, value } | Self::Flag { keys, value } => {
                doc.with(&Change::Set(keys, value))
            }
            Self::Add { keys, item } => doc.with(&Change::Add(keys, item)),
            Self::Take { keys, is: None } => doc.with(&Change::Remove(keys)),
            Self::Take { keys, is: Some(is) } => match place_of(doc, keys, is) {
                Some(keys) => doc.with(&Change::Remove(&keys)),
                None => Ok(doc.clone()),
            },
            Self::Wrap { keys, shape, argv } => set_argv(doc, keys, *shape, argv),
            Self::Whole { text } => doc.anew(text),
        }
    }

    /// Whether a document says it.
    pub(crate) fn stands(&self, doc: &Doc) -> bool {
        match self {
            Self::Set { keys, value } | Self::Flag { keys, value } => doc.at(keys) == Some(value),
            Self::Add { keys, item } => {
                let list = doc.at(keys).and_then(Value::as_array);
                list.is_some_and(|list| list.contains(item))
            }
            Self::Take { keys, is: None } => doc.at(keys).is_none(),
            Self::Take { keys, is: Some(is) } => place_of(doc, keys, is).is_none(),
            Self::Wrap { keys, shape, argv } => {
                let now = doc.at(keys).and_then(|entry| shape.argv(entry));
                now.is_some_and(|now| now == *argv)
            }
            Self::Whole { text } => doc.text == *text,
        }
    }

    /// The document with it taken back, as far as it still stands there; `base` is what was before.
    pub(crate) fn retract(&self, doc: &Doc, base: &Doc) -> Result<Doc, TextError> {
        match self {
            Self::Whole { .. } => Ok(base.clone()),
            Self::Wrap { keys, shape, argv } => shape::unwrap(doc, base, keys, *shape, argv),
            _ if !self.stands(doc) => Ok(doc.clone()),
            Self::Set { keys, .. } | Self::Flag { keys, .. } => unset(doc, base, keys),
            Self::Take { keys, is: None } => doc.with(&Change::Restore(keys, base)),
            Self::Take { keys, is: Some(is) } => match place_of(base, keys, is) {
                Some(keys) => doc.with(&Change::Restore(&keys, base)),
                None => Ok(doc.clone()),
            },
            Self::Add { keys, item } => {
                let list = base.at(keys).and_then(Value::as_array);
                if list.is_some_and(|list| list.contains(item)) {
                    return Ok(doc.clone());
                }
                let less = doc.with(&Change::Drop(keys, item))?;
                if list.is_none() && less.at(keys) == Some(&json!([])) {
                    unset(&less, base, keys)
                } else {
                    Ok(less)
                }
            }
        }
    }
}

/// Puts an argv into an entry of a shape.
pub(crate) fn set_argv(
    doc: &Doc,
    keys: &[String],
    shape: Shape,
    argv: &[String],
) -> Result<Doc, TextError> {
    let (program, args) = argv.split_first().ok_or(TextError::Place)?;
    let key = |name: &str| [keys, &[name.to_owned()]].concat();
    if shape == Shape::Argv {
        return doc.with(&Change::Set(&key("command"), &json!(argv)));
    }
    let doc = doc.with(&Change::Set(&key(shape.program()), &json!(program)))?;
    doc.with(&Change::Set(&key("args"), &json!(args)))
}

/// As it was before at a place; parents that we made go when nothing else is in them.
fn unset(doc: &Doc, base: &Doc, keys: &[String]) -> Result<Doc, TextError> {
    let mut doc = doc.with(&Change::Restore(keys, base))?;
    for depth in (1..keys.len()).rev() {
        let parents = keys.get(..depth).unwrap_or_default();
        if base.at(parents).is_some() || doc.at(parents) != Some(&json!({})) {
            break;
        }
        doc = doc.with(&Change::Remove(parents))?;
    }
    Ok(doc)
}

/// Whether the entry that a flag belongs to is there.
fn has_entry(doc: &Doc, flag: &[String]) -> bool {
    let entry = flag.split_last().and_then(|(_, entry)| doc.at(entry));
    entry.is_some_and(|entry| entry.as_object().is_some_and(|fields| !fields.is_empty()))
}

/// Where in the list of `keys` a value stands now.
fn place_of(doc: &Doc, keys: &[String], is: &Value) -> Option<Vec<String>> {
    let (_, parents) = keys.split_last()?;
    let items = doc.at(parents)?.as_array()?;
    let at = items.iter().position(|item| item == is)?;
    Some([parents, &[at.to_string()]].concat())
}
