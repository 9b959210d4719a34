//! An answer that is kept, told again in its own language but in the other form: one that came as a stream in one
//! piece, and one that came in one piece as a stream.
//!
//! What the common form does not know of an answer is lost on this way, as in any translation. So it is gone only
//! for requests of which all is understood: where the request asks for more (log probabilities, citations,
//! several answers), reading it is refused, and with that the answer's other form.
//!
//! An answer that came in one piece though a stream was asked for is told as a stream on the same way, in its
//! client's language.

use std::borrow::Cow;

use tidegate_types::Usage;

use super::{
    Asked, Broken, Json, Language, Refused, Translation, asked, chat, converse, failure, gemini,
    invoke, messages, read, read_whole,
    reply::{Answer, Delta, Event, Opened},
    responses,
    sse::Events,
    stream::{ReadStream, WriteStream},
    talk::{Block, Call, Reasoning},
    told_failure, view, write_whole,
};
use crate::{Operation, answer::AnswerKind};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Server-sent events.
    Stream,
    /// One JSON value.
    Whole,
}

/// More blocks than any answer has.
const MOST_BLOCKS: usize = 4_096;

/// Reads a request for the sake of its answer, which is told again in its own language.
///
/// # Errors
/// Not all of the request is understood.
pub fn again(
    operation: Operation,
    named: &str,
    id: &str,
    body: &[u8],
) -> Result<Translation, Refused> {
    let (language, request, echo) = read(operation, body)?;
    if language.framing() == AnswerKind::EventStream {
        // Its streams are AWS' messages, which are not told again.
        return Err(Refused::unsupported(operation.name()));
    }
    Ok(Translation {
        client: language,
        upstream: language,
        betas: None,
        asked: asked(request, echo, named, id),
    })
}

impl Translation {
    /// Writes an answer anew. `usage` is what it used, for an answer whose own bytes do not say so.
    ///
    /// # Errors
    /// It is none of the language, or has in it what the other form is not written with.
    pub fn tell(self, body: &[u8], from: Form, to: Form, usage: Usage) -> Result<Vec<u8>, Broken> {
        self.told(body, from, to, Some(usage))
    }

    /// Writes an answer in one piece as the stream that its client asked for; where it is an error, as one in
    /// that stream.
    ///
    /// # Errors
    /// As [`Self::tell`].
    pub fn streamed(self, body: &[u8]) -> Result<Vec<u8>, Broken> {
        let json = Json::read(body).map_err(|_| Broken("it is no JSON"))?;
        if matches!(json.get("error"), Some(error) if *error != Json::Null) {
            let failure = failure::read(502, None, body);
            let view = view(&failure, 502, &self.asked.call);
            return Ok(told_failure(self.client, self.asked.array, false, &view));
        }
        self.told(body, Form::Whole, Form::Stream, None)
    }

    /// The same for a client that did not ask what its stream used.
    #[must_use]
    pub fn without_usage(mut self) -> Self {
        self.asked.stream_usage = false;
        self
    }

    fn told(
        self,
        body: &[u8],
        from: Form,
        to: Form,
        usage: Option<Usage>,
    ) -> Result<Vec<u8>, Broken> {
        let Self {
            client,
            upstream,
            betas: _,
            asked,
        } = self;
        let mut answer = match from {
            Form::Whole => read_whole(upstream, body, &asked)?,
            Form::Stream => gathered(upstream.stream_reader(&asked), body)?,
        };
        if answer.id.is_empty() {
            answer.id.clone_from(&asked.call);
        }
        answer.usage = answer.usage.or(usage);
        match to {
            Form::Whole => Ok(write_whole(client, &answer, &asked)),
            Form::Stream => {
                let mut out = Vec::new();
                let mut writer = client.stream_writer(asked);
                steps(answer, &mut |step| writer.event(step, &mut out))?;
                Ok(out)
            }
        }
    }
}

impl Language {
    pub(super) fn stream_reader(self, asked: &Asked) -> Box<dyn ReadStream> {
        match self {
            Self::Chat => Box::new(chat::StreamReader::new(asked)),
            Self::Converse => Box::new(converse::StreamReader::new(asked)),
            Self::Gemini => Box::new(gemini::StreamReader::new(asked)),
            // No provider answers in Invoke: no request is translated into it, and none in it told again.
            Self::Invoke | Self::Messages => Box::new(messages::StreamReader::new(asked)),
            Self::Responses => Box::new(responses::StreamReader::new(asked)),
        }
    }

    pub(super) fn stream_writer(self, asked: Asked) -> Box<dyn WriteStream> {
        match self {
            Self::Chat => Box::new(chat::StreamWriter::new(asked)),
            Self::Converse => Box::new(converse::StreamWriter::new(asked)),
            Self::Gemini => Box::new(gemini::StreamWriter::new(asked)),
            Self::Invoke => Box::new(invoke::StreamWriter::new(asked)),
            Self::Messages => Box::new(messages::StreamWriter::new(asked)),
            Self::Responses => Box::new(responses::StreamWriter::new(asked)),
        }
    }
}

/// An answer's steps, as a provider would have streamed them.
fn steps(answer: Answer<'_>, say: &mut impl FnMut(Event)) -> Result<(), Broken> {
    let Answer {
        id,
        created,
        blocks,
        stop,
        usage,
    } = answer;
    say(Event::Start { id, created });
    for (block, said) in blocks.into_iter().enumerate() {
        let more = |delta| Event::Delta { block, delta };
        let open = |kind| Event::Open { block, kind };
        match said {
            Block::Text { text, .. } => {
                say(open(Opened::Text));
                say(more(Delta::Text(text.into_owned())));
            }
            Block::Refusal(text) => {
                say(open(Opened::Refusal));
                say(more(Delta::Text(text.into_owned())));
            }
            Block::Reasoning(Reasoning { parts, seal }) => {
                say(open(Opened::Reasoning));
                for (at, part) in parts.into_iter().enumerate() {
                    if at > 0 {
                        say(more(Delta::NextPart));
                    }
                    say(more(Delta::Text(part.into_owned())));
                }
                if let Some(seal) = seal {
                    say(more(Delta::Seal(seal.into_owned())));
                }
            }
            Block::Call(call) => {
                say(open(Opened::Call {
                    id: call.id.into_owned(),
                    name: call.name.into_owned(),
                    freeform: call.freeform,
                }));
                say(more(Delta::Input(call.input.into_owned())));
                if let Some(seal) = call.seal {
                    say(more(Delta::Seal(seal.into_owned())));
                }
            }
            Block::Media(_) | Block::Result(_) => {
                return Err(Broken("it has in it what is no text and no call"));
            }
        }
        say(Event::Close { block });
    }
    if let Some(usage) = usage {
        say(Event::Usage(usage));
    }
    say(Event::Stop(stop));
    say(Event::End);
    Ok(())
}

/// A whole stream, put together.
fn gathered(mut reader: Box<dyn ReadStream>, body: &[u8]) -> Result<Answer<'static>, Broken> {
    let mut events = Events::default();
    let mut steps = Vec::new();
    events.push(body, |name, data| reader.event(name, data, &mut steps))?;
    reader.end(&mut steps)?;
    let mut answer = Answer::default();
    let mut over = false;
    for step in steps {
        match step {
            Event::Start { id, created } => (answer.id, answer.created) = (id, created),
            Event::Open { block, kind } => {
                if block != answer.blocks.len() || block >= MOST_BLOCKS {
                    return Err(Broken("its blocks are out of order"));
                }
                answer.blocks.push(opened(kind));
            }
            Event::Delta { block, delta } => {
                let into = answer.blocks.get_mut(block);
                more(into.ok_or(Broken("a piece belongs to no block"))?, delta);
            }
            Event::Close { .. } => {}
            Event::Usage(usage) => answer.usage = Some(usage),
            Event::Stop(stop) => answer.stop = stop,
            Event::End => over = true,
            Event::Failed(_) => return Err(Broken("it failed")),
        }
    }
    if over {
        Ok(answer)
    } else {
        Err(Broken("it has no end"))
    }
}

fn opened(kind: Opened) -> Block<'static> {
    let empty = Cow::Borrowed("");
    match kind {
        Opened::Text => Block::Text {
            text: empty,
            cache: None,
        },
        Opened::Refusal => Block::Refusal(empty),
        Opened::Reasoning => Block::Reasoning(Reasoning {
            parts: Vec::new(),
            seal: None,
        }),
        Opened::Call { id, name, freeform } => Block::Call(Call {
            id: id.into(),
            name: name.into(),
            input: empty,
            freeform,
            seal: None,
        }),
    }
}

fn more(block: &mut Block<'static>, delta: Delta) {
    match (block, delta) {
        (Block::Text { text, .. } | Block::Refusal(text), Delta::Text(more)) => {
            text.to_mut().push_str(&more);
        }
        (Block::Reasoning(thought), Delta::Text(more)) => match thought.parts.last_mut() {
            Some(part) => part.to_mut().push_str(&more),
            None => thought.parts.push(more.into()),
        },
        (Block::Reasoning(thought), Delta::NextPart) if !thought.parts.is_empty() => {
            thought.parts.push(Cow::Borrowed(""));
        }
        (Block::Reasoning(thought), Delta::Seal(seal)) => thought.seal = Some(seal),
        (Block::Call(call), Delta::Input(more)) => call.input.to_mut().push_str(&more),
        (Block::Call(call), Delta::Seal(seal)) => call.seal = Some(seal),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
