//! Any answer says the same whole and as a stream, however it comes.

use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_types::Usage;

use super::{Json, StreamWriter, asked, events, put_together, read_answer, write_answer};
use crate::translate::{
    Answer, Event, Language, Seal, SealKind, Translation, WriteStream,
    reply::{Delta, Opened, Stop},
    talk::{Block, Call, Reasoning},
};

fn seal() -> impl Strategy<Value = Option<Seal<'static>>> {
    let owners = prop::sample::select(Language::ALL);
    prop::option::of(
        (owners, any::<bool>(), "[a-z.=]{1,5}").prop_map(|(owner, content, data)| Seal {
            owner,
            kind: if content {
                SealKind::Content
            } else {
                SealKind::Signature
            },
            id: None,
            data: data.into(),
        }),
    )
}

fn block() -> impl Strategy<Value = Block<'static>> {
    prop_oneof![
        ".{0,6}".prop_map(|text| Block::Text {
            text: text.into(),
            cache: None
        }),
        ".{0,6}".prop_map(|text| Block::Refusal(text.into())),
        (prop::collection::vec(".{1,6}", 0..3), seal()).prop_map(|(parts, seal)| {
            let parts = parts.into_iter().map(Into::into).collect();
            Block::Reasoning(Reasoning { parts, seal })
        }),
        ("[a-z:.]{0,4}", ".{0,6}", any::<bool>(), seal()).prop_map(
            |(id, value, freeform, seal)| {
                let input = if freeform {
                    value
                } else {
                    json!({ "p": value }).to_string()
                };
                let name = if freeform { "patch" } else { "read" };
                let (id, input) = (id.into(), input.into());
                Block::Call(Call {
                    id,
                    name: name.into(),
                    input,
                    freeform,
                    seal,
                })
            }
        ),
    ]
}

/// A text in pieces of two characters.
fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(2)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// The steps of one block.
fn steps(number: usize, block: &Block<'_>) -> Vec<Event> {
    let mut deltas = Vec::new();
    let kind = match block {
        Block::Text { text, .. } => {
            deltas.extend(pieces(text).into_iter().map(Delta::Text));
            Opened::Text
        }
        Block::Refusal(text) => {
            deltas.extend(pieces(text).into_iter().map(Delta::Text));
            Opened::Refusal
        }
        Block::Reasoning(thought) => {
            for (at, part) in thought.parts.iter().enumerate() {
                deltas.extend((at > 0).then_some(Delta::NextPart));
                deltas.extend(pieces(part).into_iter().map(Delta::Text));
            }
            deltas.extend(
                thought
                    .seal
                    .clone()
                    .map(|seal| Delta::Seal(seal.into_owned())),
            );
            Opened::Reasoning
        }
        Block::Call(call) => {
            deltas.extend(call.seal.clone().map(|seal| Delta::Seal(seal.into_owned())));
            deltas.extend(pieces(&call.input).into_iter().map(Delta::Input));
            Opened::Call {
                id: call.id.clone().into_owned(),
                name: call.name.clone().into_owned(),
                freeform: call.freeform,
            }
        }
        Block::Media(_) | Block::Result(_) => unreachable!("no strategy makes it"),
    };
    let mut steps = vec![Event::Open {
        block: number,
        kind,
    }];
    steps.extend(deltas.into_iter().map(|delta| Event::Delta {
        block: number,
        delta,
    }));
    steps.push(Event::Close { block: number });
    steps
}

/// The steps of all blocks, several at once: blocks open in their order, and then any one goes on.
fn mixed(blocks: &[Block<'_>], order: &[usize]) -> Vec<Event> {
    let mut waiting: Vec<_> = blocks
        .iter()
        .enumerate()
        .map(|(number, block)| steps(number, block).into_iter())
        .collect();
    let (mut opened, mut out, mut at) = (0, Vec::new(), 0);
    while waiting.iter().any(|steps| steps.len() > 0) {
        let choice = order.get(at % order.len().max(1)).copied().unwrap_or(0);
        at += 1;
        let which = choice % (opened + 1).min(waiting.len());
        if which == opened {
            opened += 1;
        }
        out.extend(waiting[which].next());
        // Nothing more of it: the first that has something goes on, so that it ends.
        if waiting[which].len() == 0
            && let Some(first) = waiting.iter().position(|steps| steps.len() > 0)
        {
            opened = opened.max(first + 1);
            out.extend(waiting[first].next());
        }
    }
    out
}

/// An event that may or may not fit where it stands.
fn event() -> impl Strategy<Value = Value> {
    let index = 0u8..3;
    prop_oneof![
        (index.clone(), prop::sample::select(vec!["text", "thinking", "redacted_thinking", "other"]))
            .prop_map(|(index, kind)| json!({
                "type": "content_block_start", "index": index, "content_block": {"type": kind, "data": "x"}})),
        (index.clone(), prop::sample::select(vec!["read", "patch"])).prop_map(|(index, name)| json!({
            "type": "content_block_start", "index": index,
            "content_block": {"type": "tool_use", "id": "t", "name": name, "input": {}}})),
        (index.clone(), prop::sample::select(vec![
            json!({"type": "text_delta", "text": "a"}),
            json!({"type": "thinking_delta", "thinking": "a"}),
            json!({"type": "signature_delta", "signature": "a"}),
            json!({"type": "signature_delta"}),
        ]))
            .prop_map(|(index, delta)| json!({"type": "content_block_delta", "index": index, "delta": delta})),
        index.prop_map(|index| json!({"type": "content_block_stop", "index": index})),
        Just(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": -1}})),
    ]
}

proptest! {
    #[test]
    fn whole_and_stream_agree(
        blocks in prop::collection::vec(block(), 0..6),
        order in prop::collection::vec(0usize..6, 1..20),
        cuts in prop::collection::vec(1usize..60, 1..20),
    ) {
        let usage = Usage { input: 1, cached: 2, cache_write_1h: 3, output: 9, reasoning: 4, ..Usage::default() };
        let mut written = Vec::new();
        let mut writer = StreamWriter::new(asked());
        writer.event(Event::Start { id: "a".to_owned(), created: None }, &mut written);
        for step in mixed(&blocks, &order) {
            writer.event(step, &mut written);
        }
        for step in [Event::Stop(Stop::MaxOutput), Event::Usage(usage), Event::End] {
            writer.event(step, &mut written);
        }
        let streamed = put_together(&events(&written));
        let answer = Answer {
            id: "a".to_owned(),
            created: None,
            blocks,
            stop: Stop::MaxOutput,
            usage: Some(usage),
        };
        let whole = write_answer(&answer, &asked());
        prop_assert_eq!(&streamed, &serde_json::from_slice::<Value>(&whole).unwrap());

        // Read again, cut anywhere, it is the same still: marks are carried as they are.
        let back = Translation { client: Language::Messages, upstream: Language::Messages, betas: None, asked: asked() };
        let again = back.whole(&whole).unwrap();
        let read = read_answer(Json::read(&whole).unwrap(), &asked()).unwrap();
        prop_assert_eq!(read.usage.unwrap().total(), usage.total());
        let mut stream = back.stream();
        let (mut out, mut rest, mut at) = (Vec::new(), &*written, 0);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(cuts[at % cuts.len()]));
            out.extend(stream.push(piece).unwrap());
            (rest, at) = (after, at + 1);
        }
        out.extend(stream.end().unwrap());
        let streamed = put_together(&events(&out));
        prop_assert_eq!(&streamed, &serde_json::from_slice::<Value>(&again).unwrap());
    }

    #[test]
    fn nonsense_is_broken_or_written_well(
        text in ".{0,200}",
        events_of_any_kind in prop::collection::vec(event(), 0..12),
        ends in any::<bool>(),
    ) {
        let back = Translation { client: Language::Messages, upstream: Language::Messages, betas: None, asked: asked() };
        if let Ok(answer) = back.whole(text.as_bytes()) {
            prop_assert!(serde_json::from_slice::<Value>(&answer).is_ok());
        }
        let mut stream = back.stream();
        let mut out = Vec::new();
        let begin = json!({"type": "message_start", "message": {}});
        let end = json!({"type": "message_stop"});
        let all = std::iter::once(begin).chain(events_of_any_kind).chain(ends.then_some(end));
        let mut whole = true;
        for event in all {
            let piece = format!("data: {event}\n\n");
            whole &= stream.push(piece.as_bytes()).map(|more| out.extend(more)).is_ok();
        }
        whole &= stream.end().map(|more| out.extend(more)).is_ok();
        prop_assert!(ends || !whole);
        let said = events(&out);
        if whole {
            put_together(&said);
        }
    }
}
