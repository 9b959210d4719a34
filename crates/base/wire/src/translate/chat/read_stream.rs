//! Answers of Chat providers as they come.

use tidegate_types::Usage;

use super::{
    super::{
        failure,
        fields::Fields,
        reply::{Delta, Failure, Opened},
    },
    Asked, Broken, Event, Json, ReadStream,
    read_answer::{Said, fields, first_choice, pieces, string},
    read_calls::Calls,
    shape::thought,
    stop::Ending,
    usage,
};

/// Reads a Chat provider's stream.
#[derive(Debug)]
pub(in super::super) struct StreamReader {
    started: bool,
    /// Nothing more is read.
    over: bool,
    /// What is being said, and its block.
    prose: Option<(Prose, usize)>,
    calls: Calls,
    /// The number of the next block.
    next: usize,
    usage: Option<Usage>,
    ending: Ending,
}

/// What a block of words is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prose {
    Refusal,
    Text,
    /// With the field that it stands in.
    Thought(Option<&'static str>),
}

impl StreamReader {
    pub(in super::super) fn new(asked: &Asked) -> Self {
        Self {
            started: false,
            over: false,
            prose: None,
            calls: Calls::new(asked),
            next: 0,
            usage: None,
            ending: Ending::default(),
        }
    }

    fn chunk(&mut self, mut chunk: Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let id = string(&mut chunk, "id");
        let created = chunk.take("created").and_then(|at| at.as_u64());
        let mut choice = first_choice(&mut chunk);
        if let Some(usage) = usage::take(&mut chunk, choice.as_mut()) {
            self.usage = Some(usage);
        }
        // Some chunks report usage or what a filter found, and hold no choice.
        let Some(mut choice) = choice else {
            return Ok(());
        };
        if !std::mem::replace(&mut self.started, true) {
            let id = id.unwrap_or_default().into_owned();
            self.calls.answer(&id, created);
            out.push(Event::Start { id, created });
        }
        if let Some(delta) = choice.take("delta") {
            self.delta(fields(delta)?, out)?;
        }
        if let Some(sequence) = string(&mut choice, "stop_reason") {
            self.ending.sequence = Some(sequence.into_owned());
        }
        if let Some(word) = string(&mut choice, "finish_reason") {
            self.ending.word = Some(word.into_owned());
            if let Some(failure) = self.ending.failure() {
                self.fail(failure, out);
                return Ok(());
            }
            self.close(out)?;
        }
        Ok(())
    }

    fn delta(&mut self, mut delta: Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        for piece in pieces(&mut delta) {
            match piece {
                Said::Text(text) => self.say(Prose::Text, text.into_owned(), out),
                Said::Thought(text, field) => {
                    self.say(Prose::Thought(field), text.into_owned(), out);
                }
            }
        }
        if let Some(refusal) = string(&mut delta, "refusal") {
            self.ending.refused = true;
            self.say(Prose::Refusal, refusal.into_owned(), out);
        }
        if let Some(Json::Array(calls)) = delta.take("tool_calls") {
            for piece in calls {
                self.ending.calls = true;
                self.close_prose(out);
                self.calls.take(piece, &mut self.next, out)?;
            }
        }
        Ok(())
    }

    fn say(&mut self, prose: Prose, text: String, out: &mut Vec<Event>) {
        let block = match self.prose {
            Some((open, block)) if open == prose => block,
            _ => {
                self.close_prose(out);
                let block = self.next;
                self.next += 1;
                self.prose = Some((prose, block));
                let kind = match prose {
                    Prose::Refusal => Opened::Refusal,
                    Prose::Text => Opened::Text,
                    Prose::Thought(_) => Opened::Reasoning,
                };
                out.push(Event::Open { block, kind });
                block
            }
        };
        let delta = Delta::Text(text);
        out.push(Event::Delta { block, delta });
    }

    fn close_prose(&mut self, out: &mut Vec<Event>) {
        let Some((prose, block)) = self.prose.take() else {
            return;
        };
        if let Prose::Thought(Some(field)) = prose {
            let delta = Delta::Seal(thought(field));
            out.push(Event::Delta { block, delta });
        }
        out.push(Event::Close { block });
    }

    fn close(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        self.close_prose(out);
        self.calls.close(out)
    }

    fn fail(&mut self, failure: Failure, out: &mut Vec<Event>) {
        self.over = true;
        out.push(Event::Failed(failure));
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        if !self.started {
            return Err(Broken("the stream holds no answer"));
        }
        self.close(out)?;
        self.over = true;
        out.extend(self.usage.map(Event::Usage));
        out.push(Event::Stop(std::mem::take(&mut self.ending).stop()));
        out.push(Event::End);
        Ok(())
    }
}

impl ReadStream for StreamReader {
    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<(), Broken> {
        let data = data.trim_ascii();
        if self.over || data.is_empty() {
            return Ok(());
        }
        if data == b"[DONE]" {
            return self.finish(out);
        }
        let json = Json::read(data).map_err(|_| Broken("an event is no JSON"))?;
        match failed(name, &json) {
            Some(failure) => {
                self.fail(failure, out);
                Ok(())
            }
            None => self.chunk(fields(json)?, out),
        }
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over {
            Ok(())
        } else if self.ending.word.is_some() {
            // Not every provider says `[DONE]`.
            self.finish(out)
        } else {
            Err(Broken("the stream was cut"))
        }
    }
}

/// An error in the middle of a stream: in a member `error`, in an event of that name, or as vLLM writes it.
fn failed(name: &str, json: &Json<'_>) -> Option<Failure> {
    let inner = json.get("error").filter(|error| **error != Json::Null);
    let named = name == "error" || json.get("object").and_then(Json::as_str) == Some("error");
    let error = inner.or_else(|| named.then_some(json))?;
    Some(failure::of_object(502, error))
}
