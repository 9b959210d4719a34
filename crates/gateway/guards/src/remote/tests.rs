//! What is done about what services say.

mod streams;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use tidegate_engines::{Content, Failure, Mark, Verdict};
use tidegate_governance::guardrail::{Applied, Guardrail};
use tidegate_pipeline::guard::{AnswerView, CallView, Guard, Sentry, Stop};
use tidegate_types::{GuardrailId, Timestamp};
use tidegate_wire::answer::AnswerKind;

use super::{Asking, Services};
use crate::{Settings, Workshop, tests::chat};

/// Says what it was told to, whatever it is asked, and finds the word `Ada`.
#[derive(Debug)]
struct Told(BTreeMap<&'static str, Result<Verdict, &'static str>>);

impl Services for Told {
    fn knows(&self, name: &str) -> bool {
        name == "ada" || self.0.contains_key(name)
    }

    fn ask<'a>(&'a self, name: &'a str, content: &'a Content<'a>) -> Asking<'a> {
        let said = match self.0.get(name) {
            Some(said) => said.clone(),
            None => Ok(found(content)),
        };
        Box::pin(async move { said })
    }
}

fn found(content: &Content<'_>) -> Verdict {
    let parts = content.parts.iter().enumerate();
    let marks = parts.filter_map(|(part, it)| {
        let start = it.text.find("Ada")?;
        Some(Mark {
            part,
            span: start..start + 3,
            category: "PERSON".into(),
            score: 0.9,
        })
    });
    Verdict::Mark(marks.collect())
}

fn post(definition: &str) -> Box<dyn Sentry> {
    let block = Verdict::Block {
        categories: vec!["hate".into()],
        score: None,
    };
    let told = BTreeMap::from([
        ("no", Ok(block)),
        ("busy", Ok(Verdict::Failed(Failure::Busy))),
        ("late", Err("it did not answer in time")),
        (
            "other",
            Ok(Verdict::Replace(vec![Some("something else".into())])),
        ),
    ]);
    let settings = Settings {
        hash_key: [7; 32],
        limits: Default::default(),
    };
    let workshop = Workshop::new(Vec::new(), settings, Arc::new(Told(told)));
    let made = workshop.make(&[guardrail(definition)]).unwrap();
    assert_eq!(made.problems, []);
    view(|view| made.remote.post(view).unwrap())
}

fn guardrail(definition: &str) -> Guardrail {
    Guardrail {
        id: GuardrailId::generate(Timestamp::from_micros(1)),
        name: "g".into(),
        enabled: true,
        position: 1,
        definition: serde_json::from_str(definition).unwrap(),
    }
}

/// With a chat that is streamed.
fn view<T>(with: impl FnOnce(&CallView<'_>) -> T) -> T {
    with(&chat(&"openai".parse().unwrap()))
}

fn definition(engine: &str, action: &str, more: &str) -> String {
    format!(
        r#"{{"detect":{{"kind":"engine","engine":"{engine}"}},"action":{{"do":"{action}"}}{more}}}"#
    )
}

async fn prompt(sentry: &mut dyn Sentry, text: &str) -> Result<String, Stop> {
    let body = serde_json::json!({"messages": [{"role": "user", "content": text}]});
    let body = Bytes::from(body.to_string());
    let sent = sentry.prompt("application/json", &body).done().await?;
    let sent: serde_json::Value = serde_json::from_slice(&sent.unwrap_or(body)).unwrap();
    Ok(sent["messages"][0]["content"].as_str().unwrap().to_owned())
}

fn log(sentry: &mut dyn Sentry) -> Vec<(String, String, bool)> {
    let entry = |done: Applied| (done.action, done.detector, done.error.is_some());
    sentry.applied().into_iter().map(entry).collect()
}

#[tokio::test]
async fn what_a_service_marks_is_replaced_or_blocks() {
    let mut sentry = post(&definition("ada", "redact", ""));
    assert_eq!(
        prompt(&mut *sentry, "é, I am Ada.").await.unwrap(),
        "é, I am [PERSON]."
    );
    assert_eq!(
        log(&mut *sentry),
        [("redact".into(), "PERSON".into(), false)]
    );
    let mut sentry = post(&definition("ada", "block", ""));
    let stop = prompt(&mut *sentry, "I am Ada").await.unwrap_err();
    assert!(matches!(stop, Stop::Blocked(name) if name.to_string() == "g"));
    assert_eq!(prompt(&mut *sentry, "I am Bob").await.unwrap(), "I am Bob");
    let mut sentry = post(&definition("ada", "block", r#","shadow":true"#));
    assert_eq!(prompt(&mut *sentry, "I am Ada").await.unwrap(), "I am Ada");
    let mut sentry = post(&definition("other", "redact", ""));
    assert_eq!(
        prompt(&mut *sentry, "I am Ada").await.unwrap(),
        "something else"
    );
    // What has no place cannot be replaced.
    let mut sentry = post(&definition("no", "redact", ""));
    assert!(prompt(&mut *sentry, "x").await.is_err());
    assert_eq!(log(&mut *sentry), [("block".into(), "hate".into(), false)]);
    let mut sentry = post(&definition("no", "log", ""));
    assert_eq!(prompt(&mut *sentry, "x").await.unwrap(), "x");
}

#[tokio::test]
async fn a_service_that_does_not_look_refuses_or_is_noted() {
    for engine in ["busy", "late"] {
        let mut sentry = post(&definition(engine, "block", ""));
        assert!(matches!(
            prompt(&mut *sentry, "x").await,
            Err(Stop::Failed(_))
        ));
        assert_eq!(log(&mut *sentry), [("refused".into(), String::new(), true)]);
        let mut sentry = post(&definition(engine, "block", r#","on_failure":"open""#));
        assert_eq!(prompt(&mut *sentry, "x").await.unwrap(), "x");
        assert_eq!(
            log(&mut *sentry),
            [("bypassed".into(), String::new(), true)]
        );
    }
}

async fn answer(sentry: &mut dyn Sentry, pieces: &[&str]) -> Result<String, Stop> {
    let view = AnswerView {
        status: 200,
        kind: AnswerKind::Sse,
        content_type: Some("text/event-stream"),
        encoding: None,
    };
    assert!(sentry.answer(&view));
    let mut out = Vec::new();
    for piece in pieces {
        let event = serde_json::json!({"choices": [{"index": 0, "delta": {"content": piece}}]});
        let event = Bytes::from(format!("data: {event}\n\n"));
        let passed = sentry.push(event).done().await?;
        assert!(
            passed.is_empty(),
            "nothing leaves before the service has seen it all"
        );
        assert!(sentry.holds());
    }
    for passed in sentry.end().done().await? {
        out.extend_from_slice(&passed);
    }
    assert!(!sentry.holds());
    let out = String::from_utf8(out).unwrap();
    let values = out.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = values.filter_map(|data| serde_json::from_str::<serde_json::Value>(data).ok());
    let texts = values.filter_map(|value| {
        let text = value.pointer("/choices/0/delta/content")?.as_str()?;
        Some(text.to_owned())
    });
    Ok(texts.collect())
}

#[tokio::test]
async fn an_answer_is_kept_until_it_was_seen() {
    let mut sentry = post(&definition("ada", "redact", ""));
    let said = answer(&mut *sentry, &["It is A", "da, and", " no more"]).await;
    assert_eq!(said.unwrap(), "It is [PERSON], and no more");
    let mut sentry = post(&definition("ada", "block", ""));
    assert!(answer(&mut *sentry, &["It is A", "da"]).await.is_err());
    let mut sentry = post(&definition("ada", "block", ""));
    assert_eq!(
        answer(&mut *sentry, &["It is", " Bob"]).await.unwrap(),
        "It is Bob"
    );
}

/// Neither side of such a call waits for the other, so no service can be waited for.
#[test]
fn a_stream_in_both_directions_is_refused_or_noted() {
    let mut sentry = post(&definition("ada", "block", ""));
    assert!(matches!(sentry.upload(""), Err(Stop::Failed(_))));
    assert_eq!(log(&mut *sentry), [("refused".into(), String::new(), true)]);
    let mut sentry = post(&definition("ada", "block", r#","on_failure":"open""#));
    assert_eq!(sentry.upload(""), Ok(()));
    let bypassed = ("bypassed".to_owned(), String::new(), true);
    assert_eq!(log(&mut *sentry), [bypassed.clone(), bypassed]);
    let view = AnswerView {
        status: 200,
        kind: AnswerKind::Opaque,
        content_type: Some("application/connect+proto"),
        encoding: None,
    };
    assert!(
        !sentry.answer(&view),
        "it does not keep what it cannot show"
    );
}
