//! What an answer said about itself, kept raw until someone asks.

use std::time::Duration;

use tidegate_types::{ServiceTier, Usage, UsageSource};

use super::{
    AnswerKind,
    report::Report,
    tap::{Passed, Sink, Wanted},
    usage,
};
use crate::{Dialect, Operation};

/// How a family of answers reports usage and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `message_start`, cumulative `message_delta`, `message_stop`.
    Anthropic,
    /// `usage` in the last chunk, `[DONE]`.
    Chat,
    /// `usage` in the event `metadata`, which is the last.
    Converse,
    /// A model's own answer at Bedrock: as Anthropic's have it, or with a report in another's words.
    Invoke,
    /// `usageMetadata` in every chunk, the last counts.
    Gemini,
    /// `usage` in an event whose type ends in `.completed` or `.done`.
    Media,
    /// `response.done`, with the whole response, among events that belong to none.
    Realtime,
    /// `response.completed` and its like, with the whole response.
    Responses,
}

impl Family {
    const fn of(operation: Operation) -> Self {
        use Operation as Op;
        match operation.dialect() {
            Dialect::Anthropic => Self::Anthropic,
            Dialect::Bedrock => match operation {
                Op::InvokeModel | Op::InvokeModelStream => Self::Invoke,
                _ => Self::Converse,
            },
            Dialect::Gemini => Self::Gemini,
            Dialect::OpenAi => match operation {
                Op::Responses | Op::ResponsesGet | Op::ResponsesCompact | Op::ResponsesCancel => {
                    Self::Responses
                }
                Op::Realtime => Self::Realtime,
                Op::AudioSpeech
                | Op::AudioTranscriptions
                | Op::AudioTranslations
                | Op::ImagesEdits
                | Op::ImagesGenerations
                | Op::ImagesVariations => Self::Media,
                _ => Self::Chat,
            },
        }
    }
}

/// As many bytes of sound in base64 as one byte of text is worth, for estimates: a token of text has three
/// bytes, one of sound is 50 ms, which are 533 at the lowest rate that is spoken (8 kHz, 8 bits).
const AUDIO_PER_TEXT: u64 = 170;
/// The longest model name that is kept.
const LONGEST_MODEL: usize = 256;

#[derive(Debug)]
pub(super) struct Facts {
    operation: Operation,
    family: Family,
    is_stream: bool,
    /// Of the event being read: it carries a whole usage report.
    terminal_event: bool,
    /// Of the event being read (Realtime): its `delta` is sound.
    audio_event: bool,
    /// Of the event being read (Realtime): bytes of its `delta`.
    delta: u64,
    /// The usage that was reported first, where the later ones only update it (Anthropic).
    first_usage: Vec<u8>,
    last_usage: Vec<u8>,
    tier: Option<ServiceTier>,
    search_calls: u64,
    page_visits: u64,
    /// The reported usage is final.
    terminal: bool,
    pub(super) content_bytes: u64,
    pub(super) events: u64,
    pub(super) model: Option<String>,
    pub(super) error: bool,
    pub(super) finished: bool,
}

impl Facts {
    pub(super) const fn new(operation: Operation, kind: AnswerKind) -> Self {
        Self {
            operation,
            family: Family::of(operation),
            is_stream: kind.is_events(),
            terminal_event: false,
            audio_event: false,
            delta: 0,
            first_usage: Vec::new(),
            last_usage: Vec::new(),
            tier: None,
            search_calls: 0,
            page_visits: 0,
            terminal: false,
            content_bytes: 0,
            events: 0,
            model: None,
            error: false,
            finished: false,
        }
    }

    /// An event with data is over.
    pub(super) fn event(&mut self, done: bool) {
        self.events += 1;
        let weight = std::mem::take(&mut self.delta);
        let weight = if std::mem::take(&mut self.audio_event) {
            weight / AUDIO_PER_TEXT
        } else {
            weight
        };
        self.content_bytes = self.content_bytes.saturating_add(weight);
        if done || self.terminal_event {
            self.complete();
        }
        self.terminal_event = false;
    }

    /// The answer is whole.
    pub(super) const fn complete(&mut self) {
        self.finished = true;
        self.terminal = true;
    }

    pub(super) fn usage(&self) -> Option<Usage> {
        let first = Report::read(&self.first_usage);
        let last = Report::read(&self.last_usage);
        let mut found = match (self.family, first, last) {
            (_, None, None) => return None,
            (Family::Anthropic, first, last) => {
                let none = Report::Nothing;
                usage::anthropic(
                    first.as_ref().unwrap_or(&none),
                    last.as_ref().unwrap_or(&none),
                )
            }
            (Family::Invoke, first, last) => {
                let none = Report::Nothing;
                let first = first.as_ref().unwrap_or(&none);
                usage::invoke(first, last.as_ref().unwrap_or(&none))?
            }
            (_, _, None) => return None,
            (Family::Converse, _, Some(last)) => usage::converse(&last),
            (Family::Gemini, _, Some(last)) => usage::gemini(&last),
            (Family::Chat | Family::Responses, _, Some(last)) => usage::openai_text(&last),
            (Family::Realtime, _, Some(last)) => usage::openai_realtime(&last),
            (Family::Media, _, Some(last)) => usage::openai_media(self.operation, &last)?,
        };
        if self.family == Family::Responses {
            found.web_searches = self.search_calls.saturating_sub(self.page_visits);
        }
        if let Some(tier) = self.tier {
            found.tier = tier;
        }
        found.source = if self.terminal {
            UsageSource::Reported
        } else {
            UsageSource::Partial
        };
        Some(found)
    }

    pub(super) fn sound(&self) -> Option<Duration> {
        let usage = Report::read(&self.last_usage)?;
        Duration::try_from_secs_f64(usage["seconds"].number()?).ok()
    }

    fn take_usage(&mut self, nested: bool, value: &[u8]) {
        if !value.starts_with(b"{") {
            return;
        }
        let slot = match (self.family, nested) {
            (Family::Anthropic | Family::Invoke, true) => &mut self.first_usage,
            // Beside a response it is that of a transcription.
            (Family::Realtime, false) => return,
            (Family::Responses, _) | (Family::Realtime, true) | (_, false) => &mut self.last_usage,
            (_, true) => return,
        };
        slot.clear();
        slot.extend_from_slice(value);
        // The report in `message_delta` is the answer's, though `message_stop` is still to come.
        let anthropic = matches!(self.family, Family::Anthropic | Family::Invoke);
        self.terminal |= anthropic && !nested;
    }

    /// Counts the searches in the list `output` of a whole response. The provider bills those,
    /// not the pages that the model opens afterwards.
    fn web_search(&mut self, depth: u32, word: &[u8]) {
        let item = if self.is_stream { 4 } else { 3 };
        if depth == item && word == b"web_search_call" {
            self.search_calls += 1;
        }
        if depth == item + 1 && matches!(word, b"open_page" | b"find" | b"find_in_page") {
            self.page_visits += 1;
        }
    }

    fn take_type(&mut self, kind: &[u8]) {
        match self.family {
            Family::Anthropic | Family::Invoke => {
                self.terminal_event = kind == b"message_stop";
                self.error |= kind == b"error";
            }
            Family::Responses => {
                self.terminal_event = matches!(
                    kind,
                    b"response.completed" | b"response.incomplete" | b"response.failed"
                );
                self.error |= matches!(kind, b"error" | b"response.failed");
            }
            Family::Realtime => {
                self.terminal_event = kind == b"response.done";
                self.error |= kind == b"error";
                self.audio_event = kind.ends_with(b"audio.delta");
            }
            Family::Media => {
                self.terminal_event = kind.ends_with(b".completed") || kind.ends_with(b".done");
                self.error |= kind == b"error";
            }
            Family::Chat | Family::Converse | Family::Gemini => {}
        }
    }
}

/// The text between the quotes, if it is a plain string.
fn unquoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

impl Sink for Facts {
    fn captured(&mut self, wanted: Wanted, nested: bool, value: &[u8]) {
        let value = value.trim_ascii();
        match wanted {
            Wanted::Error => self.error |= value != b"null" && !nested,
            Wanted::Model => {
                if self.model.is_none()
                    && let Some(name) = unquoted(value)
                    && (1..=LONGEST_MODEL).contains(&name.len())
                {
                    self.model = str::from_utf8(name).ok().map(str::to_owned);
                }
            }
            Wanted::Tier => {
                let tier = usage::served_tier(value);
                self.tier = tier.or(self.tier);
            }
            Wanted::Type if !nested => {
                if let Some(kind) = unquoted(value) {
                    self.take_type(kind);
                }
            }
            Wanted::Type => {}
            Wanted::Usage => self.take_usage(nested, value),
        }
    }

    fn string(&mut self, value: Passed<'_>) {
        let Passed {
            key,
            depth,
            length,
            word,
        } = value;
        let is_text = match self.family {
            Family::Anthropic => matches!(key, b"text" | b"partial_json" | b"thinking"),
            // Of makers whose answers are not known, these are the names of texts.
            Family::Invoke => matches!(
                key,
                b"text"
                    | b"partial_json"
                    | b"thinking"
                    | b"content"
                    | b"generation"
                    | b"outputText"
            ),
            Family::Chat => {
                if key == b"finish_reason" {
                    self.terminal = true;
                }
                matches!(
                    key,
                    b"content"
                        | b"text"
                        | b"arguments"
                        | b"reasoning_content"
                        | b"reasoning"
                        | b"refusal"
                )
            }
            // The argument of a call comes as text in a stream only.
            Family::Converse => key == b"text" || (key == b"input" && self.is_stream),
            Family::Gemini => {
                if key == b"finishReason" || key == b"blockReason" {
                    self.terminal_event = self.is_stream;
                    self.terminal = true;
                }
                key == b"text"
            }
            Family::Realtime => {
                if key == b"delta" && depth == 1 {
                    self.delta = self.delta.saturating_add(length);
                }
                false
            }
            Family::Responses if key == b"type" => {
                self.web_search(depth, word);
                false
            }
            // In a stream every text comes again whole, in the events that close its part.
            Family::Media | Family::Responses if self.is_stream => key == b"delta" && depth == 1,
            Family::Responses => matches!(key, b"text" | b"arguments" | b"refusal"),
            Family::Media => key == b"text",
        };
        if is_text {
            self.content_bytes = self.content_bytes.saturating_add(length);
        }
    }
}
