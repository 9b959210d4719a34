//! The answer, decided once and then written in the caller's dialect.

use serde_json::Value;

use super::ask::Ask;
use super::knobs::Knobs;
use super::schema::minimal;
use super::usage::Usage;

/// The echo is the prompt's tail, no longer than this.
const ECHO: usize = 200;
/// What a long answer is filled with.
const FILLER: &str = "The tide turns at the gate, and the water keeps its count. ";
/// A stream has at most about this many text events.
const PIECES: usize = 64;
/// A text event holds at least this many bytes.
const PIECE: usize = 12;

/// A tool call of the answer.
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    /// JSON text, or free text for a custom tool.
    pub(super) arguments: String,
    pub(super) custom: bool,
}

/// An answer to a generation request: text, or tool calls.
pub(super) struct Turn {
    /// Makes ids unique within one stand-in.
    pub(super) serial: u64,
    pub(super) model: String,
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) usage: Usage,
    pub(super) tier: Option<String>,
}

impl Turn {
    pub(super) fn plan(ask: Ask, knobs: &Knobs, serial: u64) -> Self {
        let call = |(index, (name, input, custom)): (usize, (String, Value, bool))| Call {
            id: format!("call_standin_{serial}_{index}"),
            arguments: match input.as_str() {
                Some(text) if custom => text.to_owned(),
                _ => input.to_string(),
            },
            name,
            custom,
        };
        let calls: Vec<_> = ask.calls.into_iter().enumerate().map(call).collect();
        let text = match (&ask.schema, knobs.size) {
            _ if !calls.is_empty() => String::new(),
            (Some(schema), _) => minimal(schema).to_string(),
            (None, Some(size)) => FILLER.repeat(size / FILLER.len() + 1)[..size].to_owned(),
            (None, None) => format!("echo: {}", tail(&ask.echo, ECHO)),
        };
        let answer = calls
            .iter()
            .map(|call| call.name.len() + call.arguments.len())
            .sum::<usize>();
        Self {
            serial,
            model: ask.model,
            usage: Usage::new(ask.tokens, answer + text.len(), &knobs.usage),
            text,
            calls,
            tier: knobs.usage.tier.clone().or(ask.tier),
        }
    }

    /// The text in the pieces a stream sends it in.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        pieces(&self.text)
    }
}

/// Splits text for a stream, at character boundaries.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let size = text.len().div_ceil(PIECES).max(PIECE);
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = size.min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn tail(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text_and_respect_characters() {
        for text in [
            "",
            "short",
            "ünïcödé ".repeat(40).as_str(),
            "é".repeat(9000).as_str(),
        ] {
            assert_eq!(pieces(text).collect::<String>(), text);
            assert!(pieces(text).count() <= PIECES + 1);
        }
    }

    #[test]
    fn tail_never_splits_a_character() {
        assert_eq!(tail("aé", 1), "");
        assert_eq!(tail("aé", 2), "é");
    }
}
