//! Requests as clients send them, answers as Gemini gives them, and both ways back.

mod answers;
mod contents;
mod requests;
mod seals;
mod streams;
mod whole;
mod writing;

use serde_json::Value;

use super::super::{
    Asked, Feature, Inexpressible, Json, ReadStream as _, Refused, Request, WriteStream as _,
    reply::{Delta, Event, Opened},
    sse::Events,
    talk::{Block, Freeform, Reasoning, Speaker, Tool, Turn},
};
use super::{StreamReader, StreamWriter, read_request, write_request};

fn read(text: &str) -> Request<'_> {
    read_request(Json::read(text.as_bytes()).unwrap(), false).unwrap()
}

fn refused(text: &str) -> Refused {
    read_request(Json::read(text.as_bytes()).unwrap(), false).unwrap_err()
}

fn written(request: &Request<'_>) -> Value {
    serde_json::from_slice(&write_request(request).unwrap()).unwrap()
}

fn unwritten(request: &Request<'_>) -> Feature {
    let Inexpressible(feature) = write_request(request).unwrap_err();
    feature
}

fn text(text: &str) -> Block<'_> {
    Block::Text {
        text: text.into(),
        cache: None,
    }
}

fn turn(speaker: Speaker, blocks: Vec<Block<'_>>) -> Turn<'_> {
    Turn { speaker, blocks }
}

fn tool(name: &str) -> Tool<'_> {
    Tool {
        name: name.into(),
        description: None,
        schema: None,
        strict: None,
        freeform: None,
        namespace: None,
        cache: None,
    }
}

fn asked() -> Asked {
    let patch = Tool {
        freeform: Some(Freeform::default()),
        ..tool("apply_patch")
    };
    Asked {
        model: "fast".to_owned(),
        tools: patch.told().into_iter().collect(),
        ..Asked::default()
    }
}

/// All events of a provider's stream that comes in pieces.
fn events(asked: &Asked, pieces: &[&[u8]]) -> Vec<Event> {
    let mut reader = StreamReader::new(asked);
    let mut out = Vec::new();
    let mut events = Events::default();
    for piece in pieces {
        let read = events.push(piece, |name, data| reader.event(name, data, &mut out));
        read.unwrap();
    }
    reader.end(&mut out).unwrap();
    out
}

/// What the writer makes of events: the chunks.
fn chunks(asked: Asked, events: Vec<Event>) -> Vec<Value> {
    let mut writer = StreamWriter::new(asked);
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut out);
    }
    let text = String::from_utf8(out).unwrap();
    let whole = text.split_terminator("\n\n");
    whole
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect()
}

/// The blocks that events add up to.
fn blocks(events: &[Event]) -> Vec<Block<'static>> {
    let mut blocks: Vec<Block<'static>> = Vec::new();
    for event in events {
        match event {
            Event::Open { block, kind } => {
                assert_eq!(*block, blocks.len());
                blocks.push(opened(kind.clone()));
            }
            Event::Delta { block, delta } => grow(&mut blocks[*block], delta.clone()),
            _ => {}
        }
    }
    blocks
}

fn opened(kind: Opened) -> Block<'static> {
    match kind {
        Opened::Call { id, name, freeform } => Block::Call(super::super::talk::Call {
            id: id.into(),
            name: name.into(),
            input: "".into(),
            freeform,
            seal: None,
        }),
        Opened::Reasoning => Block::Reasoning(Reasoning {
            parts: Vec::new(),
            seal: None,
        }),
        Opened::Refusal => Block::Refusal("".into()),
        Opened::Text => text(""),
    }
}

fn grow(block: &mut Block<'static>, delta: Delta) {
    match (block, delta) {
        (Block::Text { text, .. }, Delta::Text(more)) => text.to_mut().push_str(&more),
        (Block::Reasoning(reasoning), Delta::Text(more)) => match reasoning.parts.last_mut() {
            Some(part) => part.to_mut().push_str(&more),
            None => reasoning.parts.push(more.into()),
        },
        (Block::Reasoning(Reasoning { seal, .. }), Delta::Seal(new)) => *seal = Some(new),
        (Block::Call(call), Delta::Seal(new)) => call.seal = Some(new),
        (Block::Call(call), Delta::Input(more)) => call.input.to_mut().push_str(&more),
        (block, delta) => panic!("{delta:?} on {block:?}"),
    }
}
