//! What clients send and get, and what the provider gets and sends.

mod answers;
mod inputs;
mod read_streams;
mod requests;
mod round_trip;
mod shell;
mod write_streams;
mod written;

use serde_json::Value;

use super::{
    Asked, Json, ReadStream, Request, StreamReader, StreamWriter, WriteStream, read_request,
    reply::Event,
    talk::{Block, Tool},
};
use crate::translate::sse::Events;

/// What a writer of answers knows of a request.
fn asked(body: &str) -> Asked {
    let (request, echo) = read_request(Json::read(body.as_bytes()).unwrap()).unwrap();
    Asked {
        array: false,
        call: "req_1".to_owned(),
        one_call: false,
        renamed: Vec::new(),
        model: "named".to_owned(),
        stream_usage: true,
        tools: request.tools.into_iter().filter_map(Tool::told).collect(),
        echo,
    }
}

/// The field that a request is refused by.
fn refused(body: &str) -> String {
    let read = read_request(Json::read(body.as_bytes()).unwrap());
    read.expect_err(body).field
}

fn read(body: &str) -> Request<'_> {
    read_request(Json::read(body.as_bytes()).unwrap())
        .unwrap()
        .0
}

fn text_of<'b>(block: &'b Block<'_>) -> &'b str {
    match block {
        Block::Text { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The steps of a stream that is cut into pieces.
fn steps(pieces: &[&[u8]]) -> Vec<Event> {
    let mut reader = StreamReader::new(&Asked::default());
    let mut events = Events::default();
    let mut out = Vec::new();
    for piece in pieces {
        let read = events.push(piece, |name, data| reader.event(name, data, &mut out));
        read.unwrap();
    }
    reader.end(&mut out).unwrap();
    out
}

/// What a client gets of steps: events' names and data.
fn said(asked: Asked, steps: Vec<Event>) -> Vec<(String, Value)> {
    let mut writer = StreamWriter::new(asked);
    let mut out = Vec::new();
    for step in steps {
        writer.event(step, &mut out);
    }
    let mut found = Vec::new();
    let read = Events::default().push(&out, |name, data| {
        found.push((name.to_owned(), value(data)));
        Ok(())
    });
    read.unwrap();
    found
}
