//! Writes what is said in a request.

use std::borrow::Cow;

use super::{media, models::Maker, names, names::Documents};
use crate::translate::{
    Feature, Inexpressible, Json, Language, SealKind,
    build::{object, text},
    messages::{Said, arguments, joined},
    talk::{Block, Cache, Call, MediaKind, Outcome, Reasoning},
};

/// What a tool says that failed without a word.
const FAILED: &str = "The tool failed.";

/// Stands beside a document that came without a word: Bedrock takes none alone.
const DOCUMENT: &str = "(a document)";

/// A turn on its way to being written.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) assistant: bool,
    maker: Maker,
    /// The results of tools, which stand first in their turn.
    results: Vec<Json<'a>>,
    rest: Vec<Json<'a>>,
    /// The tools that it calls, as they are written.
    pub(super) called: Vec<Cow<'a, str>>,
}

impl<'a> Message<'a> {
    pub(super) const fn new(assistant: bool, maker: Maker) -> Self {
        Self {
            assistant,
            maker,
            results: Vec::new(),
            rest: Vec::new(),
            called: Vec::new(),
        }
    }

    /// A user's, of these blocks.
    pub(super) fn of_user(blocks: Vec<Json<'a>>, maker: Maker) -> Self {
        Self {
            rest: blocks,
            ..Self::new(false, maker)
        }
    }

    /// A user's text.
    pub(super) fn of_text(words: &'a str, maker: Maker) -> Self {
        Self::of_user(vec![object([("text", text(words))])], maker)
    }

    pub(super) fn push<'r: 'a>(
        &mut self,
        block: &'r Block<'_>,
        documents: &mut Documents,
    ) -> Result<(), Inexpressible> {
        match block {
            Block::Text { text, cache } => texts(text, *cache, self.maker, &mut self.rest),
            Block::Refusal(words) => texts(words, None, self.maker, &mut self.rest),
            Block::Media(media) if self.assistant => {
                return Err(Inexpressible(refused(media.kind)));
            }
            Block::Media(media) => {
                self.rest.push(media::written(media, documents)?);
                cache(media.cache, self.maker, &mut self.rest);
            }
            Block::Reasoning(thought) => self.rest.extend(reasoning(thought)),
            Block::Call(call) => {
                let (name, written) = written_call(call)?;
                self.called.push(name);
                self.rest.push(written);
            }
            Block::Result(outcome) => self.result(outcome, documents)?,
        }
        Ok(())
    }

    /// A failed one is text only: what else it shows stands beside it.
    fn result<'r: 'a>(
        &mut self,
        outcome: &'r Outcome<'_>,
        documents: &mut Documents,
    ) -> Result<(), Inexpressible> {
        let mut content = Vec::with_capacity(outcome.blocks.len());
        let mut lives = outcome.cache;
        if outcome.failed && !self.maker.knows_failure() {
            content.push(object([("text", text(FAILED))]));
        }
        for block in &outcome.blocks {
            match block {
                Block::Text { text: words, cache } => {
                    // There are no marks within a result; one after it means as much.
                    lives = lives.or(*cache);
                    texts(words, None, self.maker, &mut content);
                }
                Block::Refusal(words) => texts(words, None, self.maker, &mut content),
                Block::Media(found) if found.kind == MediaKind::Audio => {
                    return Err(Inexpressible(Feature::ToolResultMedia));
                }
                Block::Media(found) if outcome.failed => {
                    self.rest.push(media::written(found, documents)?);
                }
                Block::Media(found) => content.push(media::written(found, documents)?),
                Block::Reasoning(_) | Block::Call(_) | Block::Result(_) => {
                    return Err(Inexpressible(Feature::ToolResultMedia));
                }
            }
        }
        // Of a failed one something has to be said.
        if outcome.failed && content.is_empty() {
            content.push(object([("text", text(FAILED))]));
        }
        let mut written = vec![
            ("toolUseId", text(names::id(&outcome.id))),
            ("content", Json::Array(content)),
        ];
        if outcome.failed && self.maker.knows_failure() {
            written.push(("status", text("error")));
        }
        self.results.push(object([("toolResult", object(written))]));
        cache(lives, self.maker, &mut self.results);
        Ok(())
    }

    pub(super) fn append(&mut self, other: Self) {
        self.results.extend(other.results);
        self.rest.extend(other.rest);
        self.called.extend(other.called);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.results.is_empty() && self.rest.is_empty()
    }

    pub(super) fn json(self) -> Json<'a> {
        let mut content = self.results;
        content.extend(self.rest);
        let has = |name| {
            content
                .iter()
                .any(|block: &Json<'_>| block.get(name).is_some())
        };
        if has("document") && !has("text") {
            content.push(object([("text", text(DOCUMENT))]));
        }
        let role = if self.assistant { "assistant" } else { "user" };
        object([("role", text(role)), ("content", Json::Array(content))])
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
        let first = self.rest.first();
        first.is_some_and(|block| block.get("reasoningContent").is_some())
    }
}

/// A part of the system prompt, which is text.
pub(super) fn instruction<'r>(
    block: &'r Block<'_>,
    maker: Maker,
    out: &mut Vec<Json<'r>>,
) -> Result<(), Inexpressible> {
    match block {
        Block::Text { text, cache } => texts(text, *cache, maker, out),
        Block::Media(media) => return Err(Inexpressible(refused(media.kind))),
        // A system says nothing else.
        Block::Refusal(_) | Block::Reasoning(_) | Block::Call(_) | Block::Result(_) => {}
    }
    Ok(())
}

/// A mark that everything before it is worth caching, for models that know it.
pub(super) fn cache(lives: Option<Cache>, maker: Maker, out: &mut Vec<Json<'_>>) {
    let Some(lives) = lives.filter(|_| maker.caches()) else {
        return;
    };
    let mut point = vec![("type", text("default"))];
    if lives == Cache::Hour {
        point.push(("ttl", text("1h")));
    }
    out.push(object([("cachePoint", object(point))]));
}

/// Bedrock refuses texts without anything but white space.
fn texts<'r>(words: &'r str, lives: Option<Cache>, maker: Maker, out: &mut Vec<Json<'r>>) {
    if words.trim().is_empty() {
        return;
    }
    out.push(object([("text", text(words))]));
    cache(lives, maker, out);
}

/// A thought that came from Bedrock; those of others mean nothing to it.
fn reasoning<'r>(thought: &'r Reasoning<'_>) -> Option<Json<'r>> {
    let seal = thought.seal.as_ref();
    let seal = seal.filter(|seal| seal.owner == Language::Converse)?;
    let written = match seal.kind {
        SealKind::Content => object([("redactedContent", text(&*seal.data))]),
        SealKind::Signature => {
            let shown = object([
                ("text", text(joined(&thought.parts))),
                ("signature", text(&*seal.data)),
            ]);
            object([("reasoningText", shown)])
        }
    };
    Some(object([("reasoningContent", written)]))
}

fn written_call<'r>(call: &'r Call<'_>) -> Result<(Cow<'r, str>, Json<'r>), Inexpressible> {
    let name = names::tool(&call.name)?;
    let written = object([
        ("toolUseId", text(names::id(&call.id))),
        ("name", text(name.clone())),
        ("input", arguments(&call.input, call.freeform)),
    ]);
    Ok((name, object([("toolUse", written)])))
}

const fn refused(kind: MediaKind) -> Feature {
    match kind {
        MediaKind::Audio => Feature::Audio,
        MediaKind::Document => Feature::Document,
        MediaKind::Image => Feature::MediaType,
        MediaKind::Video => Feature::Video,
    }
}
