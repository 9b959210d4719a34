//! What guardrails add to a call, without sockets: `cargo bench -p tidegate-guards`. Words and a number after `--` as
//! for the hot path of `tidegate-wire`. All rules for secrets and personal data watch both directions, and a term of
//! one's own.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints and may stop"
)]

#[path = "../../../base/wire/benches/hot_path/clock.rs"]
mod clock;

use std::{hint::black_box, sync::Arc};

use bytes::Bytes;
use serde_json::json;
use tidegate_governance::guardrail::Guardrail;
use tidegate_guards::{Guardrails, NoServices, Settings, Workshop};
use tidegate_pipeline::guard::{AnswerView, CallView, Guard, Sentry, Step, Stop};
use tidegate_types::{GuardrailId, KeyId, ProviderName, RequestId, Timestamp};
use tidegate_wire::{Operation, answer::AnswerKind, body::inspect_once, json::Ends};

use clock::time;

/// Words, code, logs and numbers: nothing is found in it, and much looks like something at first.
const MIXED: &str = "Could you see why the nightly job of 2026-03-07 fails? fn total(items: &[Item]) -> Result<u64, \
    Overflow> { items.iter().map(|item| item.price * item.count).try_fold(0, |sum, each| sum.checked_add(each)) } \
    2026-03-07T02:11:45.118Z ERROR worker::pool job_id=4be1d2f0-77aa-4c39-8f5e-90d21c6b3e14 tries=3 code=504 after=3001ms \
    commit 41c7a9be20d5e86f3309b1d4a2c6f7e8905b3d1c touched 9 files, 211 insertions(+), 64 deletions(-). \
    Of 2,380 rows 17 are longer than 8192 bytes; docs/tables.md, section 4.1, says what becomes of them. ";
const LINES: &str =
    "    if row.len() > LIMIT {\n        return Err(format!(\"row {at} is too long\"));\n    }\n";

fn guardrails() -> Guardrails {
    let settings = Settings {
        hash_key: [7; 32],
        limits: Default::default(),
    };
    let rules = json!({"detect": {"kind": "rules", "groups": ["secrets", "personal"]}, "action": {"do": "redact"}});
    let terms = json!({"detect": {"kind": "terms", "words": ["tide-gate-term"]}, "action": {"do": "block"}});
    let made = [("rules", rules), ("terms", terms)].map(|(name, definition)| Guardrail {
        id: GuardrailId::generate(Timestamp::from_micros(1)),
        name: name.into(),
        enabled: true,
        position: 1,
        definition: serde_json::from_value(definition).unwrap(),
    });
    let workshop = Workshop::new(Vec::new(), settings, Arc::new(NoServices));
    workshop.make(&made).unwrap().local
}

/// A call that is guarded.
struct Call<'a> {
    guards: &'a Guardrails,
    provider: &'a ProviderName,
    key: KeyId,
}

impl Call<'_> {
    fn sentry(&self, ends: Option<&Ends>) -> Box<dyn Sentry> {
        let view = CallView {
            id: RequestId::generate(Timestamp::from_micros(1_000_000)),
            operation: Operation::ChatCompletions.into(),
            model: None,
            provider: self.provider,
            streamed: false,
            key: self.key,
            team: None,
            user: None,
            device: None,
            device_group: None,
            app: None,
            ends,
        };
        self.guards.post(&view).unwrap()
    }

    /// `ends` as the gateway has them, which read the body before.
    fn prompt(&self, body: &Bytes, ends: &Ends) {
        let mut sentry = self.sentry(Some(ends));
        let said = sentry.prompt("application/json", body);
        assert!(matches!(said, Step::Done(Ok(None))));
        drop(said);
        black_box(sentry.applied());
    }

    fn answer(&self, body: &Bytes) {
        let mut sentry = self.sentry(None);
        let view = AnswerView {
            status: 200,
            kind: AnswerKind::Json,
            content_type: Some("application/json"),
            encoding: None,
        };
        assert!(sentry.answer(&view));
        black_box(done(sentry.push(body.clone())).unwrap());
        black_box(done(sentry.end()).unwrap());
        black_box(sentry.applied());
    }
}

fn done<T>(step: Step<'_, T>) -> Result<T, Stop> {
    match step {
        Step::Done(said) => said,
        Step::Later(_) => Err(Stop::Failed("nobody is asked here")),
    }
}

/// A chat of one long message, or of many with code in them.
fn chat(text: &str, size: usize, messages: usize) -> Vec<u8> {
    let long: String = text.chars().cycle().take(size / messages).collect();
    let one = |at: usize| json!({"role": "user", "content": format!("{at} {long}")});
    let messages: Vec<_> = (0..messages).map(one).collect();
    json!({"model": "m", "max_tokens": 256, "messages": messages})
        .to_string()
        .into_bytes()
}

/// Bodies of the same words in other orders: a processor that has seen one cannot foretell the next.
fn shuffled(size: usize) -> Vec<Vec<u8>> {
    let words: Vec<&str> = MIXED.split(' ').collect();
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut text = || {
        let mut text = String::from("shuffled");
        loop {
            // Numbers side by side might be somebody's, and so might one that is cut.
            let word = words[next(words.len())];
            if text.len() + " so ".len() + word.len() > size {
                text.extend(std::iter::repeat_n(' ', size - text.len()));
                return text;
            }
            text.push_str(" so ");
            text.push_str(word);
        }
    };
    (0..512).map(|_| chat(&text(), size, 1)).collect()
}

/// Another text each time: letters at its beginning say so, which no rule for numbers meets.
fn fresh(body: &[u8], count: &mut u64) -> Bytes {
    let mut body = body.to_vec();
    *count += 1;
    let mut rest = *count;
    let at = memchr::memmem::find(&body, b"\"content\":\"").unwrap() + 11;
    for byte in &mut body[at..at + 8] {
        *byte = b'a' + u8::try_from(rest % 26).unwrap();
        rest /= 26;
    }
    Bytes::from(body)
}

/// What runs on the processor between two calls and has its caches: the kernel, the client, the provider.
struct Others(Vec<u64>);

impl Others {
    /// Half of a nearby processor's second cache.
    const BYTES: usize = 1 << 20;

    fn new() -> Self {
        Self(vec![1; Self::BYTES / size_of::<u64>()])
    }

    fn run(&mut self) {
        for line in self.0.chunks_mut(8) {
            line[0] += 1;
        }
        black_box(&self.0);
    }
}

fn ends(body: &Bytes) -> Ends {
    inspect_once(Operation::ChatCompletions, body).unwrap().1
}

fn main() {
    let guards = guardrails();
    let provider: ProviderName = "openai".parse().unwrap();
    let key = KeyId::generate(Timestamp::from_micros(1));
    let call = Call {
        guards: &guards,
        provider: &provider,
        key,
    };
    let mut others = Others::new();
    time("what others do", 1, || others.run());
    for (size, name) in [(4_096, "4 KB"), (204_800, "200 KB")] {
        let body = chat(MIXED, size, 1);
        let mut count = 0;
        time(&format!("prompt of {name}, new"), 1, || {
            call.prompt(&fresh(&body, &mut count), Ends::unknown());
        });
        let bodies = shuffled(size);
        time(&format!("prompt of {name}, new, shuffled"), 1, || {
            let body = &bodies[count as usize % bodies.len()];
            call.prompt(&fresh(body, &mut count), Ends::unknown());
        });
        time(
            &format!("prompt of {name}, new, shuffled, after others"),
            1,
            || {
                others.run();
                let body = &bodies[count as usize % bodies.len()];
                call.prompt(&fresh(body, &mut count), Ends::unknown());
            },
        );
        let known = Bytes::from(body);
        let ends = ends(&known);
        time(&format!("prompt of {name}, known"), 1, || {
            call.prompt(black_box(&known), &ends);
        });
    }
    let history = Bytes::from(chat(LINES, 204_800, 80));
    let ends = ends(&history);
    time("prompt of 200 KB in 80 messages of code, known", 1, || {
        call.prompt(black_box(&history), &ends);
    });
    let answer = json!({"id": "c-1", "object": "chat.completion", "created": 1_767_225_600, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": MIXED, "refusal": null},
            "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 300, "total_tokens": 1300}});
    let answer = answer.to_string().into_bytes();
    let mut count = 0;
    time(&format!("answer of {} B, new", answer.len()), 1, || {
        call.answer(&fresh(&answer, &mut count));
    });
}
