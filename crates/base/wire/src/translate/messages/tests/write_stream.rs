//! Answers written as they come.

use serde_json::{Value, json};
use tidegate_types::Usage;

use super::{
    LONGEST, StreamWriter, asked, events, put_together,
    read_stream::{close, input, open, said},
};
use crate::translate::{
    Event, Language, Seal, SealKind, WriteStream,
    reply::{Delta, Opened, Stop},
};

fn write(steps: impl IntoIterator<Item = Event>) -> Vec<u8> {
    let mut writer = StreamWriter::new(asked());
    let mut out = Vec::new();
    for step in steps {
        writer.event(step, &mut out);
    }
    out
}

fn call(block: usize, id: &str) -> Event {
    open(
        block,
        Opened::Call {
            id: id.to_owned(),
            name: "read".to_owned(),
            freeform: false,
        },
    )
}

fn seal(block: usize, owner: Language) -> Event {
    let seal = Seal {
        owner,
        kind: SealKind::Signature,
        id: None,
        data: "cw==".into(),
    };
    Event::Delta {
        block,
        delta: Delta::Seal(seal),
    }
}

/// A message of these blocks' steps.
fn message(steps: Vec<Event>) -> Value {
    let first = Event::Start {
        id: "x".to_owned(),
        created: None,
    };
    let steps = std::iter::once(first).chain(steps).chain([Event::End]);
    put_together(&events(&write(steps)))
}

#[test]
fn blocks_at_once_are_written_one_after_the_other() {
    let message = message(
        vec![
            open(0, Opened::Text),
            call(1, "a"),
            call(2, "b.c"),
            said(0, "x"),
            input(2, "{\"q\""),
            input(1, "{\"p\":1}"),
            close(2),
            said(0, "y"),
            close(1),
            close(0),
            open(3, Opened::Text),
            close(3),
            open(4, Opened::Refusal),
            said(4, "No."),
        ]
        .into_iter()
        .map(|step| match step {
            // The rest of what is closed early.
            Event::Delta { block: 2, .. } => input(2, "{\"q\":2}"),
            step => step,
        })
        .collect(),
    );
    let wanted = json!([
        {"type": "text", "text": "xy"},
        {"type": "tool_use", "id": "a", "name": "read", "input": {"p": 1}},
        {"type": "tool_use", "id": "tgx_b_2ec", "name": "read", "input": {"q": 2}},
        {"type": "text", "text": "No."},
    ]);
    assert_eq!(message["content"], wanted);
    assert_eq!(message["stop_reason"], "tool_use");
}

#[test]
fn thoughts_and_their_seals_are_written() {
    let message = message(vec![
        open(0, Opened::Reasoning),
        said(0, "One."),
        Event::Delta {
            block: 0,
            delta: Delta::NextPart,
        },
        said(0, "Two."),
        seal(0, Language::Responses),
        close(0),
        open(1, Opened::Reasoning),
        Event::Delta {
            block: 1,
            delta: Delta::NextPart,
        },
        seal(1, Language::Responses),
        close(1),
        open(2, Opened::Reasoning),
        seal(2, Language::Messages),
        close(2),
        open(3, Opened::Reasoning),
        close(3),
        call(4, "early"),
        seal(4, Language::Gemini),
        input(4, "{}"),
        close(4),
        call(5, "late"),
        input(5, "{}"),
        seal(5, Language::Gemini),
        close(5),
    ]);
    let tool = |id| json!({"type": "tool_use", "id": id, "name": "read", "input": {}});
    let wanted = json!([
        {"type": "thinking", "thinking": "One.\n\nTwo.", "signature": "tg1.responses.s..cw=="},
        {"type": "redacted_thinking", "data": "tg1.responses.s..cw=="},
        {"type": "thinking", "thinking": "", "signature": "cw=="},
        {"type": "redacted_thinking", "data": "tg1.gemini.s.early.cw=="},
        tool("early"),
        tool("late"),
        {"type": "redacted_thinking", "data": "tg1.gemini.s.late.cw=="},
    ]);
    assert_eq!(message["content"], wanted);
}

#[test]
fn a_freeform_call_is_wrapped_as_it_comes() {
    let message = message(vec![
        open(
            0,
            Opened::Call {
                id: "a".to_owned(),
                name: "patch".to_owned(),
                freeform: true,
            },
        ),
        input(0, "*** \"x"),
        input(0, "\"\n"),
        close(0),
        open(
            1,
            Opened::Call {
                id: "b".to_owned(),
                name: "patch".to_owned(),
                freeform: true,
            },
        ),
        close(1),
    ]);
    assert_eq!(
        message["content"][0]["input"],
        json!({"input": "*** \"x\"\n"})
    );
    assert_eq!(message["content"][1]["input"], json!({"input": ""}));
}

#[test]
fn usage_and_reason_are_those_of_the_end() {
    let usage = Usage {
        input: 3,
        output: 4,
        ..Usage::default()
    };
    let message = message(vec![
        open(0, Opened::Text),
        said(0, "x"),
        close(0),
        Event::Stop(Stop::Sequence(Some("END".to_owned()))),
        Event::Usage(usage),
    ]);
    assert_eq!(message["usage"]["input_tokens"], 3);
    assert_eq!(message["usage"]["output_tokens"], 4);
    assert_eq!(
        (&message["stop_reason"], &message["stop_sequence"]),
        (&json!("stop_sequence"), &json!("END"))
    );
}

#[test]
fn what_waits_has_a_bound() {
    let long = "x".repeat(LONGEST);
    let out = write([
        open(0, Opened::Text),
        said(0, "a"),
        open(1, Opened::Text),
        said(1, &long),
        Event::End,
    ]);
    let last = events(&out).pop().unwrap();
    assert_eq!(last["type"], "error");
    let out = write(
        (0..2_000)
            .map(|block| open(block, Opened::Text))
            .chain([Event::End]),
    );
    assert_eq!(events(&out).pop().unwrap()["type"], "error");
    // What has been written leaves room again.
    let half = "x".repeat(LONGEST / 2 + 1);
    let mut steps = vec![open(0, Opened::Text)];
    for block in 1..4 {
        steps.extend([
            open(block, Opened::Text),
            said(block, &half),
            close(block - 1),
        ]);
    }
    let message = message(steps);
    assert_eq!(message["content"].as_array().unwrap().len(), 3);
}
