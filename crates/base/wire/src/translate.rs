//! Translation between dialects, for calls whose client speaks another one than their provider.
//!
//! Each of the four languages reads requests into one common form ([`talk`]) and writes them from it, and the
//! same for answers ([`reply`]), whole or as streams; so there are four languages and not twelve pairs. Where
//! both sides speak one dialect nothing of this is used: those bytes pass as they are.
//!
//! Nothing is dropped silently. What a client says that its provider's dialect cannot say is [`Refused`] by the
//! name of the client's own field. What only advises (cache hints, labels) is left out, by lists that
//! `docs/translation.md` shows.

mod again;
mod base64;
mod build;
mod chat;
mod failure;
mod fields;
mod gemini;
mod json;
mod messages;
mod path;
mod reply;
mod responses;
#[cfg(test)]
mod samples;
mod seal;
mod sse;
mod talk;

use std::{borrow::Cow, fmt};

pub use again::{Form, again};
pub(crate) use json::Json;
use path::Path;
use reply::{Answer, Event, Failure};
use seal::{Seal, SealKind};
use sse::Events;
use talk::{Feature, Request, Tool};

use crate::{
    Dialect, Operation,
    error::{self, ErrorView},
};

/// A language in which a model can be asked for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `OpenAI`'s Chat Completions.
    Chat,
    /// Gemini's `generateContent`.
    Gemini,
    /// Anthropic's Messages.
    Messages,
    /// `OpenAI`'s Responses.
    Responses,
}

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Chat, Self::Gemini, Self::Messages, Self::Responses];

    /// The language of an operation, where it asks for an answer.
    #[must_use]
    pub const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::ChatCompletions => Some(Self::Chat),
            Operation::GenerateContent | Operation::StreamGenerateContent => Some(Self::Gemini),
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
            Self::Gemini => "gemini",
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
            Self::Gemini => Dialect::Gemini,
            Self::Messages => Dialect::Anthropic,
        }
    }

    /// The operation that asks for an answer in it.
    #[must_use]
    pub const fn operation(self, stream: bool) -> Operation {
        match self {
            Self::Chat => Operation::ChatCompletions,
            Self::Gemini if stream => Operation::StreamGenerateContent,
            Self::Gemini => Operation::GenerateContent,
            Self::Messages => Operation::Messages,
            Self::Responses => Operation::Responses,
        }
    }

    /// The path below the provider's root, and the query.
    fn target(self, model: &str, stream: bool) -> String {
        match self {
            Self::Chat => "/v1/chat/completions".to_owned(),
            Self::Gemini => gemini::target(model, stream),
            Self::Messages => "/v1/messages".to_owned(),
            Self::Responses => "/v1/responses".to_owned(),
        }
    }

    /// What a client of this language calls a feature.
    fn field(self, feature: Feature) -> &'static str {
        match self {
            Self::Chat => chat::field(feature),
            Self::Gemini => gemini::field(feature),
            Self::Messages => messages::field(feature),
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
    /// The client wants one call at a time (`parallel_tools` is `Some(false)`).
    one_call: bool,
    /// The tools that are freeform or in a namespace, without what only the provider has to know of them.
    tools: Vec<Tool<'static>>,
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
    asked: Asked,
}

/// Translates a request. `model` is what the provider calls the model, `named` what the client called it, and `id`
/// what the gateway calls the call.
///
/// # Errors
/// It is none, or says what cannot be said to the provider.
pub fn request(
    client: Operation,
    upstream: Language,
    (named, model): (&str, &str),
    id: &str,
    body: &[u8],
) -> Result<Translated, Refused> {
    let (language, mut talk, echo) = read(client, body)?;
    model.clone_into(&mut talk.model);
    let written = match upstream {
        Language::Chat => chat::write_request(&talk),
        Language::Gemini => gemini::write_request(&talk),
        Language::Messages => messages::write_request(&talk),
        Language::Responses => responses::write_request(&talk),
    };
    let body =
        written.map_err(|Inexpressible(feature)| Refused::unsupported(language.field(feature)))?;
    let stream = talk.stream;
    let asked = asked(talk, echo, named, id);
    Ok(Translated {
        body,
        target: upstream.target(model, stream),
        operation: upstream.operation(stream),
        back: Translation {
            client: language,
            upstream,
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
    let streams = client == Operation::StreamGenerateContent;
    let (talk, echo) = match language {
        Language::Chat => (chat::read_request(json)?, Vec::new()),
        Language::Gemini => (gemini::read_request(json, streams)?, Vec::new()),
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
        one_call: talk.parallel_tools == Some(false),
        tools: talk.tools.into_iter().filter_map(Tool::told).collect(),
        echo,
    }
}

/// Reads an answer in one piece.
fn read_whole<'a>(language: Language, body: &'a [u8], asked: &Asked) -> Result<Answer<'a>, Broken> {
    let json = Json::read(body).map_err(|_| Broken("it is no JSON"))?;
    match language {
        Language::Chat => chat::read_answer(json, asked),
        Language::Gemini => gemini::read_answer(json, asked),
        Language::Messages => messages::read_answer(json, asked),
        Language::Responses => responses::read_answer(json, asked),
    }
}

/// Writes an answer in one piece.
fn write_whole(language: Language, answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    match language {
        Language::Chat => chat::write_answer(answer, asked),
        Language::Gemini => gemini::write_answer(answer, asked),
        Language::Messages => messages::write_answer(answer, asked),
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

    /// An error in one piece: the provider's words in the client's envelope.
    #[must_use]
    pub fn failure(&self, status: u16, body: &[u8]) -> Vec<u8> {
        let failure = failure::read(status, body);
        let view = view(&failure, status, &self.asked.call);
        error::render(self.client.dialect(), &view)
    }

    /// An answer as a stream.
    #[must_use]
    pub fn stream(self) -> Stream {
        let asked = self.asked;
        let call = asked.call.clone();
        let reader = self.upstream.stream_reader(&asked);
        let writer = self.client.stream_writer(asked);
        Stream {
            client: self.client,
            call,
            events: Events::default(),
            reader,
            writer,
            steps: Vec::new(),
            over: false,
        }
    }
}

/// Reads a provider's stream.
trait ReadStream: Send + Sync {
    /// Takes one server-sent event.
    ///
    /// # Errors
    /// It is none of the dialect.
    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<(), Broken>;

    /// The provider has closed the stream. Where the dialect's last event was seen, says what is left to be
    /// said.
    ///
    /// # Errors
    /// The stream was cut before its end.
    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Broken>;
}

/// Writes a client's stream.
trait WriteStream: Send + Sync {
    /// Says one step. Never [`Event::Failed`].
    fn event(&mut self, event: Event, out: &mut Vec<u8>);
}

/// An answer that is translated as it comes.
pub struct Stream {
    client: Language,
    call: String,
    events: Events,
    reader: Box<dyn ReadStream>,
    writer: Box<dyn WriteStream>,
    steps: Vec<Event>,
    over: bool,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it has read is a person's text: not shown.
        write!(f, "Stream({}, over: {})", self.client, self.over)
    }
}

impl Stream {
    /// Takes a piece of the provider's stream; gives what the client gets now.
    ///
    /// # Errors
    /// The provider does not keep to its dialect. What came before is lost with it only as far as it was not
    /// a whole event.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, Broken> {
        let (reader, steps) = (&mut self.reader, &mut self.steps);
        self.events
            .push(piece, |name, data| reader.event(name, data, steps))?;
        Ok(self.written())
    }

    /// The provider's stream is over; gives the rest.
    ///
    /// # Errors
    /// It was cut.
    pub fn end(&mut self) -> Result<Vec<u8>, Broken> {
        if !self.over {
            self.reader.end(&mut self.steps)?;
        }
        Ok(self.written())
    }

    fn written(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        for step in self.steps.drain(..) {
            if self.over {
                break;
            }
            match step {
                Event::Failed(failure) => {
                    self.over = true;
                    let view = view(&failure, 502, &self.call);
                    let operation = self.client.operation(true);
                    out.extend(error::render_event_for(operation, &view));
                }
                Event::Start { id, created } if id.is_empty() => {
                    let id = self.call.clone();
                    self.writer.event(Event::Start { id, created }, &mut out);
                }
                step => {
                    self.over = step == Event::End;
                    self.writer.event(step, &mut out);
                }
            }
        }
        out
    }
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
