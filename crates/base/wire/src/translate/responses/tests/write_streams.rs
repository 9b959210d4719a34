//! Streams as clients get them.

use serde_json::{Value, json};
use tidegate_types::Usage;

use super::{
    super::{
        Language, Seal, SealKind,
        reply::{Delta, Event, Opened, Stop},
    },
    asked, requests, said,
};

fn start() -> Event {
    Event::Start {
        id: "x".to_owned(),
        created: Some(7),
    }
}

fn open(block: usize, kind: Opened) -> Event {
    Event::Open { block, kind }
}

fn text(block: usize, text: &str) -> Event {
    Event::Delta {
        block,
        delta: Delta::Text(text.to_owned()),
    }
}

fn input(block: usize, text: &str) -> Event {
    Event::Delta {
        block,
        delta: Delta::Input(text.to_owned()),
    }
}

fn seal(block: usize, owner: Language) -> Event {
    let seal = Seal {
        owner,
        kind: SealKind::Signature,
        id: None,
        data: "SIG".into(),
    };
    Event::Delta {
        block,
        delta: Delta::Seal(seal),
    }
}

fn call(name: &str, freeform: bool) -> Opened {
    Opened::Call {
        id: "c1".to_owned(),
        name: name.to_owned(),
        freeform,
    }
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    let short = |name: &'_ str| -> usize { name.find('.').map_or(0, |at| at + 1) };
    events
        .iter()
        .map(|(name, _)| &name[short(name)..])
        .collect()
}

/// An answer with one item of each kind.
fn each_kind() -> Vec<Event> {
    let next = Event::Delta {
        block: 0,
        delta: Delta::NextPart,
    };
    vec![
        start(),
        open(0, Opened::Reasoning),
        text(0, "On"),
        text(0, "e."),
        next,
        text(0, "Two."),
        seal(0, Language::Messages),
        Event::Close { block: 0 },
        open(1, Opened::Text),
        text(1, "Hel"),
        text(1, "lo"),
        Event::Close { block: 1 },
        open(2, call("mcp__files__read", false)),
        input(2, "{\"a\""),
        input(2, ":1}"),
        Event::Close { block: 2 },
        open(3, call("apply_patch", true)),
        input(3, "raw"),
        Event::Close { block: 3 },
        Event::Usage(Usage {
            input: 3,
            output: 4,
            ..Usage::default()
        }),
        Event::Stop(Stop::ToolCalls),
        Event::End,
    ]
}

#[test]
fn each_item_is_said_in_order() {
    let events = said(asked(requests::CODEX), each_kind());
    assert_eq!(
        names(&events),
        [
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "output_item.added",
            "custom_tool_call_input.delta",
            "custom_tool_call_input.done",
            "output_item.done",
            "completed",
        ]
    );
}

#[test]
fn each_event_says_where_it_is() {
    let events = said(asked(requests::CODEX), each_kind());
    let data = |at: usize| &events[at].1;
    assert_eq!(data(0)["response"]["status"], "in_progress");
    assert_eq!(data(0)["response"]["usage"], Value::Null);
    assert_eq!(data(2)["item"]["encrypted_content"], Value::Null);
    assert_eq!(
        (&data(9)["summary_index"], &data(9)["item_id"]),
        (&json!(1), &json!("rs_x_0"))
    );
    assert_eq!(data(10)["text"], "Two.");
    assert_eq!(data(12)["item"]["encrypted_content"], "tg1.messages.s..SIG");
    assert_eq!(data(13)["item"]["content"], json!([]));
    assert_eq!(data(17)["text"], "Hello");
    assert_eq!(
        data(15),
        &json!({"type": "response.output_text.delta", "sequence_number": 15, "item_id": "msg_x_1",
            "output_index": 1, "content_index": 0, "delta": "Hel", "logprobs": []})
    );
    assert_eq!(
        data(20)["item"],
        json!({"id": "fc_x_2", "type": "function_call", "status": "in_progress", "arguments": "",
            "call_id": "c1", "name": "read", "namespace": "mcp__files__"})
    );
    assert_eq!(
        (&data(21)["delta"], &data(22)["delta"]),
        (&json!("{\"a\""), &json!(":1}"))
    );
    assert_eq!(data(23)["arguments"], "{\"a\":1}");
    assert_eq!(data(27)["input"], "raw");
    assert_eq!(data(29)["response"]["output"].as_array().unwrap().len(), 4);
    assert_eq!(data(29)["response"]["usage"]["total_tokens"], 7);
}

#[test]
fn a_calls_seal_is_said_before_it() {
    for late in [false, true] {
        let mut steps = vec![start(), open(0, call("f", false)), input(0, "{}")];
        steps.insert(if late { 3 } else { 2 }, seal(0, Language::Gemini));
        steps.extend([
            Event::Close { block: 0 },
            Event::Stop(Stop::ToolCalls),
            Event::End,
        ]);
        let events = said(asked(requests::CODEX), steps);
        let output = &events.last().unwrap().1["response"]["output"];
        assert_eq!(
            output[0]["encrypted_content"], "tg1.gemini.s..SIG",
            "{late}"
        );
        assert_eq!(output[1]["id"], "fc_x_1");
    }
}

#[test]
fn what_says_nothing_is_no_item_and_what_is_open_is_closed() {
    let steps = vec![
        start(),
        open(0, Opened::Text),
        Event::Close { block: 0 },
        open(1, Opened::Reasoning),
        Event::Close { block: 1 },
        open(2, Opened::Refusal),
        text(2, "No."),
        open(3, call("f", false)),
        Event::Stop(Stop::MaxOutput),
        Event::End,
        text(2, "late"),
    ];
    let events = said(asked(requests::CODEX), steps);
    assert_eq!(
        names(&events)[2..],
        [
            "output_item.added",
            "content_part.added",
            "refusal.delta",
            "refusal.done",
            "content_part.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.done",
            "output_item.done",
            "incomplete",
        ]
    );
    let response = &events.last().unwrap().1["response"];
    assert_eq!(
        response["incomplete_details"]["reason"],
        "max_output_tokens"
    );
    assert_eq!(
        response["output"][0]["content"][0],
        json!({"type": "refusal", "refusal": "No."})
    );
}

#[test]
fn an_answer_without_an_end_is_cut() {
    let piece = "x".repeat(1 << 20);
    let mut steps = vec![start(), open(0, Opened::Text)];
    steps.extend((0..20).map(|_| text(0, &piece)));
    steps.push(Event::End);
    let events = said(asked(requests::CODEX), steps);
    let (name, data) = events.last().unwrap();
    assert_eq!((name.as_str(), &data["type"]), ("error", &json!("error")));
    assert_eq!(events.len(), 2 + 2 + 16 + 1);
}

#[test]
fn a_seal_that_comes_late_is_done_before_its_call() {
    let steps = vec![
        start(),
        open(0, call("f", false)),
        input(0, "{"),
        input(0, "}"),
        seal(0, Language::Gemini),
        Event::Close { block: 0 },
        open(1, Opened::Text),
        text(1, "x"),
        Event::Close { block: 1 },
        Event::End,
    ];
    let events = said(asked(requests::CODEX), steps);
    let of = |items: &[Value]| -> Vec<String> {
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let done = events
        .iter()
        .filter(|(name, _)| name == "response.output_item.done");
    let done: Vec<Value> = done.map(|(_, data)| data["item"].clone()).collect();
    let wanted = ["rs_x_1", "fc_x_0", "msg_x_2"];
    assert_eq!(of(&done), wanted);
    let output = &events.last().unwrap().1["response"]["output"];
    assert_eq!(of(output.as_array().unwrap()), wanted);
}

#[test]
fn calls_may_come_at_once() {
    let other = Opened::Call {
        id: "c2".to_owned(),
        name: "g".to_owned(),
        freeform: true,
    };
    let steps = vec![
        start(),
        open(0, call("f", false)),
        open(1, other),
        input(1, "a"),
        input(0, "{"),
        input(1, "b"),
        input(0, "}"),
        Event::Close { block: 0 },
        Event::Close { block: 1 },
        Event::End,
    ];
    let events = said(asked(requests::CODEX), steps);
    let output = &events.last().unwrap().1["response"]["output"];
    assert_eq!(
        (&output[0]["call_id"], &output[0]["input"]),
        (&json!("c2"), &json!("ab"))
    );
    assert_eq!(
        (&output[1]["call_id"], &output[1]["arguments"]),
        (&json!("c1"), &json!("{}"))
    );
    for (_, data) in &events[2..events.len() - 1] {
        let index = data["output_index"].as_u64().unwrap();
        let id = data["item_id"].as_str().or(data["item"]["id"].as_str());
        assert_eq!(
            id,
            Some(["ctc_x_0", "fc_x_1"][usize::try_from(index).unwrap()])
        );
    }
}
