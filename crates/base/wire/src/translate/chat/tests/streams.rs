//! Answers as they come: read of providers, and written to clients.

use serde_json::{Value, json};

use super::{
    super::{
        super::reply::{Delta, Opened, Stop},
        Broken, Event,
    },
    events, sse, written,
};

pub(super) fn chunk(delta: Value, finish: Value) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 5, "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
}

pub(super) fn of(chunks: &[Value]) -> Result<Vec<Event>, Broken> {
    events([sse(chunks).as_bytes()])
}

/// What a client that adds the deltas up has in the end: the message, its reason to end, and the usage.
pub(super) fn added_up(stream: &str) -> (Value, Value, Value) {
    let mut message = json!({"role": null, "content": null, "refusal": null});
    let (mut calls, mut finish, mut usage) = (Vec::<Value>::new(), Value::Null, Value::Null);
    let mut lines = stream
        .split("\n\n")
        .filter(|line| !line.is_empty())
        .peekable();
    while let Some(line) = lines.next() {
        let data = line.strip_prefix("data: ").unwrap();
        if data == "[DONE]" {
            assert_eq!(lines.peek(), None);
            break;
        }
        assert!(lines.peek().is_some(), "no end");
        let chunk: Value = serde_json::from_str(data).unwrap();
        assert_eq!(chunk["object"], "chat.completion.chunk");
        assert_eq!(
            (&chunk["model"], &chunk["id"]),
            (&json!("named"), &json!("chatcmpl-1"))
        );
        let Some(choice) = chunk["choices"].get(0) else {
            usage = chunk["usage"].clone();
            continue;
        };
        assert_eq!((&chunk["usage"], &finish), (&Value::Null, &Value::Null));
        finish = choice["finish_reason"].clone();
        for (name, value) in choice["delta"].as_object().unwrap() {
            if name == "tool_calls" {
                add_call(&mut calls, &value[0]);
            } else {
                add(&mut message[name], value);
            }
        }
    }
    for call in &mut calls {
        call.as_object_mut().unwrap().remove("index");
    }
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    // The first chunk's empty string is no text.
    if message["content"] == "" {
        message["content"] = Value::Null;
    }
    (message, finish, usage)
}

fn add_call(calls: &mut Vec<Value>, piece: &Value) {
    let at = usize::try_from(piece["index"].as_u64().unwrap()).unwrap();
    if at == calls.len() {
        assert!(
            piece["id"].is_string() && piece["type"].is_string(),
            "{piece}"
        );
        calls.push(piece.clone());
        return;
    }
    for (name, value) in piece.as_object().unwrap() {
        match value {
            Value::Object(inner) if name != "extra_content" => {
                for (inner_name, more) in inner {
                    add(&mut calls[at][name][inner_name], more);
                }
            }
            other => calls[at][name] = other.clone(),
        }
    }
}

fn add(to: &mut Value, more: &Value) {
    *to = format!(
        "{}{}",
        to.as_str().unwrap_or_default(),
        more.as_str().unwrap()
    )
    .into();
}

fn usual() -> Vec<Value> {
    let call = |index: u32, piece: Value| {
        let mut piece = piece;
        piece["index"] = index.into();
        chunk(json!({"tool_calls": [piece]}), Value::Null)
    };
    vec![
        chunk(
            json!({"role": "assistant", "content": "", "refusal": null}),
            Value::Null,
        ),
        chunk(json!({"reasoning_content": "h\u{e9}"}), Value::Null),
        chunk(
            json!({"reasoning_content": "m", "content": null}),
            Value::Null,
        ),
        chunk(json!({"content": "Let "}), Value::Null),
        chunk(json!({"content": "me."}), Value::Null),
        call(
            0,
            json!({"id": "c1", "type": "function", "function": {"name": "run", "arguments": ""}}),
        ),
        call(0, json!({"function": {"arguments": "{\"a\""}})),
        call(0, json!({"function": {"arguments": ": 1}"}})),
        call(
            1,
            json!({"id": "c2", "type": "function", "function": {"name": "patch", "arguments": "{\"inp"}}),
        ),
        call(1, json!({"function": {"arguments": "ut\":\"x\"}"}})),
        chunk(json!({}), json!("tool_calls")),
        json!({"id": "chatcmpl-1", "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 3}}),
    ]
}

#[test]
fn a_stream_is_the_same_wherever_it_is_cut() {
    let text = format!("{}data: [DONE]\n\n", sse(&usual()));
    let whole = events([text.as_bytes()]).unwrap();
    let input = |block: usize, more: &str| Event::Delta {
        block,
        delta: Delta::Input(more.to_owned()),
    };
    let said = |block: usize, more: &str| Event::Delta {
        block,
        delta: Delta::Text(more.to_owned()),
    };
    let call = |block: usize, id: &str, name: &str, freeform: bool| Event::Open {
        block,
        kind: Opened::Call {
            id: id.to_owned(),
            name: name.to_owned(),
            freeform,
        },
    };
    let Event::Usage(usage) = &whole[17] else {
        panic!("{whole:?}")
    };
    assert_eq!((usage.input, usage.output), (10, 3));
    let seal = Delta::Seal(super::super::shape::thought("reasoning_content"));
    assert_eq!(
        whole,
        [
            Event::Start {
                id: "chatcmpl-1".to_owned(),
                created: Some(5)
            },
            Event::Open {
                block: 0,
                kind: Opened::Reasoning
            },
            said(0, "h\u{e9}"),
            said(0, "m"),
            Event::Delta {
                block: 0,
                delta: seal
            },
            Event::Close { block: 0 },
            Event::Open {
                block: 1,
                kind: Opened::Text
            },
            said(1, "Let "),
            said(1, "me."),
            Event::Close { block: 1 },
            call(2, "c1", "run", false),
            input(2, "{\"a\""),
            input(2, ": 1}"),
            call(3, "c2", "patch", true),
            Event::Close { block: 2 },
            input(3, "x"),
            Event::Close { block: 3 },
            Event::Usage(*usage),
            Event::Stop(Stop::ToolCalls),
            Event::End,
        ]
    );
    for at in 0..text.len() {
        let (one, two) = text.as_bytes().split_at(at);
        assert_eq!(events([one, two]).unwrap(), whole, "{at}");
    }
    assert_eq!(events(text.as_bytes().chunks(1)).unwrap(), whole);
}

#[test]
fn the_end_may_be_sloppy_but_has_to_be_there() {
    let chunks = usual();
    let whole = of(&chunks).unwrap();
    assert_eq!(whole.last(), Some(&Event::End));
    let done = format!("{}data: [DONE]\n\ndata: more\n\n", sse(&chunks));
    assert_eq!(events([done.as_bytes()]).unwrap(), whole);
    assert!(of(&chunks[..10]).is_err());
    assert!(of(&[]).is_err());
    assert!(events([&b"data: [DONE]\n\n"[..]]).is_err());
    // Usage in the last chunk that has a choice, or in the choice.
    let report = json!({"prompt_tokens": 10, "completion_tokens": 3});
    let (mut top, mut choice) = (chunks[..11].to_vec(), chunks[..11].to_vec());
    top[10]["usage"] = report.clone();
    choice[10]["choices"][0]["usage"] = report.clone();
    let mut groq = chunks[..11].to_vec();
    groq[10]["x_groq"] = json!({"usage": report});
    for chunks in [top, choice, groq] {
        assert_eq!(of(&chunks).unwrap(), whole);
    }
    let no_reason = format!(
        "{}data: [DONE]\n\n",
        sse(&[chunk(json!({"content": "x"}), Value::Null)])
    );
    let events = events([no_reason.as_bytes()]).unwrap();
    assert!(events.contains(&Event::Stop(Stop::End)));
}

/// The calls of a stream: id, name, arguments.
fn calls_of(pieces: &[Value]) -> Result<Vec<(String, String, String)>, Broken> {
    let chunks = pieces
        .iter()
        .map(|piece| chunk(json!({"tool_calls": [piece]}), Value::Null));
    let mut chunks: Vec<Value> = chunks.collect();
    chunks.push(chunk(json!({}), json!("stop")));
    let events = of(&chunks)?;
    assert!(events.contains(&Event::Stop(Stop::ToolCalls)));
    let mut calls = Vec::new();
    for event in events {
        match event {
            Event::Open {
                block,
                kind: Opened::Call { id, name, .. },
            } => {
                assert_eq!(block, calls.len());
                calls.push((id, name, String::new()));
            }
            Event::Delta {
                block,
                delta: Delta::Input(more),
            } => calls[block].2.push_str(&more),
            _ => {}
        }
    }
    Ok(calls)
}

#[test]
fn pieces_of_calls_find_their_call() {
    let call =
        |id: &str, name: &str, input: &str| (id.to_owned(), name.to_owned(), input.to_owned());
    let piece = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    // Whole calls without index, ids or arguments.
    let found = calls_of(&[
        piece(r#"{"function":{"name":"a","arguments":"{\"x\":1}"}}"#),
        piece(r#"{"function":{"name":"a","arguments":" "}}"#),
        piece(r#"{"id":"","function":{"name":"b","arguments":{"y":2}}}"#),
        piece(r#"{"function":{"arguments":" "}}"#),
    ]);
    assert_eq!(
        found.unwrap(),
        [
            call("call_chatcmpl-1_0", "a", r#"{"x":1}"#),
            call("call_chatcmpl-1_1", "a", "{}"),
            call("call_chatcmpl-1_2", "b", r#"{"y":2} "#),
        ]
    );
    // All of index 0, told apart by their ids.
    let found = calls_of(&[
        piece(r#"{"index":0,"id":"1","function":{"name":"a","arguments":"{"}}"#),
        piece(r#"{"index":0,"function":{"arguments":"}"}}"#),
        piece(r#"{"index":0,"id":"2","function":{"name":"b","arguments":"[]"}}"#),
    ]);
    assert_eq!(found.unwrap(), [call("1", "a", "{}"), call("2", "b", "[]")]);
    // By id alone, in turns; the name comes late, and again.
    let found = calls_of(&[
        piece(r#"{"id":"1","function":{"arguments":"{"}}"#),
        piece(r#"{"id":"1","function":{"name":"a"}}"#),
        piece(r#"{"id":"2","function":{"name":"b","arguments":"["}}"#),
        piece(r#"{"id":"1","function":{"name":"a","arguments":"}"}}"#),
        piece(r#"{"id":"2","function":{"arguments":"]"}}"#),
    ]);
    assert_eq!(found.unwrap(), [call("1", "a", "{}"), call("2", "b", "[]")]);
    assert!(calls_of(&[piece(r#"{"index":0,"function":{"arguments":"{}"}}"#)]).is_err());
    assert!(calls_of(&vec![piece(r#"{"function":{"name":"a"}}"#); 1_025]).is_err());
    let long = "x".repeat((16 << 20) + 1);
    assert!(calls_of(&[json!({"function": {"name": "a", "arguments": long}})]).is_err());
}

#[test]
fn a_failure_in_the_stream_is_one() {
    for (event, words) in [
        (
            "data: {\"error\":{\"message\":\"out\",\"code\":502},\"choices\":[]}\n\n",
            "out",
        ),
        ("event: error\ndata: {\"message\":\"out\"}\n\n", "out"),
        (
            "data: {\"object\":\"error\",\"message\":\"out\"}\n\n",
            "out",
        ),
        ("data: {\"error\":\"out\"}\n\n", "out"),
    ] {
        let text = format!("{}{event}data: [DONE]\n\n", sse(&usual()[..4]));
        let found = events([text.as_bytes()]).unwrap();
        let Some(Event::Failed(failure)) = found.last() else {
            panic!("{found:?}")
        };
        assert_eq!(failure.message, words);
    }
    let stopped = of(&[chunk(
        json!({"content": "x"}),
        json!("insufficient_system_resource"),
    )])
    .unwrap();
    assert!(matches!(stopped.last(), Some(Event::Failed(_))));
    assert!(events([&b"data: {\n\n"[..]]).is_err());
}

#[test]
fn thoughts_parts_stand_apart() {
    let delta = |block, delta| Event::Delta { block, delta };
    let text = |text: &str| Delta::Text(text.to_owned());
    let stream = written(vec![
        Event::Start {
            id: "chatcmpl-1".to_owned(),
            created: None,
        },
        Event::Open {
            block: 0,
            kind: Opened::Reasoning,
        },
        delta(0, Delta::NextPart),
        delta(0, text("a")),
        delta(0, Delta::NextPart),
        delta(0, text("b")),
        Event::Close { block: 0 },
        Event::Open {
            block: 1,
            kind: Opened::Reasoning,
        },
        delta(1, text("")),
        delta(1, text("c")),
        Event::Close { block: 1 },
        Event::Open {
            block: 2,
            kind: Opened::Refusal,
        },
        delta(2, text("No.")),
        Event::Close { block: 2 },
        Event::Stop(Stop::Refusal),
        Event::End,
    ]);
    let (message, finish, usage) = added_up(&stream);
    assert_eq!(message["reasoning_content"], "a\n\nb\n\nc");
    assert_eq!(
        (&message["refusal"], finish, usage),
        (&json!("No."), json!("stop"), Value::Null)
    );
}
