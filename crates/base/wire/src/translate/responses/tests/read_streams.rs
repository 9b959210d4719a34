//! Streams of the provider's.

use proptest::prelude::*;

use super::{
    super::{
        Asked, ReadStream, StreamReader,
        reply::{Delta, Event, Opened, Stop},
    },
    steps,
};
use crate::error::ErrorKind;

/// As the provider sends it, shortened.
const STREAM: &str = r#"event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","created_at":7,"status":"in_progress","output":[]}}

event: response.in_progress
data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1","created_at":7}}

event: response.output_item.added
data: {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gA-begun"}}

event: response.reasoning_summary_part.added
data: {"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"On","obfuscation":"x"}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"e."}

event: response.reasoning_summary_text.done
data: {"type":"response.reasoning_summary_text.done","item_id":"rs_1","output_index":0,"summary_index":0,"text":"One."}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":1,"delta":"Two."}

event: response.output_item.done
data: {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"One."},{"type":"summary_text","text":"Two."}],"encrypted_content":"gA"}}

event: response.output_item.added
data: {"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}}

event: response.content_part.added
data: {"type":"response.content_part.added","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"text":""}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"delta":"Hi é","logprobs":[]}

event: response.output_text.done
data: {"type":"response.output_text.done","item_id":"msg_1","output_index":1,"content_index":0,"text":"Hi é"}

event: response.content_part.done
data: {"type":"response.content_part.done","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"Hi é"}}

event: response.output_item.done
data: {"type":"response.output_item.done","output_index":1,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hi é"}],"role":"assistant"}}

event: response.output_item.added
data: {"type":"response.output_item.added","output_index":2,"item":{"id":"fc_1","type":"function_call","arguments":"","call_id":"c1","name":"f"}}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":2,"delta":"{\"a\""}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":2,"delta":":1}"}

event: response.function_call_arguments.done
data: {"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":2,"arguments":"{\"a\":1}"}

event: response.output_item.done
data: {"type":"response.output_item.done","output_index":2,"item":{"id":"fc_1","type":"function_call","arguments":"{\"a\":1}","call_id":"c1","name":"f"}}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":9,"output_tokens":4,"output_tokens_details":{"reasoning_tokens":2}}}}

"#;

fn shown(steps: &[Event]) -> Vec<String> {
    let shown = |step: &Event| match step {
        Event::Start { id, created } => format!("start {id} {created:?}"),
        Event::Open { block, kind } => match kind {
            Opened::Call { id, name, freeform } => format!("{block} call {id} {name} {freeform}"),
            other => format!("{block} {other:?}"),
        },
        Event::Delta { block, delta } => match delta {
            Delta::Seal(seal) => format!("{block} seal {} {:?}", seal.data, seal.id.as_deref()),
            other => format!("{block} {other:?}"),
        },
        Event::Close { block } => format!("{block} close"),
        Event::Usage(usage) => format!("usage {} {}", usage.input, usage.output),
        other => format!("{other:?}"),
    };
    steps.iter().map(shown).collect()
}

#[test]
fn a_stream_is_read() {
    let wanted = [
        "start resp_1 Some(7)",
        "0 Reasoning",
        "0 Text(\"On\")",
        "0 Text(\"e.\")",
        "0 NextPart",
        "0 Text(\"Two.\")",
        "0 seal gA Some(\"rs_1\")",
        "0 close",
        "1 Text",
        "1 Text(\"Hi é\")",
        "1 close",
        "2 call c1 f false",
        "2 Input(\"{\\\"a\\\"\")",
        "2 Input(\":1}\")",
        "2 close",
        "usage 9 4",
        "Stop(ToolCalls)",
        "End",
    ];
    assert_eq!(shown(&steps(&[STREAM.as_bytes()])), wanted);
}

#[test]
fn a_stream_is_read_wherever_it_is_cut() {
    let whole = steps(&[STREAM.as_bytes()]);
    for at in 0..STREAM.len() {
        let (first, second) = STREAM.as_bytes().split_at(at);
        assert_eq!(steps(&[first, second]), whole, "{at}");
    }
}

/// Events without what others say at each step.
fn sloppy(events: &[&str]) -> Vec<String> {
    let text: String = events
        .iter()
        .map(|data| format!("data: {data}\n\n"))
        .collect();
    shown(&steps(&[text.as_bytes()]))
}

const OVER: &str = r#"{"type":"response.completed","response":{"status":"completed"}}"#;

#[test]
fn what_comes_in_one_piece_is_said_once() {
    let found = sloppy(&[
        r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"a"},{"type":"reasoning_text","text":"b"}]}}"#,
        r#"{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"},{"type":"refusal","refusal":"No"}]}}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"custom_tool_call","call_id":"c","name":"p","input":""}}"#,
        r#"{"type":"response.output_item.done","output_index":2,"item":{"type":"custom_tool_call","call_id":"c","name":"p","input":"raw"}}"#,
        r#"{"type":"response.content_part.added","output_index":4,"content_index":0,"part":{"type":"output_text","text":""}}"#,
        r#"{"type":"response.content_part.done","output_index":4,"content_index":0,"part":{"type":"output_text","text":"all"}}"#,
        r#"{"type":"response.output_item.done","output_index":4,"item":{"type":"message","content":[{"type":"output_text","text":"all"}]}}"#,
        r#"{"type":"response.web_search_call.searching","output_index":3}"#,
        r#"{"type":"response.output_item.added","output_index":3,"item":{"type":"web_search_call","id":"ws"}}"#,
        r#"{"type":"response.output_item.done","output_index":3,"item":{"type":"web_search_call","id":"ws"}}"#,
        OVER,
        "[DONE]",
    ]);
    assert_eq!(
        found[1..],
        [
            "0 Reasoning",
            "0 Text(\"a\")",
            "0 NextPart",
            "0 Text(\"b\")",
            "0 close",
            "1 Text",
            "1 Text(\"Hi\")",
            "1 close",
            "2 Refusal",
            "2 Text(\"No\")",
            "2 close",
            "3 call c p true",
            "3 Input(\"raw\")",
            "3 close",
            "4 Text",
            "4 Text(\"all\")",
            "4 close",
            "Stop(ToolCalls)",
            "End",
        ]
    );
}

#[test]
fn what_is_never_closed_is_closed_at_the_end() {
    let found = sloppy(&[
        r#"{"type":"response.output_text.delta","output_index":0,"delta":"Hi"}"#,
        r#"{"type":"response.reasoning_text.delta","output_index":1,"delta":"Hm"}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":1,"delta":"other"}"#,
        r#"{"type":"response.refusal.done","output_index":2,"refusal":"No"}"#,
        r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#,
    ]);
    assert_eq!(
        found[1..],
        [
            "0 Text",
            "0 Text(\"Hi\")",
            "1 Reasoning",
            "1 Text(\"Hm\")",
            "2 Refusal",
            "2 Text(\"No\")",
            "0 close",
            "1 close",
            "2 close",
            "Stop(MaxOutput)",
            "End",
        ]
    );
}

fn read(events: &[&str]) -> Result<Vec<Event>, ()> {
    let mut reader = StreamReader::new(&Asked::default());
    let mut out = Vec::new();
    for data in events {
        reader.event("", data.as_bytes(), &mut out).map_err(drop)?;
    }
    reader.end(&mut out).map_err(drop)?;
    Ok(out)
}

#[test]
fn failures_keep_the_providers_words() {
    for (event, kind, message) in [
        (
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}"#,
            ErrorKind::RateLimit,
            "slow",
        ),
        (
            r#"{"type":"error","code":"server_error","message":"oops","param":null,"sequence_number":3}"#,
            ErrorKind::Upstream,
            "oops",
        ),
        (
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"bad"}}"#,
            ErrorKind::Invalid,
            "bad",
        ),
    ] {
        let found = read(&[event]).unwrap();
        let [Event::Failed(failure)] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!((failure.kind, failure.message.as_str()), (kind, message));
    }
}

#[test]
fn what_is_no_stream_is_broken() {
    let call = r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f"}}"#;
    for events in [
        &["nonsense"] as &[&str],
        &["[]"],
        &[],
        &[call],
        &[call, call, OVER],
        &[
            r#"{"type":"response.output_item.added","item":{"type":"message"}}"#,
            OVER,
        ],
        &[
            r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"computer_call"}}"#,
            OVER,
        ],
        &[
            r#"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"x"}"#,
            OVER,
        ],
        &[
            call,
            r#"{"type":"response.output_text.delta","output_index":0,"delta":"x"}"#,
            OVER,
        ],
        &[r#"{"type":"response.completed"}"#],
    ] {
        assert!(read(events).is_err(), "{events:?}");
    }
    assert_eq!(read(&[OVER]).unwrap().last(), Some(&Event::End));
}

#[test]
fn an_input_has_a_bound() {
    let mut reader = StreamReader::new(&Asked::default());
    let mut out = Vec::new();
    let added = r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f"}}"#;
    reader.event("", added.as_bytes(), &mut out).unwrap();
    let piece = "x".repeat(1 << 20);
    let delta = format!(
        r#"{{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{piece}"}}"#
    );
    let read = (0..17).map(|_| reader.event("", delta.as_bytes(), &mut out));
    let whole = read.take_while(Result::is_ok).count();
    assert_eq!(whole, 16);
}

#[test]
fn one_stop_for_a_refusal() {
    let found = read(&[
        r#"{"type":"response.refusal.delta","output_index":0,"content_index":0,"delta":"No"}"#,
        OVER,
    ]);
    assert!(found.unwrap().contains(&Event::Stop(Stop::Refusal)));
}

proptest! {
    #[test]
    fn pieces_of_any_length_say_the_same(cuts in proptest::collection::vec(0..STREAM.len(), 0..20)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            pieces.push(&STREAM.as_bytes()[from..cut]);
            from = cut;
        }
        pieces.push(&STREAM.as_bytes()[from..]);
        prop_assert_eq!(steps(&pieces), steps(&[STREAM.as_bytes()]));
    }

    #[test]
    fn events_in_any_order_end_no_process(order in proptest::collection::vec(0_usize..22, 0..40)) {
        let events: Vec<&str> = STREAM.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        let mut reader = StreamReader::new(&Asked::default());
        let mut out = Vec::new();
        let mut opened = 0;
        for at in order {
            if reader.event("", events[at % events.len()].as_bytes(), &mut out).is_err() {
                break;
            }
        }
        for step in out {
            if let Event::Open { block, .. } = step {
                prop_assert_eq!(block, opened);
                opened += 1;
            }
        }
    }
}
