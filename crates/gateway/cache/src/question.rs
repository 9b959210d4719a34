//! What is asked, and whether its answer may be kept.

mod body;
#[cfg(test)]
mod tests;
mod text;

use std::{borrow::Cow, ops::Range};

use http::{HeaderMap, HeaderName};
use tidegate_wire::{Operation, headers};

pub use crate::key::Tenant;
use crate::{Key, Settings, Shape, key::Hasher};
use body::Member;

/// A call, as far as its answer depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who shares the answer.
    pub tenant: Tenant,
    /// What is asked for.
    pub operation: Operation,
    /// The model as the caller named it.
    pub model: &'a str,
    /// The provider that the caller named; empty where it did not.
    pub pinned: &'a str,
    /// The query that is sent on; empty where there is none.
    pub query: &'a str,
    /// The client's headers.
    pub headers: &'a HeaderMap,
    /// The body as the guards left it: a JSON object that was read once, without a name twice.
    pub body: &'a [u8],
    /// Whether a stream is asked for.
    pub stream: bool,
    /// Whether the caller wants to be told what a stream used, where that has to be asked for.
    pub stream_usage: bool,
}

/// A question whose answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    pub(crate) key: Key,
    pub(crate) tenant: Tenant,
    /// How the answer is wanted.
    pub shape: Shape,
}

/// What a question may mean the same by as another one.
#[derive(Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The hash of everything but the text.
    pub(crate) partition: Key,
    /// The text: what is to be embedded.
    pub text: String,
}

impl std::fmt::Debug for Meaning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is asked is a person's text: not shown.
        write!(
            f,
            "Meaning({:?}, {} bytes)",
            self.partition,
            self.text.len()
        )
    }
}

impl<'a> Question<'a> {
    /// Reads it; `None` where its answer is not to be kept: it has effects, refers to state at its provider,
    /// or is not text.
    #[must_use]
    pub fn read(&self, settings: &Settings) -> Option<Asking> {
        let members = body::members(self.operation, self.body)?;
        Some(Asking {
            key: self.key(settings, &members, None)?,
            tenant: self.tenant,
            shape: match (self.stream, self.stream_usage) {
                (false, _) => Shape::Whole,
                (true, true) if self.operation.has_usage_switch() => Shape::StreamWithUsage,
                (true, _) => Shape::Stream,
            },
        })
    }

    /// Reads what a question may mean the same by: the last thing that a user says, where that is all text, and
    /// everything else, to the byte. `None` where it is more than text, or tools are about: one word can then
    /// be all the difference.
    #[must_use]
    pub fn meaning(&self, settings: &Settings) -> Option<Meaning> {
        let members = body::members(self.operation, self.body)?;
        let tools = |member: &Member<'_>| {
            let named = matches!(&*member.name, b"tools" | b"functions");
            named && !matches!(member.value, b"null" | b"[]")
        };
        if members.iter().any(tools) {
            return None;
        }
        let (text, place) = text::last_of_user(self.operation, &members)?;
        let partition = self.key(settings, &members, Some(place))?;
        Some(Meaning { partition, text })
    }

    /// The hash of everything that counts, without what stands at `but`.
    fn key(
        &self,
        settings: &Settings,
        members: &[Member<'_>],
        but: Option<Range<usize>>,
    ) -> Option<Key> {
        let pairs = self.query()?;
        let mut hasher = Hasher::new(self.tenant);
        hasher
            .part(kind(self.operation)?.name().as_bytes())
            .part(self.model.as_bytes())
            .part(self.pinned.as_bytes())
            .part(pairs.as_bytes());
        self.hash_headers(&settings.vary, &mut hasher);
        hasher.count(members.len());
        for Member { name, value, at } in members {
            hasher.part(name);
            let hole = but.as_ref().filter(|hole| hole.start >= *at);
            let hole = hole.and_then(|hole| {
                let (before, rest) = value.split_at_checked(hole.start - at)?;
                Some((before, rest.get(hole.len()..)?))
            });
            match hole {
                None => hasher.part(value),
                Some((before, after)) => hasher.part(before).part(b"\0but a text\0").part(after),
            };
        }
        Some(hasher.key())
    }

    /// The query without what asks for events. Gemini's streams are kept as events only, and what is no stream
    /// is not kept as events.
    fn query(&self) -> Option<Cow<'a, str>> {
        let as_events = |pair: &str| pair.ends_with("alt=sse");
        let asked = self.query.split('&').any(as_events);
        match self.operation {
            Operation::StreamGenerateContent if asked => {
                let rest = self.query.split('&').filter(|pair| !as_events(pair));
                Some(rest.collect::<Vec<_>>().join("&").into())
            }
            Operation::StreamGenerateContent => None,
            _ if asked => None,
            _ => Some(Cow::Borrowed(self.query)),
        }
    }

    /// Headers that change what is answered: versions, betas, and what the operator names.
    fn hash_headers(&self, vary: &[HeaderName], hasher: &mut Hasher) {
        let counts = |name: &HeaderName| {
            let known = ["anthropic-", "openai-"];
            let named = known.iter().any(|known| name.as_str().starts_with(known));
            headers::forward_to_upstream(name) && (named || vary.contains(name))
        };
        let mut found: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| counts(name))
            .collect();
        // Stable: values of one header stay in their order.
        found.sort_by_key(|(name, _)| name.as_str());
        hasher.count(found.len());
        for (name, value) in found {
            hasher.part(name.as_str().as_bytes()).part(value.as_bytes());
        }
    }
}

/// What is asked for, apart from how the answer comes; `None` where it is not text, or vectors.
fn kind(operation: Operation) -> Option<Operation> {
    use Operation as Op;
    match operation {
        Op::GenerateContent | Op::StreamGenerateContent => Some(Op::GenerateContent),
        Op::BatchEmbedContents
        | Op::ChatCompletions
        | Op::Completions
        | Op::EmbedContent
        | Op::Embeddings
        | Op::Messages
        | Op::Responses => Some(operation),
        _ => None,
    }
}
