//! Names that have to fit: flat names of tools in namespaces, and ids that a provider has a longest length for.

use std::{borrow::Cow, collections::HashMap};

use super::{Json, LOCAL_SHELL, talk::Tool};

/// The longest name of a tool, and the longest id, in bytes.
pub(super) const LONGEST: usize = 64;

/// The same id for the same id, at most `longest` bytes long.
pub(super) fn short(id: &str, longest: usize) -> Cow<'_, str> {
    if id.len() <= longest {
        return Cow::Borrowed(id);
    }
    let mark = format!("_{:016x}", hash(id));
    let mut end = longest.saturating_sub(mark.len());
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    let start = id.get(..end).unwrap_or_default();
    Cow::Owned(format!("{start}{mark}"))
}

/// FNV-1a, which is the same in every build: conversations go on after one.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One name for a tool in a namespace.
pub(super) fn flat(namespace: &str, name: &str) -> String {
    let between = if namespace.ends_with("__") { "" } else { "__" };
    let joined = format!("{namespace}{between}{name}");
    let known = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if joined.chars().all(known) && joined.len() <= LONGEST {
        return joined;
    }
    distinct(namespace, name)
}

/// One name for a tool in a namespace whose plain one is taken or does not fit.
pub(super) fn distinct(namespace: &str, name: &str) -> String {
    let joined: String = format!("{namespace}__{name}")
        .chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
            _ => '_',
        })
        .take(LONGEST - 17)
        .collect();
    // The line break stands in no name: no two pairs have one text.
    format!("{joined}_{:016x}", hash(&format!("{namespace}\n{name}")))
}

/// The tools of a request, by what their calls are known by.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Flat names of tools in namespaces.
    flat: HashMap<(String, String), String>,
}

impl Known {
    pub(super) fn of(tools: &[Tool<'_>]) -> Self {
        let spaced = tools.iter().filter_map(|tool| {
            let (space, name) = tool.namespace.as_ref()?;
            Some(((space.to_string(), name.to_string()), tool.name.to_string()))
        });
        Self {
            flat: spaced.collect(),
        }
    }

    /// The flat name of what is called, though it may be no tool of this request any more.
    pub(super) fn called<'a>(
        &self,
        namespace: Option<Cow<'a, str>>,
        name: Cow<'a, str>,
    ) -> Cow<'a, str> {
        let Some(namespace) = namespace.filter(|space| !space.is_empty()) else {
            return name;
        };
        let known = (namespace.into_owned(), name.into_owned());
        let found = self.flat.get(&known).cloned();
        Cow::Owned(found.unwrap_or_else(|| flat(&known.0, &known.1)))
    }
}

/// What the client has to be told of a call: the namespace, and the name in it.
pub(super) fn spaced<'t>(tools: &'t [Tool<'static>], name: &str) -> Option<(&'t str, &'t str)> {
    let tool = tools.iter().find(|tool| tool.name == name)?;
    let (space, name) = tool.namespace.as_ref()?;
    Some((space, name))
}

/// Whether calls of `local_shell` are that tool's, and not those of a function that is named so.
pub(super) fn has_local_shell(echo: &[(Cow<'static, str>, Json<'static>)]) -> bool {
    let tools = echo.iter().find(|(name, _)| name == "tools");
    let Some((_, Json::Array(tools))) = tools else {
        return false;
    };
    let kind = |tool: &Json<'_>| tool.get("type").and_then(Json::as_str) == Some(LOCAL_SHELL);
    tools.iter().any(kind)
}
