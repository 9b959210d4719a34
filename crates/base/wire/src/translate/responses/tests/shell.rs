//! The local shell, whose calls are items of their own.

use super::{
    super::{
        reply::{Answer, Delta, Event, Opened, Stop},
        talk::{Block, Call},
        write_answer,
    },
    asked, read, said, value,
};

const ASKED: &str = r#"{"model":"m","input":"Hi","tools":[{"type":"local_shell"}]}"#;

fn call(input: &str) -> Answer<'_> {
    Answer {
        id: "1".to_owned(),
        blocks: vec![Block::Call(Call {
            id: "c1".into(),
            name: "local_shell".into(),
            input: input.into(),
            freeform: false,
            seal: None,
        })],
        stop: Stop::ToolCalls,
        ..Answer::default()
    }
}

#[test]
fn a_call_and_its_output_are_read() {
    for output in [
        r#"{"type":"local_shell_call_output","id":"lsh_1","output":"x"}"#,
        r#"{"type":"local_shell_call_output","call_id":"c1","output":"x"}"#,
        r#"{"type":"function_call_output","call_id":"c1","output":"x"}"#,
    ] {
        let body = format!(
            r#"{{"model":"m","input":[{{"type":"local_shell_call","id":"lsh_1","call_id":"c1","status":"completed",
            "action":{{"type":"exec","command":["ls"],"env":{{}},"user":null}}}},{output}]}}"#
        );
        let request = read(&body);
        let Block::Call(call) = &request.turns[0].blocks[0] else {
            panic!();
        };
        assert_eq!(call.input, r#"{"command":["ls"],"env":{}}"#);
        assert_eq!((&*call.id, &*call.name), ("c1", "local_shell"));
        let Block::Result(outcome) = &request.turns[1].blocks[0] else {
            panic!();
        };
        assert_eq!(outcome.id, "c1", "{output}");
    }
}

#[test]
fn a_call_is_given_as_the_shells() {
    let input = r#"{"command":["ls","-l"],"timeout_ms":5,"user":null}"#;
    let whole = value(&write_answer(&call(input), &asked(ASKED)));
    let item = &whole["output"][0];
    assert_eq!(item["type"], "local_shell_call");
    assert_eq!(item["call_id"], "c1");
    assert_eq!(
        item["action"],
        value(br#"{"type":"exec","command":["ls","-l"],"timeout_ms":5,"env":{}}"#)
    );
    let opened = Opened::Call {
        id: "c1".to_owned(),
        name: "local_shell".to_owned(),
        freeform: false,
    };
    let input = |text: &str| Event::Delta {
        block: 0,
        delta: Delta::Input(text.to_owned()),
    };
    let steps = vec![
        Event::Start {
            id: "1".to_owned(),
            created: None,
        },
        Event::Open {
            block: 0,
            kind: opened,
        },
        input(r#"{"command":["ls","-l"],"#),
        input(r#""timeout_ms":5,"#),
        input(r#""user":null}"#),
        Event::Close { block: 0 },
        Event::Stop(Stop::ToolCalls),
        Event::End,
    ];
    let events = said(asked(ASKED), steps);
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names[2..],
        [
            "response.output_item.added",
            "response.output_item.done",
            "response.completed"
        ]
    );
    assert_eq!(events[4].1["response"]["output"], whole["output"]);
}

#[test]
fn what_is_no_call_of_the_shells_is_a_functions() {
    for input in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"command":[]}"#,
        r#"{"command":"ls"}"#,
        r#"{"command":["ls"],"shell":"zsh"}"#,
        r#"{"command":["ls",1]}"#,
    ] {
        let whole = value(&write_answer(&call(input), &asked(ASKED)));
        assert_eq!(whole["output"][0]["type"], "function_call", "{input}");
        assert_eq!(whole["output"][0]["arguments"], input);
    }
    // A function may have that name.
    let named =
        asked(r#"{"model":"m","input":"","tools":[{"type":"function","name":"local_shell"}]}"#);
    let whole = value(&write_answer(&call(r#"{"command":["ls"]}"#), &named));
    assert_eq!(whole["output"][0]["type"], "function_call");
}
