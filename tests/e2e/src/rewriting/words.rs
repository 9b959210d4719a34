//! A guard for tests only: it writes other words for some, in prompts and in answers, over the ends of
//! events too, and blocks others. It knows the texts of two dialects, as a real one would know all.

use bytes::Bytes;
use serde_json::Value;
use tidegate_pipeline::guard::{AnswerView, CallView, Guard, RuleName, Sentry, Step, Stop};
use tidegate_wire::answer::{AnswerKind, Forward};

/// In prompts, the first is written as the second.
pub(super) const IN_PROMPTS: (&str, &str) = ("mackerel", "herring");
/// In answers, the first is written as the second.
pub(super) const IN_ANSWERS: (&str, &str) = ("lighthouse", "beacon");
/// Blocks a prompt.
pub(super) const NO_PROMPT: &str = "leviathan";
/// Blocks an answer.
pub(super) const NO_ANSWER: &str = "kraken";
/// Makes a prompt's check, and the checks of its answer, wait for someone else.
pub(super) const SLOW: &str = "slowly";

/// A check that waits for someone who never answers.
pub(super) const STUCK: &str = "stuck";

/// The guard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words;

impl Guard for Words {
    fn post(&self, call: &CallView<'_>) -> Option<Box<dyn Sentry>> {
        // It has no business with lists and files.
        call.model?;
        Some(Box::new(Watch::default()))
    }
}

#[derive(Default)]
struct Watch {
    events: bool,
    slow: bool,
    /// Bytes that are no whole event yet, or of an answer in one piece all.
    held: Vec<u8>,
    /// The end of the text so far, which may be the beginning of a word.
    text: String,
    /// The last event with text, for a text that has none of its own left.
    last: Option<(String, Value)>,
}

fn block() -> Stop {
    Stop::Blocked(RuleName::new("sea monsters"))
}

impl Watch {
    fn say<'a, T: Send + 'a>(&self, said: Result<T, Stop>) -> Step<'a, T> {
        if !self.slow {
            return Step::Done(said);
        }
        Step::later(async {
            tokio::task::yield_now().await;
            said
        })
    }

    fn whole_events(&mut self) -> Result<Forward, Stop> {
        let mut out = Forward::new();
        while let Some(at) = self.held.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = self.held.drain(..at + 2).collect();
            self.event(&String::from_utf8_lossy(&event), &mut out)?;
        }
        Ok(out)
    }

    fn event(&mut self, event: &str, out: &mut Forward) -> Result<(), Stop> {
        let (before, data) = event.split_once("data: ").unwrap_or((event, ""));
        let mut value: Value = serde_json::from_str(data).unwrap_or_default();
        let Some(delta) = text_of(&mut value) else {
            self.text_is_over(out);
            out.push(event.to_owned().into());
            return Ok(());
        };
        let came = delta.as_str().unwrap_or_default().to_owned();
        let unheld = self.text.is_empty();
        self.text.push_str(&came);
        if self.text.contains(NO_ANSWER) {
            return Err(block());
        }
        let text = self.text.replace(IN_ANSWERS.0, IN_ANSWERS.1);
        let begun = [IN_ANSWERS.0, NO_ANSWER].map(|word| begun(&text, word));
        let begun = begun[0].max(begun[1]);
        let (free, held) = text.split_at(text.len() - begun);
        if unheld && free == came {
            out.push(event.to_owned().into());
        } else if !free.is_empty() {
            set(&mut value, free.to_owned());
            out.push(format!("{before}data: {value}\n\n").into());
        }
        self.text = held.to_owned();
        self.last = Some((before.to_owned(), value));
        Ok(())
    }
}

impl Watch {
    /// No word goes on: what was held of the text is sent in an event like its last.
    fn text_is_over(&mut self, out: &mut Forward) {
        if let (false, Some((before, mut value))) = (self.text.is_empty(), self.last.take()) {
            set(&mut value, std::mem::take(&mut self.text));
            out.push(format!("{before}data: {value}\n\n").into());
        }
    }
}

impl Sentry for Watch {
    fn prompt<'a>(&'a mut self, _: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>> {
        let text = String::from_utf8_lossy(body);
        self.slow = text.contains(SLOW);
        let said = if text.contains(NO_PROMPT) {
            Err(block())
        } else if text.contains(IN_PROMPTS.0) {
            Ok(Some(text.replace(IN_PROMPTS.0, IN_PROMPTS.1).into()))
        } else {
            Ok(None)
        };
        self.say(said)
    }

    fn answer(&mut self, answer: &AnswerView<'_>) -> bool {
        self.events = answer.kind == AnswerKind::Sse;
        answer.encoding.is_none() && answer.kind != AnswerKind::Opaque
    }

    fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        if says(&piece, STUCK) {
            return Step::later(std::future::pending());
        }
        self.held.extend_from_slice(&piece);
        let said = if self.events {
            self.whole_events()
        } else {
            Ok(Forward::new())
        };
        self.say(said)
    }

    fn end(&mut self) -> Step<'_, Forward> {
        let held = std::mem::take(&mut self.held);
        if self.events {
            let mut out = Forward::new();
            self.text_is_over(&mut out);
            out.push(held.into());
            return self.say(Ok(out));
        }
        let text = String::from_utf8_lossy(&held);
        let said = if text.contains(NO_ANSWER) {
            Err(block())
        } else {
            let text = text.replace(IN_ANSWERS.0, IN_ANSWERS.1);
            Ok(std::iter::once(text.into()).collect())
        };
        self.say(said)
    }

    fn holds(&self) -> bool {
        !self.held.is_empty() || !self.text.is_empty()
    }
}

/// Where an event of either dialect has its text.
fn text_of(value: &mut Value) -> Option<&mut Value> {
    const PLACES: [&str; 2] = ["/choices/0/delta/content", "/delta/text"];
    let place = PLACES
        .into_iter()
        .find(|place| value.pointer(place).is_some())?;
    value.pointer_mut(place)
}

fn set(value: &mut Value, text: String) {
    if let Some(place) = text_of(value) {
        *place = text.into();
    }
}

fn says(piece: &[u8], word: &str) -> bool {
    piece
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

/// How many bytes at the end of `text` may be the beginning of `word`.
fn begun(text: &str, word: &str) -> usize {
    let mut lengths = (1..word.len()).rev();
    lengths
        .find(|&length| text.ends_with(&word[..length]))
        .unwrap_or(0)
}
