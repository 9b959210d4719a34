//! An answer that is translated as it comes: cut into the events of its provider's language, read, and written in
//! its client's.

use std::fmt;

use super::{
    Broken, Language, Translation, failure, reply::Event, sse::Events, told_failure, view,
};
use crate::{
    answer::AnswerKind,
    eventstream::{Decoder, Kind},
};

impl Translation {
    /// An answer as a stream.
    #[must_use]
    pub fn stream(self) -> Stream {
        let asked = self.asked;
        let (call, array) = (asked.call.clone(), asked.array);
        let reader = self.upstream.stream_reader(&asked);
        let writer = self.client.stream_writer(asked);
        Stream {
            client: self.client,
            call,
            framing: match self.upstream.framing() {
                AnswerKind::EventStream => Framing::Messages(Decoder::default()),
                _ => Framing::Events(Events::default()),
            },
            reader,
            writer,
            steps: Vec::new(),
            array,
            said: false,
            over: false,
        }
    }
}

/// Reads a provider's stream.
pub(super) trait ReadStream: Send + Sync {
    /// Takes one event.
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
pub(super) trait WriteStream: Send + Sync {
    /// Says one step. Never [`Event::Failed`].
    fn event(&mut self, event: Event, out: &mut Vec<u8>);
}

/// How a provider's stream is cut.
enum Framing {
    Events(Events),
    /// AWS' messages.
    Messages(Decoder),
}

/// An answer that is translated as it comes.
pub struct Stream {
    client: Language,
    call: String,
    framing: Framing,
    reader: Box<dyn ReadStream>,
    writer: Box<dyn WriteStream>,
    steps: Vec<Event>,
    /// The client's stream is an array.
    array: bool,
    /// Something of it was written.
    said: bool,
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
        match &mut self.framing {
            Framing::Events(events) => {
                events.push(piece, |name, data| reader.event(name, data, steps))?;
            }
            Framing::Messages(decoder) => decoder.push(piece, |message| match message.kind() {
                (Kind::Event, name) => reader.event(name, message.body(), steps),
                (Kind::Error | Kind::Exception, name) => {
                    steps.push(Event::Failed(failure::of_message(name, message)));
                    Ok(())
                }
            })?,
        }
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
                    let said = self.said || !out.is_empty();
                    out.extend(told_failure(self.client, self.array, said, &view));
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
        self.said |= !out.is_empty();
        out
    }
}
