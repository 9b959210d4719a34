//! A stream says what the whole answer says, however it is cut, and nonsense is no reason to panic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{Event, Json},
    answer_of, asked, events, sse,
    streams::{added_up, chunk},
    written,
};

/// An answer, how it is cut into pieces, and how sloppily it is written.
#[derive(Debug, Clone)]
struct Sloppy {
    thought: String,
    text: String,
    calls: Vec<(bool, String)>,
    piece: usize,
    ids: bool,
    indexes: bool,
    done: bool,
}

fn sloppy() -> impl Strategy<Value = Sloppy> {
    let calls = prop::collection::vec((any::<bool>(), "[ -~\u{e9}]{0,12}"), 0..4);
    let rest = (1..6_usize, any::<bool>(), any::<bool>(), any::<bool>());
    let said = ("[ -~\u{4e2d}]{0,12}", "[ -~\n\u{1f600}]{0,12}", calls, rest);
    said.prop_map(
        |(thought, text, calls, (piece, ids, indexes, done))| Sloppy {
            thought,
            text,
            calls,
            piece,
            ids,
            indexes,
            done,
        },
    )
}

fn cut(text: &str, length: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(length)
        .map(|piece| piece.iter().collect())
        .collect()
}

impl Sloppy {
    fn call(&self, at: usize) -> Value {
        let (freeform, input) = &self.calls[at];
        let arguments = match freeform {
            true => json!({"input": input}).to_string(),
            false => input.clone(),
        };
        let name = if *freeform { "patch" } else { "run" };
        let mut call =
            json!({"type": "function", "function": {"name": name, "arguments": arguments}});
        if self.ids {
            call["id"] = format!("c{at}").into();
        }
        call
    }

    fn whole(&self) -> Value {
        let mut message = json!({"role": "assistant", "content": self.text});
        if self.text.is_empty() {
            message["content"] = Value::Null;
        }
        message["reasoning"] = self.thought.clone().into();
        message["tool_calls"] = (0..self.calls.len()).map(|at| self.call(at)).collect();
        json!({"id": "chatcmpl-1", "created": 5, "choices": [{"message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 2, "completion_tokens": 1}})
    }

    fn stream(&self) -> String {
        let mut chunks = Vec::new();
        for (field, said) in [("reasoning", &self.thought), ("content", &self.text)] {
            let pieces = cut(said, self.piece).into_iter();
            chunks.extend(pieces.map(|piece| chunk(json!({field: piece}), Value::Null)));
        }
        for at in 0..self.calls.len() {
            let mut first = self.call(at);
            let arguments = first["function"]["arguments"].take();
            let mut pieces = cut(arguments.as_str().unwrap(), self.piece).into_iter();
            first["function"]["arguments"] = pieces.next().unwrap_or_default().into();
            let rest = pieces.map(|piece| json!({"function": {"arguments": piece}}));
            for mut piece in std::iter::once(first).chain(rest) {
                if self.indexes {
                    piece["index"] = at.into();
                }
                chunks.push(chunk(json!({"tool_calls": [piece]}), Value::Null));
            }
        }
        chunks.push(chunk(json!({}), json!("stop")));
        chunks.push(json!({"choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 1}}));
        let done = if self.done { "data: [DONE]\n\n" } else { "" };
        format!("{}{done}", sse(&chunks))
    }
}

proptest! {
    #[test]
    fn a_stream_says_what_the_whole_answer_says(sloppy in sloppy(), piece in 1..40_usize) {
        let stream = sloppy.stream();
        let events = events(stream.as_bytes().chunks(piece)).unwrap();
        keeps_order(&events);
        let (message, finish, usage) = added_up(&written(events));
        let whole = answer_of(&sloppy.whole());
        prop_assert_eq!(&message, &whole["choices"][0]["message"]);
        prop_assert_eq!(&finish, &whole["choices"][0]["finish_reason"]);
        prop_assert_eq!(&usage, &whole["usage"]);
    }

    #[test]
    fn nonsense_is_refused_or_becomes_whole_events(deltas in prop::collection::vec(nonsense(), 0..8)) {
        let chunks: Vec<Value> = deltas.into_iter().map(|delta| chunk(delta, Value::Null)).collect();
        let text = format!("{}data: [DONE]\n\n", sse(&chunks));
        if let Ok(events) = events([text.as_bytes()]) {
            keeps_order(&events);
            prop_assert!(written(events).ends_with("data: [DONE]\n\n"));
        }
        let body = json!({"choices": [{"message": chunks.first().map(|chunk| &chunk["choices"][0]["delta"])}]});
        let (text, asked) = (body.to_string(), asked());
        let answer = super::super::read_answer(Json::read(text.as_bytes()).unwrap(), &asked);
        if let Ok(answer) = answer {
            prop_assert!(!super::super::write_answer(&answer, &asked).is_empty());
        }
    }
}

/// Blocks count up, get their deltas while they are open, and are all closed; one reason and one end are last.
fn keeps_order(events: &[Event]) {
    let (mut open, mut next) = (Vec::new(), 0);
    assert!(matches!(events.first(), Some(Event::Start { .. })));
    assert!(matches!(events, [.., Event::Stop(_), Event::End]));
    for event in events {
        match event {
            Event::Open { block, .. } => {
                assert_eq!(*block, next);
                next += 1;
                open.push(*block);
            }
            Event::Delta { block, .. } => assert!(open.contains(block)),
            Event::Close { block } => {
                assert!(open.contains(block));
                open.retain(|other| other != block);
            }
            _ => {}
        }
    }
    assert!(open.is_empty());
}

fn nonsense() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "content",
        "reasoning",
        "refusal",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "index",
        "id",
        "type",
        "text",
        "thinking",
        "extra_content",
        "google",
        "thought_signature",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i8>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        "[a-z ]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(word.clone(), inner, 0..5).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ]
    })
}
