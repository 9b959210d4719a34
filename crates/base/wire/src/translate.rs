//! Translation between dialects, for calls whose client speaks another one than their provider.
//!
//! Each of five languages reads requests into one common form ([`talk`]) and writes them from it, and the
//! same for answers ([`reply`]), whole or as streams; so there are five languages and not twenty pairs. A sixth,
//! Bedrock's Invoke, is Messages in another envelope, and clients' only. Where both sides speak one dialect nothing
//! of this is used: those bytes pass as they are.
//!
//! Nothing is dropped silently. What a client says that its provider's dialect cannot say is [`Refused`] by the
//! name of the client's own field. What only advises (cache hints, labels) is left out, by lists that
//! `docs/translation.md` shows.

mod again;
mod base64;
mod betas;
mod blocks;
mod build;
mod chat;
mod converse;
mod failure;
mod fields;
mod gemini;
mod invoke;
mod json;
mod messages;
mod path;
mod reply;
mod responses;
#[cfg(test)]
mod samples;
mod seal;
pub(crate) mod sse;
mod stream;
mod talk;

use std::{borrow::Cow, fmt};

pub use again::{Form, again};
pub use betas::About;
pub use failure::redacted;
pub(crate) use json::Json;
use path::Path;
use reply::{Answer, Event, Failure};
use seal::{Seal, SealKind};
pub use stream::Stream;
use stream::{ReadStream, WriteStream};
use talk::{Feature, Request, Tool};

use crate::{
    Dialect, Operation,
    answer::AnswerKind,
    error::{self, ErrorView},
    eventstream::Damage,
};

/// A language in which a model can be asked for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `OpenAI`'s Chat Completions.
    Chat,
    /// Bedrock's Converse.
    Converse,
    /// Gemini's `generateContent`.
    Gemini,
    /// Bedrock's `InvokeModel` with a body of Anthropic's. Clients' only: no provider is asked in it.
    Invoke,
    /// Anthropic's Messages.
    Messages,
    /// `OpenAI`'s Responses.
    Responses,
}

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Chat,
        Self::Converse,
        Self::Gemini,
        Self::Invoke,
        Self::Messages,
        Self::Responses,
    ];

    /// Those in which a provider can be asked.
    pub const UPSTREAM: &'static [Self] = &[
        Self::Chat,
        Self::Converse,
        Self::Gemini,
        Self::Messages,
        Self::Responses,
    ];

    /// The language of an operation, where it asks for an answer.
    #[must_use]
    pub const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::ChatCompletions => Some(Self::Chat),
            Operation::Converse | Operation::ConverseStream => Some(Self::Converse),
            Operation::GenerateContent | Operation::StreamGenerateContent => Some(Self::Gemini),
            Operation::InvokeModel | Operation::InvokeModelStream => Some(Self::Invoke),
            Operation::Messages => Some(Self::Messages),
            Operation::Responses => Some(Self::Responses),
            _ => None,
        }
    }

    /// Its name in configs and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Converse => "converse",
            Self::Gemini => "gemini",
            Self::Invoke => "invoke",
            Self::Messages => "messages",
            Self::Responses => "responses",
        }
    }

    /// The language of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// Whose it is.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Chat | Self::Responses => Dialect::OpenAi,
            Self::Converse | Self::Invoke => Dialect::Bedrock,
            Self::Gemini => Dialect::Gemini,
            Self::Messages => Dialect::Anthropic,
        }
    }

    /// The operation that asks for an answer in it.
    #[must_use]
    pub const fn operation(self, stream: bool) -> Operation {
        match self {
            Self::Chat => Operation::ChatCompletions,
            Self::Converse if stream => Operation::ConverseStream,
            Self::Converse => Operation::Converse,
            Self::Gemini if stream => Operation::StreamGenerateContent,
            Self::Gemini => Operation::GenerateContent,
            Self::Invoke if stream => Operation::InvokeModelStream,
            Self::Invoke => Operation::InvokeModel,
            Self::Messages => Operation::Messages,
            Self::Responses => Operation::Responses,
        }
    }

    /// How its streams are written.
    #[must_use]
    pub const fn framing(self) -> AnswerKind {
        match self {
            Self::Converse | Self::Invoke => AnswerKind::EventStream,
            Self::Chat | Self::Gemini | Self::Messages | Self::Responses => AnswerKind::Sse,
        }
    }

    /// The path below the provider's root, and the query.
    fn target(self, model: &str, stream: bool) -> String {
        match self {
            Self::Chat => "/v1/chat/completions".to_owned(),
            Self::Converse => converse::target(model, stream),
            Self::Gemini => gemini::target(model, stream),
            Self::Invoke if stream => converse::path(model, "invoke-with-response-stream"),
            Self::Invoke => converse::path(model, "invoke"),
            Self::Messages => "/v1/messages".to_owned(),
            Self::Responses => "/v1/responses".to_owned(),
        }
    }

    /// What a client of this language calls a feature.
    fn field(self, feature: Feature) -> &'static str {
        match self {
            Self::Chat => chat::field(feature),
            Self::Converse => converse::field(feature),
            Self::Gemini => gemini::field(feature),
            Self::Invoke | Self::Messages => messages::field(feature),
            Self::Responses => responses::field(feature),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a request is not translated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {why}")]
pub struct Refused {
    /// The client's own name for it, with its place: `messages[2].content[0].type`.
    pub field: String,
    /// The rest of the sentence that the field's name begins.
    pub why: Cow<'static, str>,
}

impl Refused {
    fn invalid(field: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            why: why.into(),
        }
    }

    fn unsupported(field: impl Into<String>) -> Self {
        Self::invalid(
            field,
            "cannot be translated for the provider that serves this model: leave it out, or choose a \
             provider that speaks your API",
        )
    }
}

/// Why an answer is not translated: the provider does not keep to its dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider's answer cannot be read: {0}")]
pub struct Broken(pub &'static str);

impl From<Damage> for Broken {
    fn from(damage: Damage) -> Self {
        Self(match damage {
            Damage::Checksum => "a checksum of its stream is wrong",
            Damage::Length => "a length in its stream does not fit",
            Damage::TooLong => "an event is too long",
        })
    }
}

/// What a writer cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Inexpressible(Feature);

/// What a writer of answers has to know of the request.
#[derive(Debug, Default)]
struct Asked {
    /// The call's id, for answers whose provider gives them none.
    call: String,
    /// The model as the client named it.
    model: String,
    /// The client wants a stream's usage.
    stream_usage: bool,
    /// The client wants a stream as an array that grows (Gemini without `alt=sse`), not as events.
    array: bool,
    /// The client wants one call at a time (`parallel_tools` is `Some(false)`).
    one_call: bool,
    /// The tools that are freeform or in a namespace, without what only the provider has to know of them.
    tools: Vec<Tool<'static>>,
    /// Tools that the provider knows by another name than the client: its name, the client's.
    renamed: Vec<(String, String)>,
    /// What answers repeat of their request (Responses).
    echo: Echo,
}

impl Asked {
    /// The tools whose input is text.
    fn freeform(&self) -> impl Iterator<Item = &str> {
        let tools = self.tools.iter().filter(|tool| tool.freeform.is_some());
        tools.map(|tool| &*tool.name)
    }

    /// Whether this tool's input is text.
    fn is_freeform(&self, name: &str) -> bool {
        self.freeform().any(|tool| tool == name)
    }
}

/// A request in its provider's language.
#[derive(Debug)]
pub struct Translated {
    /// The body.
    pub body: Vec<u8>,
    /// Path below the provider's root, with its query.
    pub target: String,
    /// What it asks for, in the provider's words.
    pub operation: Operation,
    /// Brings the answer back.
    pub back: Translation,
}

/// Brings an answer back into its client's language.
#[derive(Debug)]
pub struct Translation {
    client: Language,
    upstream: Language,
    betas: Option<String>,
    asked: Asked,
}

/// Translates a request. `model` is what the provider calls the model, `named` what the client called it.
///
/// # Errors
/// It is none, or says what cannot be said to the provider.
pub fn request<'a>(
    client: Operation,
    upstream: Language,
    (named, model): (&str, &str),
    about: impl Into<About<'a>>,
    body: &[u8],
) -> Result<Translated, Refused> {
    let About { id, betas } = about.into();
    let (language, mut talk, echo) = read(client, body)?;
    model.clone_into(&mut talk.model);
    talk.betas.extend(betas::of_header(betas));
    let written = match upstream {
        Language::Chat => chat::write_request(&talk),
        Language::Converse => converse::write_request(&talk),
        Language::Gemini => gemini::write_request(&talk),
        Language::Invoke => return Err(Refused::unsupported(client.name())),
        Language::Messages => messages::write_request(&talk),
        Language::Responses => responses::write_request(&talk),
    };
    let body =
        written.map_err(|Inexpressible(feature)| Refused::unsupported(language.field(feature)))?;
    let stream = talk.stream;
    let renamed = match upstream {
        Language::Converse => converse::renamed(&talk.tools),
        _ => Vec::new(),
    };
    let of_messages = upstream == Language::Messages;
    let betas = of_messages.then(|| betas::header(&talk.betas)).flatten();
    let asked = Asked {
        renamed,
        ..asked(talk, echo, named, id)
    };
    Ok(Translated {
        body,
        target: upstream.target(model, stream),
        operation: upstream.operation(stream),
        back: Translation {
            client: language,
            upstream,
            betas,
            asked,
        },
    })
}

/// What answers repeat of their request.
type Echo = Vec<(Cow<'static, str>, Json<'static>)>;

/// Reads a request.
fn read(client: Operation, body: &[u8]) -> Result<(Language, Request<'_>, Echo), Refused> {
    let Some(language) = Language::of(client) else {
        return Err(Refused::unsupported(client.name()));
    };
    let json = Json::read(body).map_err(|error| {
        Refused::invalid(
            "body",
            format!("is no JSON that can be translated: {error}"),
        )
    })?;
    let streams = client.always_streams();
    let (talk, echo) = match language {
        Language::Chat => (chat::read_request(json)?, Vec::new()),
        Language::Converse => (converse::read_request(json, streams)?, Vec::new()),
        Language::Gemini => (gemini::read_request(json, streams)?, Vec::new()),
        Language::Invoke => (invoke::read_request(json, streams)?, Vec::new()),
        Language::Messages => (messages::read_request(json)?, Vec::new()),
        Language::Responses => responses::read_request(json)?,
    };
    Ok((language, talk, echo))
}

/// What a writer of answers has to know of a request.
fn asked(talk: Request<'_>, echo: Echo, named: &str, id: &str) -> Asked {
    Asked {
        call: id.to_owned(),
        model: named.to_owned(),
        stream_usage: talk.stream_usage,
        array: false,
        one_call: talk.parallel_tools == Some(false),
        renamed: Vec::new(),
        tools: talk.tools.into_iter().filter_map(Tool::told).collect(),
        echo,
    }
}

/// Reads an answer in one piece.
fn read_whole<'a>(language: Language, body: &'a [u8], asked: &Asked) -> Result<Answer<'a>, Broken> {
    let json = Json::read(body).map_err(|_| Broken("it is no JSON"))?;
    match language {
        Language::Chat => chat::read_answer(json, asked),
        Language::Converse => converse::read_answer(json, asked),
        Language::Gemini => gemini::read_answer(json, asked),
        Language::Invoke | Language::Messages => messages::read_answer(json, asked),
        Language::Responses => responses::read_answer(json, asked),
    }
}

/// Writes an answer in one piece.
fn write_whole(language: Language, answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    match language {
        Language::Chat => chat::write_answer(answer, asked),
        Language::Converse => converse::write_answer(answer, asked),
        Language::Gemini => gemini::write_answer(answer, asked),
        Language::Invoke | Language::Messages => messages::write_answer(answer, asked),
        Language::Responses => responses::write_answer(answer, asked),
    }
}

impl Translation {
    /// An answer in one piece.
    ///
    /// # Errors
    /// It is none of the provider's dialect.
    pub fn whole(&self, body: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut answer = read_whole(self.upstream, body, &self.asked)?;
        if answer.id.is_empty() {
            answer.id.clone_from(&self.asked.call);
        }
        Ok(write_whole(self.client, &answer, &self.asked))
    }

    /// The same for a client whose stream is an array that grows, as Gemini's are without `alt=sse`. Other languages
    /// know no such streams.
    #[must_use]
    pub fn as_array(mut self) -> Self {
        self.asked.array = self.client == Language::Gemini;
        self
    }

    /// How the client's stream is written.
    #[must_use]
    pub const fn framing(&self) -> AnswerKind {
        if self.asked.array {
            AnswerKind::Json
        } else {
            self.client.framing()
        }
    }

    /// The client's language.
    #[must_use]
    pub const fn client(&self) -> Language {
        self.client
    }

    /// The provider's language.
    #[must_use]
    pub const fn upstream(&self) -> Language {
        self.upstream
    }

    /// An error in one piece: the provider's words in the client's envelope. `named` is what its header says of
    /// it, where the provider names errors there (AWS' `x-amzn-errortype`).
    #[must_use]
    pub fn failure(&self, status: u16, named: Option<&str>, body: &[u8]) -> Vec<u8> {
        let mut failure = failure::read(status, named, body);
        if self.upstream == Language::Converse {
            failure.message = failure::without_account(&failure.message);
        }
        let view = view(&failure, status, &self.asked.call);
        error::render(self.client.dialect(), &view)
    }
}

/// A failure in a client's stream, of which something was `said` before. Nothing comes after it.
fn told_failure(client: Language, array: bool, said: bool, view: &ErrorView<'_>) -> Vec<u8> {
    if !array {
        return error::render_event_for(client.operation(true), view);
    }
    let mut out = if said {
        b",\r\n".to_vec()
    } else {
        b"[".to_vec()
    };
    out.append(&mut error::render(client.dialect(), view));
    out.push(b']');
    out
}

fn view<'a>(failure: &'a Failure, status: u16, request_id: &'a str) -> ErrorView<'a> {
    ErrorView {
        status,
        kind: failure.kind,
        code: "upstream_error",
        message: &failure.message,
        param: None,
        request_id,
    }
}
