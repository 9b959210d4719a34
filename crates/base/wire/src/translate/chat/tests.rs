//! Tests: requests as clients send them, what providers get of them, and answers on their way back.

mod agree;
mod answers;
mod requests;
mod streams;
mod written;

use serde_json::{Value, json};

use super::{
    super::{
        reply::Answer,
        sse::Events,
        talk::{Freeform, Tool},
    },
    Asked, Broken, Event, Json, ReadStream, Refused, Request, StreamReader, StreamWriter,
    WriteStream,
};

/// The text of a request, which what is read of it borrows from.
fn text(body: &Value) -> String {
    body.to_string()
}

fn read(text: &str) -> Result<Request<'_>, Refused> {
    super::read_request(Json::read(text.as_bytes()).unwrap())
}

fn refused(body: &Value) -> String {
    let text = text(body);
    let refused = read(&text).unwrap_err();
    format!("{} {}", refused.field, refused.why)
}

fn write(request: &Request<'_>) -> Value {
    serde_json::from_slice(&super::write_request(request).unwrap()).unwrap()
}

/// What a request of one user's message and these members is written as.
fn again(members: Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    write(&read(&text(&body)).unwrap())
}

fn tool(name: &str, freeform: bool) -> Tool<'static> {
    Tool {
        name: name.to_owned().into(),
        description: None,
        schema: None,
        strict: None,
        freeform: freeform.then(Freeform::default),
        namespace: None,
        cache: None,
    }
}

fn asked() -> Asked {
    Asked {
        array: false,
        call: "req_1".to_owned(),
        one_call: false,
        renamed: Vec::new(),
        model: "named".to_owned(),
        stream_usage: true,
        tools: vec![tool("run", false), tool("patch", true)],
        echo: Vec::new(),
    }
}

/// The events of a provider's stream that comes in these pieces and ends.
fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>, Broken> {
    let mut reader = StreamReader::new(&asked());
    let (mut events, mut out) = (Events::default(), Vec::new());
    for piece in pieces {
        events.push(piece, |name, data| reader.event(name, data, &mut out))?;
    }
    reader.end(&mut out)?;
    Ok(out)
}

fn written(events: Vec<Event>) -> String {
    let mut writer = StreamWriter::new(asked());
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut out);
    }
    String::from_utf8(out).unwrap()
}

/// A stream of these chunks, as a provider writes it.
fn sse(chunks: &[Value]) -> String {
    let chunks = chunks.iter();
    chunks.map(|chunk| format!("data: {chunk}\n\n")).collect()
}

fn answer_of(body: &Value) -> Value {
    let text = text(body);
    let asked = asked();
    let answer: Answer<'_> =
        super::read_answer(Json::read(text.as_bytes()).unwrap(), &asked).unwrap();
    serde_json::from_slice(&super::write_answer(&answer, &asked)).unwrap()
}

#[test]
fn a_request_and_its_answer_pass_through() {
    use super::super::{Language, Operation, request};

    let body =
        json!({"model": "mine", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let translate = || {
        request(
            Operation::ChatCompletions,
            Language::Chat,
            ("mine", "theirs"),
            "req_1",
            body.to_string().as_bytes(),
        )
        .unwrap()
    };
    let there = translate();
    let sent: Value = serde_json::from_slice(&there.body).unwrap();
    assert_eq!(
        (&sent["model"], there.target.as_str()),
        (&json!("theirs"), "/v1/chat/completions")
    );
    let whole = json!({"choices": [{"message": {"content": "Hi."}, "finish_reason": "stop"}]});
    let back = there.back.whole(whole.to_string().as_bytes()).unwrap();
    let back: Value = serde_json::from_slice(&back).unwrap();
    assert_eq!(
        (&back["model"], &back["choices"][0]["message"]["content"]),
        (&json!("mine"), &json!("Hi."))
    );
    let mut stream = there.back.stream();
    let said = json!({"choices": [{"delta": {"content": "Hi."}, "finish_reason": "stop"}]});
    let first = stream.push(sse(&[said]).as_bytes()).unwrap();
    assert!(
        String::from_utf8(first)
            .unwrap()
            .contains("\"content\":\"Hi.\"")
    );
    assert!(stream.end().unwrap().ends_with(b"data: [DONE]\n\n"));
    let mut failing = translate().back.stream();
    let failed = failing
        .push(b"data: {\"error\":{\"message\":\"out\"}}\n\n")
        .unwrap();
    assert!(String::from_utf8(failed).unwrap().contains("out"));
    assert!(translate().back.stream().end().is_err());
}

#[test]
fn a_streams_usage_is_told_to_who_asked() {
    let chunks = [
        json!({"id": "a", "choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}),
        json!({"id": "a", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}),
    ];
    for wanted in [true, false] {
        let mut writer = StreamWriter::new(Asked {
            stream_usage: wanted,
            ..asked()
        });
        let mut out = Vec::new();
        for event in events([sse(&chunks).as_bytes()]).unwrap() {
            writer.event(event, &mut out);
        }
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.contains("\"prompt_tokens\":9"), wanted);
        assert_eq!(out.contains("\"usage\":null"), wanted);
    }
}
