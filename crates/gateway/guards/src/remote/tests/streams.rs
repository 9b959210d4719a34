//! Answers that services see as they come: in windows, or beside the stream.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use proptest::prelude::*;
use tidegate_engines::{Content, Mark, Verdict};
use tidegate_pipeline::guard::{AnswerView, Guard, Sentry, Stop};
use tidegate_wire::answer::AnswerKind;

use super::{guardrail, log, view};
use crate::{
    Settings, Workshop,
    remote::{Asking, Services},
};

/// Finds every `Ada`, gives the text back without `Bob`, and refuses `rage`; remembers what it was shown.
#[derive(Debug, Default)]
struct Reader {
    shown: Mutex<Vec<String>>,
    /// Those that are waited for, where there are any.
    gates: Mutex<VecDeque<tokio::sync::oneshot::Receiver<()>>>,
}

impl Services for Reader {
    fn knows(&self, _: &str) -> bool {
        true
    }

    fn ask<'a>(&'a self, name: &'a str, content: &'a Content<'a>) -> Asking<'a> {
        let texts = content.parts.iter().map(|part| part.text);
        self.shown.lock().unwrap().extend(texts.map(str::to_owned));
        let gate = self.gates.lock().unwrap().pop_front();
        let said = match name {
            "bob" => replaced(content),
            _ => marked(content),
        };
        Box::pin(async move {
            if let Some(gate) = gate {
                gate.await.map_err(|_| "it broke off")?;
            }
            Ok(said)
        })
    }
}

fn marked(content: &Content<'_>) -> Verdict {
    if content.parts.iter().any(|part| part.text.contains("rage")) {
        let categories = vec!["anger".to_owned()];
        return Verdict::Block {
            categories,
            score: None,
        };
    }
    let parts = content.parts.iter().enumerate();
    let marks = parts.flat_map(|(part, shown)| {
        shown.text.match_indices("Ada").map(move |(at, name)| Mark {
            part,
            span: at..at + name.len(),
            category: "PERSON".into(),
            score: 0.9,
        })
    });
    Verdict::Mark(marks.collect())
}

fn replaced(content: &Content<'_>) -> Verdict {
    let with = |text: &str| text.contains("Bob").then(|| text.replace("Bob", "{NAME}"));
    Verdict::Replace(content.parts.iter().map(|part| with(part.text)).collect())
}

fn post(services: &Arc<Reader>, definition: &str) -> Box<dyn Sentry> {
    let settings = Settings {
        hash_key: [7; 32],
        limits: Default::default(),
    };
    let services: Arc<dyn Services> = Arc::clone(services) as _;
    let workshop = Workshop::new(Vec::new(), settings, services);
    let made = workshop.make(&[guardrail(definition)]).unwrap();
    assert_eq!(made.problems, []);
    let mut sentry = view(|view| made.remote.post(view).unwrap());
    let begun = AnswerView {
        status: 200,
        kind: AnswerKind::Sse,
        content_type: Some("text/event-stream"),
        encoding: None,
    };
    assert!(sentry.answer(&begun));
    sentry
}

fn definition(engine: &str, action: &str, stream: &str, more: &str) -> String {
    format!(
        r#"{{"detect":{{"kind":"engine","engine":"{engine}","stream":{stream}}},
        "action":{{"do":"{action}"}},"prompts":false{more}}}"#
    )
}

fn event(piece: &str) -> Bytes {
    let event = serde_json::json!({"choices": [{"index": 0, "delta": {"content": piece}}]});
    Bytes::from(format!("data: {event}\n\n"))
}

fn said(bytes: &[u8]) -> String {
    let lines = str::from_utf8(bytes).unwrap().lines();
    let data = lines.filter_map(|line| line.strip_prefix("data: "));
    let values = data.filter_map(|data| serde_json::from_str::<serde_json::Value>(data).ok());
    let texts = values.filter_map(|value| {
        let text = value.pointer("/choices/0/delta/content")?.as_str()?;
        Some(text.to_owned())
    });
    texts.collect()
}

/// What a client reads of these pieces, and after how many of them it had read how much.
async fn read(sentry: &mut dyn Sentry, pieces: &[&str]) -> (Result<String, Stop>, Vec<usize>) {
    let (mut out, mut after) = (Vec::new(), Vec::new());
    for piece in pieces {
        match sentry.push(event(piece)).done().await {
            Ok(passed) => passed.iter().for_each(|piece| out.extend_from_slice(piece)),
            Err(stop) => return (Err(stop), after),
        }
        after.push(said(&out).len());
    }
    match sentry.end().done().await {
        Ok(passed) => passed.iter().for_each(|piece| out.extend_from_slice(piece)),
        Err(stop) => return (Err(stop), after),
    }
    assert!(!sentry.holds());
    (Ok(said(&out)), after)
}

const WINDOW: &str = r#"{"mode":"window","characters":50,"overlap":10}"#;

#[tokio::test]
async fn a_window_passes_when_it_was_seen_but_for_its_end() {
    let services = Arc::new(Reader::default());
    let mut sentry = post(&services, &definition("ada", "redact", WINDOW, ""));
    // The name lies across the end of the first window.
    let text = format!("{}Ada, and so on: {}", "é".repeat(48), "x".repeat(60));
    let pieces: Vec<&str> = text.split_inclusive(|_: char| true).collect();
    let (read, after) = read(&mut *sentry, &pieces).await;
    assert_eq!(read.unwrap(), text.replace("Ada", "[PERSON]"));
    assert_eq!(
        (after[48], after[49]),
        (0, 80),
        "all but ten characters of fifty"
    );
    assert_eq!(
        log(&mut *sentry),
        [("redact".into(), "PERSON".into(), false)]
    );
    let shown = services.shown.lock().unwrap();
    let lengths: Vec<usize> = shown.iter().map(|text| text.chars().count()).collect();
    assert_eq!(lengths, [50, 60, 34]);
}

#[tokio::test]
async fn what_repeats_the_whole_is_changed_as_the_whole_was_and_not_asked_about_again() {
    let services = Arc::new(Reader::default());
    let mut sentry = post(&services, &definition("ada", "redact", WINDOW, ""));
    let text = format!("Ada {}", "and so on ".repeat(12));
    let delta = event(&text);
    let whole = serde_json::json!({"choices": [{"index": 0, "message": {"content": text}}]});
    let whole = Bytes::from(format!("data: {whole}\n\n"));
    let mut out = Vec::new();
    for piece in [delta, whole] {
        let passed = sentry.push(piece).done().await.unwrap();
        passed.iter().for_each(|piece| out.extend_from_slice(piece));
    }
    let passed = sentry.end().done().await.unwrap();
    passed.iter().for_each(|piece| out.extend_from_slice(piece));
    let out = String::from_utf8(out).unwrap();
    assert_eq!(
        (out.matches("[PERSON]").count(), out.matches("Ada").count()),
        (2, 0),
        "{out}"
    );
}

#[tokio::test]
async fn a_window_that_is_refused_ends_the_answer_where_the_last_one_ended() {
    let services = Arc::new(Reader::default());
    let mut sentry = post(&services, &definition("ada", "block", WINDOW, ""));
    let text = format!("{} rage {}", "calm ".repeat(15), "calm ".repeat(15));
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    let (read, after) = read(&mut *sentry, &pieces).await;
    assert!(matches!(read, Err(Stop::Blocked(_))));
    assert_eq!(after.last(), Some(&40));
}

const BESIDE: &str = r#"{"mode":"async","characters":50}"#;

#[tokio::test]
async fn beside_the_stream_nothing_waits_and_what_is_refused_ends_it() {
    let services = Arc::new(Reader::default());
    let (open, gate) = tokio::sync::oneshot::channel();
    services.gates.lock().unwrap().push_back(gate);
    let mut sentry = post(&services, &definition("ada", "block", BESIDE, ""));
    let bad = "full of rage and more than fifty characters, that is";
    for piece in [bad, "more"] {
        let passed = sentry.push(event(piece)).done().await.unwrap();
        assert_eq!(said(&passed.concat()), piece, "it does not wait");
        assert!(sentry.holds(), "but the call is not over");
    }
    open.send(()).unwrap();
    let stop = sentry.push(event("and more")).done().await.unwrap_err();
    assert!(matches!(stop, Stop::Blocked(_)));
    assert_eq!(log(&mut *sentry), [("block".into(), "anger".into(), false)]);
}

#[tokio::test]
async fn what_is_said_beside_the_stream_is_in_the_log_however_late() {
    let services = Arc::new(Reader::default());
    let mut sentry = post(&services, &definition("ada", "flag", BESIDE, ""));
    let text = "Ada ".repeat(30);
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    let (read, _) = read(&mut *sentry, &pieces).await;
    assert_eq!(read.unwrap(), text);
    let applied = sentry.applied();
    assert_eq!((applied.len(), applied[0].count), (1, 30), "each once");
    // A caller that leaves before the service has spoken.
    let (_open, gate) = tokio::sync::oneshot::channel();
    services.gates.lock().unwrap().push_back(gate);
    let mut sentry = post(&services, &definition("ada", "flag", BESIDE, ""));
    sentry.push(event(&text)).done().await.unwrap();
    assert_eq!(
        log(&mut *sentry),
        [("bypassed".into(), String::new(), true)]
    );
}

#[test]
fn a_stream_that_makes_no_sense_is_refused() {
    let services: Arc<dyn Services> = Arc::new(Reader::default());
    let settings = Settings {
        hash_key: [7; 32],
        limits: Default::default(),
    };
    let workshop = Workshop::new(Vec::new(), settings, services);
    for (action, stream) in [
        ("redact", BESIDE),
        ("restore", BESIDE),
        ("block", r#"{"mode":"async","characters":49}"#),
        ("block", r#"{"mode":"window","characters":1,"overlap":0}"#),
        (
            "block",
            r#"{"mode":"window","characters":100,"overlap":51}"#,
        ),
    ] {
        let definition = serde_json::from_str(&definition("ada", action, stream, "")).unwrap();
        let problem = workshop.check("g", &definition).unwrap_err();
        assert_eq!(problem.field, "detect.stream", "{action} {stream}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn however_it_is_cut_a_window_reads_as_the_whole(
        words in prop::collection::vec(
            prop::sample::select(vec!["Ada", "Bob", " ", "é", "😀", "so", "A", "da", "\n"]), 0..120),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        characters in 50_u32..80,
        overlap in 4_u32..25,
    ) {
        let text = words.concat();
        let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        places.push(text.len());
        let mut at: Vec<usize> = cuts.iter().map(|cut| *cut.get(&places)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        let pieces: Vec<&str> = at.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
        let stream = format!(r#"{{"mode":"window","characters":{characters},"overlap":{overlap}}}"#);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (engine, name, with) in [("ada", "Ada", "[PERSON]"), ("bob", "Bob", "{NAME}")] {
            let services = Arc::new(Reader::default());
            let mut sentry = post(&services, &definition(engine, "redact", &stream, ""));
            let (read, _) = runtime.block_on(read(&mut *sentry, &pieces));
            prop_assert_eq!(read.unwrap(), text.replace(name, with));
        }
    }
}
