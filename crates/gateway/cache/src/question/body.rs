//! The members of a body that decide its answer, and those that forbid to keep it.

use std::borrow::Cow;

use tidegate_wire::{
    Dialect, Operation,
    json::{Cursor, Fault, Members},
};

/// A member of the body's top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member<'a> {
    /// Its name, decoded.
    pub(super) name: Cow<'a, [u8]>,
    /// Its value, as it stands.
    pub(super) value: &'a [u8],
    /// Where that is in the body.
    pub(super) at: usize,
}

/// What a member means for a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It decides what is answered.
    Decides,
    /// It says how the answer is delivered, or labels it: the answer is the same without it.
    Delivers,
    /// Unless it is null or `false`, there is state at the provider or something happens there, or the answer
    /// is no text.
    Forbids,
    /// Tools, some of which a provider runs.
    Tools,
}

fn meaning(operation: Operation, name: &[u8]) -> Meaning {
    use Operation as Op;
    match (operation, name) {
        (_, b"stream" | b"stream_options") if operation.dialect() != Dialect::Gemini => {
            Meaning::Delivers
        }
        // Answers of Responses repeat these: there they decide.
        (
            Op::ChatCompletions | Op::Completions | Op::Embeddings,
            b"metadata"
            | b"prompt_cache_key"
            | b"prompt_cache_options"
            | b"prompt_cache_retention"
            | b"safety_identifier"
            | b"user",
        )
        | (Op::Messages, b"metadata") => Meaning::Delivers,
        (Op::ChatCompletions, b"audio" | b"store" | b"web_search_options")
        | (Op::Messages, b"container" | b"mcp_servers")
        | (
            Op::Responses,
            b"background" | b"conversation" | b"previous_response_id" | b"prompt" | b"store",
        ) => Meaning::Forbids,
        (_, b"tools") => Meaning::Tools,
        _ => Meaning::Decides,
    }
}

/// The members that decide, ordered by name; `None` where the answer is not to be kept.
pub(super) fn members(operation: Operation, body: &[u8]) -> Option<Vec<Member<'_>>> {
    let mut cursor = Cursor::new(body);
    cursor.open_object().ok()?;
    let mut found = Vec::with_capacity(16);
    // Responses are stored by their provider unless the caller says otherwise, and can then be deleted there.
    let mut stored = operation == Operation::Responses;
    let mut walk = Members::First;
    while let Some(key) = cursor.member(&mut walk).ok()? {
        let name = match key.decode().ok()? {
            Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
            Cow::Owned(name) => Cow::Owned(name.into_bytes()),
        };
        let start = cursor.skip_value().ok()?;
        let value = cursor.slice(start);
        match meaning(operation, &name) {
            Meaning::Delivers => continue,
            Meaning::Decides => {}
            Meaning::Forbids if !matches!(value, b"null" | b"false") => return None,
            Meaning::Forbids => stored &= !(&*name == b"store" && value == b"false"),
            Meaning::Tools if !only_of_the_client(operation, value).unwrap_or(false) => {
                return None;
            }
            Meaning::Tools => {}
        }
        let at = start;
        found.push(Member { name, value, at });
    }
    if stored {
        return None;
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Some(found)
}

/// Whether the client runs all of these tools: what a provider runs has effects, or looks at a world that
/// changes.
fn only_of_the_client(operation: Operation, tools: &[u8]) -> Result<bool, Fault> {
    let mut cursor = Cursor::new(tools);
    if cursor.peek() == Some(b'n') {
        return Ok(true);
    }
    cursor.open_array()?;
    let mut items = Members::First;
    while cursor.item(&mut items)? {
        cursor.open_object()?;
        let mut members = Members::First;
        while let Some(key) = cursor.member(&mut members)? {
            let name = key.decode()?;
            let start = match (operation.dialect(), &*name) {
                (Dialect::Gemini, "functionDeclarations" | "function_declarations") => {
                    cursor.skip_value()?;
                    continue;
                }
                (Dialect::Gemini, _) => return Ok(false),
                (_, "type") => cursor.skip_value()?,
                _ => {
                    cursor.skip_value()?;
                    continue;
                }
            };
            let word = cursor.slice(start);
            let known = matches!(
                word,
                b"\"function\"" | b"\"custom\"" | b"\"namespace\"" | b"null"
            );
            // Anthropic's schemas of tools that the client runs, with a date behind.
            let of_a_client = word.starts_with(b"\"bash_") || word.starts_with(b"\"text_editor_");
            if !known && !of_a_client {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
