//! Guardrails on texts, by the workshop and by the guard itself.

mod encoded;
mod short;
mod splits;

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use tidegate_governance::guardrail::{Applied, Definition, Guardrail, Phase};
use tidegate_pipeline::guard::{AnswerView, CallView, Guard, Sentry, Step, Stop};
use tidegate_types::{GuardrailId, KeyId, ProviderName, RequestId, Timestamp};
use tidegate_wire::{answer::AnswerKind, route::Operation};

use crate::{NoServices, Settings, Workshop};

fn workshop() -> Workshop {
    Workshop::new(
        Vec::new(),
        Settings {
            hash_key: [7; 32],
            limits: Default::default(),
        },
        Arc::new(NoServices),
    )
}

fn definition(text: &str) -> Definition {
    serde_json::from_str(text).unwrap()
}

/// A chat that is streamed, with a key that nobody has.
pub(crate) fn chat(provider: &ProviderName) -> CallView<'_> {
    let now = Timestamp::from_micros(1_000_000);
    CallView {
        id: RequestId::generate(now),
        operation: Operation::ChatCompletions.into(),
        model: None,
        provider,
        streamed: true,
        key: KeyId::generate(now),
        team: None,
        user: None,
        device: None,
        device_group: None,
        app: None,
        ends: None,
    }
}

fn guardrail(name: &str, text: &str) -> Guardrail {
    Guardrail {
        id: GuardrailId::generate(Timestamp::from_micros(1)),
        name: name.into(),
        enabled: true,
        position: 1,
        definition: definition(text),
    }
}

/// In the shape of a key of AWS', made up.
fn planted() -> String {
    ["AKIA", "QYLPMN5HHHFPZAM2"].concat()
}

fn tried(text: &str, what: &str) -> (Option<String>, Vec<Applied>) {
    let trial = workshop().try_out("g", &definition(text), Phase::Prompt, what);
    let trial = trial.unwrap();
    (trial.text, trial.applied)
}

#[test]
fn what_is_found_becomes_what_the_action_says() {
    let secret = planted();
    let text = format!("the key {secret} is");
    let detect = r#""detect":{"kind":"rules","groups":["secrets"]}"#;
    for (action, becomes) in [
        (r#"{"do":"log"}"#, secret.as_str()),
        (r#"{"do":"redact"}"#, "[AWS"),
        (r#"{"do":"redact","with":"mask"}"#, "****************ZAM2"),
        (r#"{"do":"redact","with":"hash"}"#, "[AWS"),
        (r#"{"do":"restore"}"#, "[AWS"),
    ] {
        let (becoming, applied) = tried(&format!("{{{detect},\"action\":{action}}}"), &text);
        let becoming = becoming.unwrap();
        assert!(
            becoming.starts_with(&format!("the key {becomes}")),
            "{becoming}"
        );
        assert!(becoming.ends_with(" is"), "{becoming}");
        assert_eq!((applied.len(), applied[0].count), (1, 1));
    }
    let (blocked, applied) = tried(
        &format!("{{{detect},\"action\":{{\"do\":\"block\"}}}}"),
        &text,
    );
    assert_eq!((blocked, &*applied[0].action), (None, "block"));
}

#[test]
fn the_signs_of_a_word_stand_for_themselves() {
    let terms =
        r#"{"detect":{"kind":"terms","words":["<Tide Gate> (v1.0)_"]},"action":{"do":"redact"}}"#;
    let (becoming, _) = tried(terms, "of <tide  gate> (V1.0)_ and <tide gate> (v1x0)_");
    assert_eq!(becoming.unwrap(), "of [TERM] and <tide gate> (v1x0)_");
}

#[test]
fn what_cannot_be_used_is_said_with_its_place() {
    let workshop = workshop();
    for (text, field) in [
        (
            r#"{"detect":{"kind":"rules"},"action":{"do":"log"}}"#,
            "detect.groups",
        ),
        (
            r#"{"detect":{"kind":"rules","rules":["nobody"]},"action":{"do":"log"}}"#,
            "detect.rules",
        ),
        (
            r#"{"detect":{"kind":"rules","groups":["secrets"],"min_score":2},"action":{"do":"log"}}"#,
            "detect.min_score",
        ),
        (
            r#"{"detect":{"kind":"terms","patterns":["(?=a)b"]},"action":{"do":"log"}}"#,
            "detect.patterns",
        ),
        (
            r#"{"detect":{"kind":"terms"},"action":{"do":"log"}}"#,
            "detect.words",
        ),
        (
            r#"{"detect":{"kind":"tools"},"action":{"do":"log"}}"#,
            "detect.names",
        ),
        (
            r#"{"detect":{"kind":"tools","names":["x"]},"action":{"do":"log"},"answers":false}"#,
            "answers",
        ),
        (
            r#"{"detect":{"kind":"terms","words":["x"]},"action":{"do":"log"},"condition":"call."}"#,
            "condition",
        ),
        (
            r#"{"detect":{"kind":"terms","words":["x"]},"action":{"do":"log"},"condition":"1 + 1"}"#,
            "condition",
        ),
        (
            r#"{"detect":{"kind":"terms","words":["x"]},"action":{"do":"log"},"sample":0}"#,
            "sample",
        ),
    ] {
        let problem = workshop.check("g", &definition(text)).unwrap_err();
        assert_eq!(problem.field, field, "{problem}");
        assert!(!problem.what.is_empty());
    }
}

/// A call of a chat, posted to guardrails.
struct Call {
    sentry: Box<dyn Sentry>,
}

fn post(guardrails: &[Guardrail]) -> Call {
    let made = workshop().make(guardrails).unwrap();
    assert_eq!(made.problems, []);
    assert!(made.remote.is_empty());
    let guard = made.local;
    let provider = "openai".parse().unwrap();
    let sentry = guard.post(&chat(&provider)).unwrap();
    Call { sentry }
}

fn now<T>(step: Step<'_, T>) -> Result<T, Stop> {
    match step {
        Step::Done(said) => said,
        Step::Later(_) => panic!("it waits"),
    }
}

impl Call {
    fn prompt(&mut self, text: &str) -> Result<String, Stop> {
        let body = serde_json::json!({"messages": [{"role": "user", "content": text}]});
        let body = Bytes::from(body.to_string());
        let sent = now(self.sentry.prompt("application/json", &body))?;
        let sent: serde_json::Value = serde_json::from_slice(&sent.unwrap_or(body)).unwrap();
        Ok(sent["messages"][0]["content"].as_str().unwrap().to_owned())
    }

    /// The text that arrives of an answer in these pieces.
    fn answer(&mut self, pieces: &[&str]) -> Result<String, Stop> {
        let view = AnswerView {
            status: 200,
            kind: AnswerKind::Sse,
            content_type: Some("text/event-stream"),
            encoding: None,
        };
        if !self.sentry.answer(&view) {
            return Ok(pieces.concat());
        }
        let mut events = Vec::new();
        let ends = [
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#.to_owned(),
            "[DONE]".to_owned(),
        ];
        let deltas = pieces.iter().map(|piece| {
            serde_json::json!({"choices": [{"index": 0, "delta": {"content": piece}}]}).to_string()
        });
        for event in deltas.chain(ends) {
            let event = Bytes::from(format!("data: {event}\n\n"));
            for passed in now(self.sentry.push(event))? {
                events.extend_from_slice(&passed);
            }
        }
        for passed in now(self.sentry.end())? {
            events.extend_from_slice(&passed);
        }
        let events = String::from_utf8(events).unwrap();
        let values = events
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        let values = values.filter_map(|data| serde_json::from_str::<serde_json::Value>(data).ok());
        let texts = values.filter_map(|value| {
            let text = value.pointer("/choices/0/delta/content")?.as_str()?;
            Some(text.to_owned())
        });
        Ok(texts.collect())
    }
}

#[test]
fn what_was_taken_out_comes_back_and_new_things_do_not() {
    let personal = r#"{"detect":{"kind":"rules","groups":["personal"]},"action":{"do":"restore"}}"#;
    let mut call = post(&[guardrail("p", personal)]);
    let sent = call
        .prompt("write ada@example.org and [EMAIL_1], again ada@example.org")
        .unwrap();
    assert!(!sent.contains("ada@"), "{sent}");
    let placeholder = sent.split(' ').nth(1).unwrap().to_owned();
    assert_ne!(placeholder, "[EMAIL_1]", "that one was there already");
    assert_eq!(sent.matches(placeholder.as_str()).count(), 2, "{sent}");
    let (begin, end) = placeholder.split_at(4);
    let said = call
        .answer(&["to ", begin, end, " not eve", "@example.org."])
        .unwrap();
    assert!(said.starts_with("to ada@example.org not ["), "{said}");
    assert!(!said.contains("eve@"), "{said}");
    let applied = call.sentry.applied();
    let text = serde_json::to_string(&applied).unwrap();
    assert!(!text.contains("ada@") && !text.contains("eve@"), "{text}");
}

#[test]
fn the_strongest_is_done_and_all_are_noted() {
    let redact = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    let block =
        r#"{"detect":{"kind":"terms","patterns":["AKIA[A-Z0-9]{16}"]},"action":{"do":"block"}}"#;
    let shadow =
        r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"block"},"shadow":true}"#;
    let text = format!("x {} y", planted());
    let mut call = post(&[guardrail("r", redact), guardrail("s", shadow)]);
    assert!(call.prompt(&text).unwrap().starts_with("x ["));
    let done: Vec<_> = call.sentry.applied();
    let done: Vec<_> = done
        .iter()
        .map(|a| (&*a.guardrail, &*a.action, a.shadow))
        .collect();
    assert_eq!(done, [("r", "redact", false), ("s", "block", true)]);
    let mut call = post(&[guardrail("r", redact), guardrail("b", block)]);
    let stop = call.prompt(&text).unwrap_err();
    assert!(matches!(stop, Stop::Blocked(name) if name.to_string() == "b"));
    assert_eq!(call.sentry.applied().len(), 2);
}

#[test]
fn a_text_seen_before_is_found_again() {
    let redact = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    let text = format!("{} {}", "a long text. ".repeat(100), planted());
    let made = workshop().make(&[guardrail("r", redact)]).unwrap();
    let guard: Arc<dyn Guard> = Arc::new(made.local);
    let mut sent = Vec::new();
    for _ in 0..2 {
        let provider = "openai".parse().unwrap();
        let view = CallView {
            streamed: false,
            key: KeyId::from_parts(Timestamp::from_micros(1), 1),
            ..chat(&provider)
        };
        let mut call = Call {
            sentry: guard.post(&view).unwrap(),
        };
        sent.push(call.prompt(&text).unwrap());
        assert_eq!(call.sentry.applied()[0].count, 1);
    }
    assert_eq!(sent[0], sent[1]);
    assert!(!sent[0].contains(&planted()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_an_answer_is_cut_it_arrives_the_same(cuts in prop::collection::vec(0..96_usize, 0..6)) {
        let rules = r#"{"detect":{"kind":"rules","groups":["secrets","personal"]},"action":{"do":"redact"}}"#;
        let text = format!("mail ada@example.org, key {}, é, card 4111 1111 1111 1111.", planted());
        let whole = post(&[guardrail("r", rules)]).answer(&[&text]).unwrap();
        prop_assert!(!whole.contains("ada@") && !whole.contains("4111") && !whole.contains("AKIA"));
        let mut cuts: Vec<_> = cuts.into_iter().filter(|&at| text.is_char_boundary(at)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
        let cut = post(&[guardrail("r", rules)]).answer(&pieces).unwrap();
        prop_assert_eq!(cut, whole);
    }
}
