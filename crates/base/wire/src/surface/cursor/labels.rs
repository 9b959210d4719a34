//! Whose text a field of Cursor's is, and whether it counts.

use super::{Found, Service};
use crate::surface::Channel;

/// How a text counts in an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Full,
    /// It names a model.
    Model,
    /// Ids, and state that goes along.
    None,
    /// Only if nothing else is found: the field is not known.
    Spare,
}

/// What the agent's messages hold, by their outer field numbers.
pub(super) fn label(service: Service, upload: bool, found: &Found<'_>) -> (Channel, Count) {
    let numbers = found.path.numbers();
    let field = || Channel::Field(found.path.clone());
    if upload && is_model(found.text) {
        return (field(), Count::Model);
    }
    let known = match (service, upload) {
        (Service::Chat, _) => Some((field(), Count::Full)),
        (Service::Append, false) => Some((field(), Count::None)),
        // The call's own fields, around the agent's message: that in binary is field 4.
        (Service::Append, true) if found.span.is_some() => match numbers {
            [4, inner @ ..] if !inner.is_empty() => sent(inner),
            _ => Some((field(), Count::None)),
        },
        (Service::Agent | Service::Append, true) => sent(numbers),
        (Service::Agent, false) => answered(numbers),
    };
    let other = if upload { Count::Full } else { Count::Spare };
    let (channel, count) = known.unwrap_or_else(|| (field(), other));
    if is_id(found.text) || (!upload && is_state(found.text)) {
        return (channel, Count::None);
    }
    (channel, count)
}

/// The app's messages: 1 begins a run (2 in it is what the person did), 2 brings a tool's result,
/// 3 is state that the service stored with the app, 4 is what the person did later.
fn sent(numbers: &[u32]) -> Option<(Channel, Count)> {
    match numbers {
        [1, 2, ..] | [4, ..] => Some((Channel::User, Count::Full)),
        [2, ..] => Some((Channel::Tool, Count::Full)),
        [3, ..] => Some((Channel::Tool, Count::None)),
        _ => None,
    }
}

/// The service's messages: 1 is news of the turn (in it 1 is text, 4 reasoning, 15 a tool's input
/// as it grows), the rest asks the app for tools and keeps state with it.
fn answered(numbers: &[u32]) -> Option<(Channel, Count)> {
    match numbers {
        [1, 1, ..] => Some((Channel::Assistant, Count::Full)),
        [1, 4, ..] => Some((Channel::Reasoning, Count::Full)),
        [1, 15, ..] => Some((Channel::Tool, Count::Full)),
        _ => None,
    }
}

const SHORTEST_ID: usize = 16;

/// Hashes, tokens, ids: one run of letters and digits, long, with a digit in it.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(&byte);
    text.len() >= SHORTEST_ID
        && text.bytes().all(plain)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

const SHORTEST_STATE: usize = 64;

/// A whole JSON value: the conversation as the service stores it.
fn is_state(text: &str) -> bool {
    let text = text.trim();
    let pair = (text.bytes().next(), text.bytes().last());
    text.len() >= SHORTEST_STATE
        && matches!(pair, (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}

const LONGEST_MODEL: usize = 64;
/// How the names of the models that Cursor offers begin.
const FAMILIES: [&str; 13] = [
    "claude-",
    "composer-",
    "cursor-",
    "deepseek-",
    "gemini-",
    "gpt-",
    "grok-",
    "kimi-",
    "llama-",
    "o1-",
    "o3-",
    "o4-",
    "qwen",
];

fn is_model(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte);
    let named = FAMILIES.iter().any(|family| text.starts_with(family));
    text.len() <= LONGEST_MODEL
        && text.bytes().all(plain)
        && (matches!(text, "o1" | "o3") || named && text.bytes().any(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_models_are_told_from_words() {
        assert!(is_id("2c6f1f0e-5a0f-4a1b-9c59-0f6f0d4a7e11"));
        assert!(is_id("toolu_01Abcdefghijk"));
        assert!(!is_id("internationalisation"));
        assert!(!is_id("two words of 2026"));
        assert!(is_model("claude-4.5-sonnet") && is_model("o3") && is_model("composer-1"));
        assert!(!is_model("gpt-") && !is_model("cursor-position") && !is_model("claude-4 is"));
    }
}
