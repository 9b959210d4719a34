//! Nanoseconds per step of the hot path: `cargo bench -p tidegate-wire`. Words after `--` measure only the steps
//! whose name contains them all; a number among them takes each step that many times and measures nothing, for a
//! tool that counts instructions.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints and may stop"
)]

mod clock;
mod translation;

use std::hint::black_box;

use bytes::Bytes;
use tidegate_wire::{
    Operation,
    answer::{AnswerKind, Meter},
    body::{Edits, inspect, rewrite},
    route,
};

use clock::time;

/// A chat of about `size` bytes: code and prose, with the escapes that both have.
fn body(size: usize) -> Bytes {
    let line = r#"    let total = items.iter().map(|item| item[\"price\"]).sum();\n// Add them up, then round once.\n"#;
    let mut text = String::from(r#"{"model":"openai/gpt-4.1","stream":true,"messages":["#);
    let mut turn = 0;
    while text.len() + 120 < size {
        let room = (size - text.len()).min(4_000);
        text.push_str(r#"{"role":"user","content":""#);
        text.push_str(&line.repeat(room / line.len()));
        text.push_str("\"},");
        turn += 1;
        if turn > 1_000 {
            break;
        }
    }
    text.push_str(r#"{"role":"user","content":"Say hi."}]}"#);
    Bytes::from(text)
}

fn main() {
    for size in [120, 20_000, 200_000] {
        let body = body(size);
        let edits = Edits {
            model: Some("gpt-4.1"),
            report_usage: true,
        };
        time(&format!("inspect {} B", body.len()), 1, || {
            black_box(inspect(Operation::ChatCompletions, black_box(&body)).unwrap());
        });
        time(&format!("inspect + rewrite {} B", body.len()), 1, || {
            let found = inspect(Operation::ChatCompletions, black_box(&body)).unwrap();
            black_box(rewrite(&body, &found, &edits));
        });
    }
    let image = format!(
        r#"{{"model":"m","messages":[{{"url":"data:image/png;base64,iVBORw0KGgo{}"}}]}}"#,
        "QUJD".repeat(50_000)
    );
    time("inspect a 200 KB image", 1, || {
        black_box(inspect(Operation::ChatCompletions, black_box(image.as_bytes())).unwrap());
    });
    time("resolve a route", 1, || {
        black_box(route::resolve("POST", black_box("/openai/v1/chat/completions")).unwrap());
    });
    streams();
    translation::all();
}

fn streams() {
    let event = Bytes::from_static(
        b"data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\
        \"model\":\"gpt-4.1\",\"service_tier\":\"default\",\"choices\":[{\"index\":0,\"delta\":\
        {\"content\":\" tide\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
    );
    let block = Bytes::from(event.repeat(64));
    for (name, op, hide) in [
        ("chat event", Operation::ChatCompletions, false),
        ("chat event, usage hidden", Operation::ChatCompletions, true),
    ] {
        let mut meter = Meter::new(op, AnswerKind::Sse, hide);
        time(&format!("{name}, one a chunk"), 1, || {
            black_box(meter.push(black_box(event.clone())));
        });
        let mut meter = Meter::new(op, AnswerKind::Sse, hide);
        time(&format!("{name}, 64 a chunk"), 64, || {
            black_box(meter.push(black_box(block.clone())));
        });
    }
    let event = Bytes::from_static(
        b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\
        \"delta\":{\"type\":\"text_delta\",\"text\":\" tide\"}}\n\n",
    );
    let mut meter = Meter::new(Operation::Messages, AnswerKind::Sse, false);
    time("messages event, one a chunk", 1, || {
        black_box(meter.push(black_box(event.clone())));
    });
    let answer = format!(
        r#"{{"id":"x","choices":[{{"message":{{"content":"{}"}}}}],"usage":{{"prompt_tokens":1}}}}"#,
        r"words and\nlines ".repeat(1_200)
    );
    let answer = Bytes::from(answer);
    time(&format!("JSON answer of {} B", answer.len()), 1, || {
        let mut meter = Meter::new(Operation::ChatCompletions, AnswerKind::Json, false);
        black_box(meter.push(black_box(answer.clone())));
        black_box(meter.usage());
    });
}
