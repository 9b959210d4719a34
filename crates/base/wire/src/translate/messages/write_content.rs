//! Writes what is said in a request.

use std::borrow::Cow;

use super::{Members, arguments, ids, write_thinking::Said, write_tools};
use crate::translate::{
    Feature, Inexpressible, Json, Language, SealKind,
    talk::{Block, Cache, Call, Media, MediaKind, Outcome, Reasoning, Source},
};

/// The images that Anthropic takes.
const IMAGES: &[&str] = &["image/gif", "image/jpeg", "image/png", "image/webp"];

/// What a tool says that failed without a word.
const FAILED: &str = "The tool failed.";

/// A turn on its way to being written.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) assistant: bool,
    /// The results of tools, which stand first in their turn.
    results: Vec<Json<'a>>,
    rest: Vec<Json<'a>>,
}

impl<'a> Message<'a> {
    pub(super) const fn new(assistant: bool) -> Self {
        Self {
            assistant,
            results: Vec::new(),
            rest: Vec::new(),
        }
    }

    /// A user's, of these blocks.
    pub(super) const fn of_user(blocks: Vec<Json<'a>>) -> Self {
        Self {
            assistant: false,
            results: Vec::new(),
            rest: blocks,
        }
    }

    /// A user's text.
    pub(super) fn of_text(text: &'a str) -> Self {
        let mut block = Members::of("text");
        block.text("text", text);
        Self::of_user(vec![block.json()])
    }

    pub(super) fn push<'r: 'a>(&mut self, block: &'r Block<'_>) -> Result<(), Inexpressible> {
        match block {
            Block::Text { text, cache } => self.rest.extend(texts(text, *cache)),
            Block::Refusal(text) => self.rest.extend(texts(text, None)),
            Block::Media(media) if self.assistant => {
                return Err(Inexpressible(refused(media.kind)));
            }
            Block::Media(media) => self.rest.push(written_media(media)?),
            Block::Reasoning(thought) => self.rest.extend(reasoning(thought)),
            Block::Call(call) => self.rest.push(written_call(call)?),
            Block::Result(outcome) => {
                let written = result(outcome, &mut self.rest)?;
                self.results.push(written);
            }
        }
        Ok(())
    }

    pub(super) fn append(&mut self, other: Self) {
        self.results.extend(other.results);
        self.rest.extend(other.rest);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.results.is_empty() && self.rest.is_empty()
    }

    pub(super) fn json(self) -> Json<'a> {
        let mut content = self.results;
        content.extend(self.rest);
        let mut written = Members::default();
        let role = if self.assistant { "assistant" } else { "user" };
        written.text("role", role);
        written.put("content", Json::Array(content));
        written.json()
    }
}

impl Said for Message<'_> {
    fn is_of_model(&self) -> bool {
        self.assistant
    }

    fn has_results(&self) -> bool {
        !self.results.is_empty()
    }

    fn begins_with_thought(&self) -> bool {
        let first = self.rest.first().and_then(|block| block.get("type"));
        let kind = first.and_then(Json::as_str);
        matches!(kind, Some("thinking" | "redacted_thinking"))
    }
}

/// A part of the system prompt, which is text.
pub(super) fn instruction<'r>(block: &'r Block<'_>) -> Result<Option<Json<'r>>, Inexpressible> {
    match block {
        Block::Text { text, cache } => Ok(texts(text, *cache)),
        Block::Media(media) => Err(Inexpressible(refused(media.kind))),
        // A system says nothing else.
        Block::Refusal(_) | Block::Reasoning(_) | Block::Call(_) | Block::Result(_) => Ok(None),
    }
}

pub(super) fn cache(lives: Option<Cache>, of: &mut Members<'_>) {
    let Some(lives) = lives else { return };
    let mut control = Members::of("ephemeral");
    if lives == Cache::Hour {
        control.text("ttl", "1h");
    }
    of.put("cache_control", control.json());
}

/// Anthropic refuses texts without anything but white space.
fn texts(text: &str, lives: Option<Cache>) -> Option<Json<'_>> {
    if text.trim().is_empty() {
        return None;
    }
    let mut written = Members::of("text");
    written.text("text", text);
    cache(lives, &mut written);
    Some(written.json())
}

/// A thought of Anthropic's own; those of other models mean nothing to it.
fn reasoning<'r>(thought: &'r Reasoning<'_>) -> Option<Json<'r>> {
    let seal = thought.seal.as_ref();
    let seal = seal.filter(|seal| seal.owner == Language::Messages)?;
    match seal.kind {
        SealKind::Content => {
            let mut written = Members::of("redacted_thinking");
            written.text("data", &*seal.data);
            Some(written.json())
        }
        SealKind::Signature => {
            let mut written = Members::of("thinking");
            written.text("thinking", joined(&thought.parts));
            written.text("signature", &*seal.data);
            Some(written.json())
        }
    }
}

/// One text of the parts of a summary.
pub(in crate::translate) fn joined<'r>(parts: &'r [Cow<'_, str>]) -> Cow<'r, str> {
    match parts {
        [] => Cow::Borrowed(""),
        [one] => Cow::Borrowed(&**one),
        more => Cow::Owned(more.join("\n\n")),
    }
}

fn written_call<'r>(call: &'r Call<'_>) -> Result<Json<'r>, Inexpressible> {
    let mut written = Members::of("tool_use");
    written.text("id", ids::written(&call.id));
    written.text("name", write_tools::name(&call.name)?);
    written.put("input", arguments(&call.input, call.freeform));
    Ok(written.json())
}

/// A failed one is text only: what else it shows stands `beside` it.
fn result<'r>(
    outcome: &'r Outcome<'_>,
    beside: &mut Vec<Json<'r>>,
) -> Result<Json<'r>, Inexpressible> {
    let mut content = Vec::with_capacity(outcome.blocks.len());
    for block in &outcome.blocks {
        match block {
            Block::Text { text, cache } => content.extend(texts(text, *cache)),
            Block::Refusal(text) => content.extend(texts(text, None)),
            Block::Media(media) if outcome.failed => beside.push(written_media(media)?),
            Block::Media(media) => content.push(written_media(media)?),
            Block::Reasoning(_) | Block::Call(_) | Block::Result(_) => {
                return Err(Inexpressible(Feature::ToolResultMedia));
            }
        }
    }
    // Of a failed one something has to be said.
    if outcome.failed && content.is_empty() {
        content.extend(texts(FAILED, None));
    }
    let mut written = Members::of("tool_result");
    written.text("tool_use_id", ids::written(&outcome.id));
    if !content.is_empty() {
        written.put("content", Json::Array(content));
    }
    if outcome.failed {
        written.put("is_error", Json::Bool(true));
    }
    cache(outcome.cache, &mut written);
    Ok(written.json())
}

const fn refused(kind: MediaKind) -> Feature {
    match kind {
        MediaKind::Audio => Feature::Audio,
        MediaKind::Document => Feature::Document,
        MediaKind::Image => Feature::MediaType,
        MediaKind::Video => Feature::Video,
    }
}

fn written_media<'r>(media: &'r Media<'_>) -> Result<Json<'r>, Inexpressible> {
    let (kind, source) = match media.kind {
        MediaKind::Image => ("image", image(&media.source)?),
        MediaKind::Document => ("document", document(&media.source)?),
        kind => return Err(Inexpressible(refused(kind))),
    };
    let mut written = Members::of(kind);
    written.put("source", source);
    if media.kind == MediaKind::Document
        && let Some(name) = &media.name
    {
        written.text("title", &**name);
    }
    cache(media.cache, &mut written);
    Ok(written.json())
}

fn image<'r>(source: &'r Source<'_>) -> Result<Json<'r>, Inexpressible> {
    match source {
        Source::Base64 { media_type, data } => {
            // A name of old that many clients send.
            let known = match &**media_type {
                "image/jpg" => "image/jpeg",
                other => other,
            };
            if !IMAGES.contains(&known) {
                return Err(Inexpressible(Feature::MediaType));
            }
            Ok(base64(known, data))
        }
        Source::File(_) => Err(Inexpressible(Feature::File)),
        Source::Text(_) => Err(Inexpressible(Feature::MediaType)),
        Source::Url(url) => of_url(url).ok_or(Inexpressible(Feature::ImageUrl)),
    }
}

fn document<'r>(source: &'r Source<'_>) -> Result<Json<'r>, Inexpressible> {
    match source {
        Source::Base64 { media_type, data } if media_type == "application/pdf" => {
            Ok(base64(media_type, data))
        }
        Source::Base64 { .. } => Err(Inexpressible(Feature::MediaType)),
        Source::File(_) => Err(Inexpressible(Feature::File)),
        Source::Text(text) => {
            let mut written = Members::of("text");
            written.text("media_type", "text/plain");
            written.text("data", &**text);
            Ok(written.json())
        }
        Source::Url(url) => of_url(url).ok_or(Inexpressible(Feature::DocumentUrl)),
    }
}

fn base64<'r>(media_type: &'r str, data: &'r str) -> Json<'r> {
    let mut written = Members::of("base64");
    written.text("media_type", media_type);
    written.text("data", data);
    written.json()
}

/// What Anthropic can fetch.
fn of_url(url: &str) -> Option<Json<'_>> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    let mut written = Members::of("url");
    written.text("url", url);
    Some(written.json())
}
