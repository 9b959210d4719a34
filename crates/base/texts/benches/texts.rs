//! Nanoseconds per event of a guarded stream and per body: `cargo bench -p tidegate-texts`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints and may stop"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tidegate_texts::{
    Direction, Protocol, body,
    channel::Channel,
    stream::{Framing, Rewriter},
    watch::{Edit, Watch, Watcher},
};

/// Holds nothing back and wants no change: what is left is the work of this crate.
#[derive(Default)]
struct Idle(u64);

impl Watch for Idle {
    fn push(&mut self, text: &str) {
        self.0 += black_box(text).len() as u64;
    }

    fn finish(&mut self) {}

    fn decided(&self) -> u64 {
        self.0
    }

    fn edits(&mut self) -> Vec<Edit> {
        Vec::new()
    }

    fn stopped(&self) -> bool {
        false
    }
}

struct Idlers;

impl Watcher for Idlers {
    fn watch(&mut self, _: Channel) -> Option<Box<dyn Watch>> {
        Some(Box::new(Idle::default()))
    }
}

/// The fastest of many short rounds: the others met the scheduler.
fn time(name: &str, per: usize, mut step: impl FnMut()) {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    while begin.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        step();
        best = best.min(start.elapsed());
    }
    let each = best.as_nanos() as f64 / per as f64;
    println!("{name:<44} best {each:>9.1} ns");
}

const EVENTS: usize = 100;

fn stream(name: &str, protocol: Protocol, event: &str) {
    let events: Vec<Bytes> = (0..EVENTS).map(|_| Bytes::from(event.to_owned())).collect();
    time(name, EVENTS, || {
        let mut rewriter = Rewriter::new(protocol, Framing::Sse, Idlers);
        for event in &events {
            black_box(rewriter.push(event.clone()).unwrap());
        }
        black_box(rewriter.end().unwrap());
    });
}

fn main() {
    stream(
        "chat event",
        Protocol::Chat,
        "data: {\"id\":\"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\",\"object\":\"chat.completion.chunk\",\"created\":1741569952,\"model\":\"gpt-4.1-2025-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_b376dfbbd5\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
    );
    stream(
        "messages event",
        Protocol::Anthropic,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" word\"}}\n\n",
    );
    stream(
        "messages event, arguments",
        Protocol::Anthropic,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\\\"a\\\": \\\"word\\\\nmore\"}}\n\n",
    );
    stream(
        "responses event",
        Protocol::Responses,
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":7,\"item_id\":\"msg_68af4030592c81938ec0a5fbab4a3e9f\",\"output_index\":0,\"content_index\":0,\"delta\":\" word\",\"logprobs\":[],\"obfuscation\":\"a1B2c3\"}\n\n",
    );
    stream(
        "gemini event",
        Protocol::Gemini,
        "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \" word\"}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 11,\"totalTokenCount\": 40,\"promptTokensDetails\": [{\"modality\": \"TEXT\",\"tokenCount\": 11}]},\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"x1\"}\r\n\r\n",
    );
    for size in [4_000_usize, 200_000] {
        let line =
            r#"    let total = items.iter().map(|item| item[\"price\"]).sum();\n// Add them up.\n"#;
        let turn = format!(r#"{{"role":"user","content":"{}"}}"#, line.repeat(45));
        let turns = vec![turn; size.div_ceil(4_000)].join(",");
        let text = format!(r#"{{"model":"gpt-4.1","stream":true,"messages":[{turns}]}}"#);
        let body = Bytes::from(text);
        time(&format!("request of {} bytes", body.len()), 1, || {
            let (direction, protocol) = (Direction::Request, Protocol::Chat);
            let out = body::rewrite("application/json", direction, protocol, &body, &mut Idlers);
            black_box(out.unwrap());
        });
    }
}
