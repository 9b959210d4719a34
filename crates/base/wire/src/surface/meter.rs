//! Reads a surface's answer as it passes, in chunks of any length, and says how much text it had.

use tidegate_types::Usage;

use super::{
    Channel, Estimate, Piece, Prompt, Surface, chatgpt_web, claude_web, cursor, essence,
    estimate::Volume,
    events::{Event, Events},
    prompt::is_model_name,
};

/// What an adapter found so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) text: Volume,
    /// Text that counts if there is no other.
    pub(super) spare: Volume,
    pub(super) model: Option<String>,
    pub(super) usage: Option<Usage>,
    pub(super) finished: bool,
    pub(super) failed: bool,
    pub(super) moved: bool,
    pub(super) cut: bool,
    /// Something had a shape that we know.
    pub(super) known: bool,
    /// What came cannot be what it says it is.
    pub(super) broken: bool,
}

/// Where an adapter puts what it finds.
pub(super) struct Out<'s> {
    pub(super) tally: &'s mut Tally,
    each: &'s mut dyn FnMut(Piece<'_>),
}

impl Out<'_> {
    pub(super) fn text(&mut self, channel: Channel, text: &str, counted: bool) {
        if counted {
            self.tally.text.add(text);
        }
        self.show(channel, text, counted);
    }

    /// Text that counts only where no other is found.
    pub(super) fn spare_text(&mut self, channel: Channel, text: &str) {
        self.tally.spare.add(text);
        self.show(channel, text, false);
    }

    fn show(&mut self, channel: Channel, text: &str, counted: bool) {
        if text.is_empty() {
            return;
        }
        (self.each)(Piece {
            channel,
            text: text.into(),
            span: None,
            counted,
        });
    }

    fn event(&mut self, event: Event<'_>, read: impl FnOnce(&[u8], &[u8], &mut Self)) {
        match event {
            Event::Cut => self.tally.cut = true,
            Event::Whole { name, data } => read(name, data, self),
        }
    }

    /// Takes the name of the model that answers; a later one may be more exact.
    pub(super) fn model(&mut self, name: &str) {
        if is_model_name(name) {
            self.tally.model = Some(name.to_owned());
        }
    }
}

#[derive(Debug)]
enum Reader {
    Chatgpt(Events, chatgpt_web::Answer),
    Claude(Events, Box<claude_web::Answer>),
    Cursor(Box<cursor::Stream>),
    /// No shape of ours.
    Opaque,
}

/// Reads one body as it passes; forwards nothing and changes nothing.
#[derive(Debug)]
pub struct Meter {
    reader: Reader,
    tally: Tally,
    upload: bool,
    input: Volume,
    bytes: u64,
}

impl Meter {
    pub(super) fn answer(surface: Surface, content_type: &str) -> Self {
        let sse = essence(content_type).eq_ignore_ascii_case("text/event-stream");
        let reader = match surface {
            Surface::ChatgptWeb if sse => Reader::Chatgpt(Events::default(), Default::default()),
            Surface::ClaudeDesktop | Surface::ClaudeWeb if sse => {
                Reader::Claude(Events::default(), Box::default())
            }
            Surface::Cursor(service) => Self::cursor(service, content_type, false),
            _ => Reader::Opaque,
        };
        Self::new(reader, false)
    }

    pub(super) fn upload(surface: Surface, content_type: &str) -> Self {
        let reader = match surface {
            Surface::Cursor(service) => Self::cursor(service, content_type, true),
            _ => Reader::Opaque,
        };
        Self::new(reader, true)
    }

    fn cursor(service: cursor::Service, content_type: &str, upload: bool) -> Reader {
        cursor::Stream::new(service, content_type, upload)
            .map_or(Reader::Opaque, |stream| Reader::Cursor(Box::new(stream)))
    }

    fn new(reader: Reader, upload: bool) -> Self {
        Self {
            reader,
            tally: Tally::default(),
            upload,
            input: Volume::default(),
            bytes: 0,
        }
    }

    /// Says how long the prompt was, so that the estimate has both sides.
    #[must_use]
    pub const fn with_prompt(mut self, prompt: &Prompt<'_>) -> Self {
        self.input = Volume {
            chars: prompt.chars(),
            bytes: prompt.text_bytes(),
        };
        self
    }

    /// Takes a chunk.
    pub fn push(&mut self, chunk: &[u8]) {
        self.push_each(chunk, &mut |_| {});
    }

    /// Takes a chunk; shows every piece of text that became whole by it. Whatever the chunks, the
    /// pieces are the same.
    pub fn push_each(&mut self, chunk: &[u8], each: &mut dyn FnMut(Piece<'_>)) {
        self.bytes = self.bytes.saturating_add(chunk.len() as u64);
        let mut out = Out {
            tally: &mut self.tally,
            each,
        };
        match &mut self.reader {
            Reader::Chatgpt(events, answer) => events.feed(chunk, &mut |event| {
                out.event(event, |name, data, out| answer.event(name, data, out));
            }),
            Reader::Claude(events, answer) => events.feed(chunk, &mut |event| {
                out.event(event, |_, data, out| answer.event(data, out));
            }),
            Reader::Cursor(stream) => stream.feed(chunk, &mut out),
            Reader::Opaque => {}
        }
    }

    /// The body is over: reads what lacked only that.
    pub fn end(&mut self) {
        self.end_each(&mut |_| {});
    }

    /// As [`Meter::end`]; shows the pieces that became whole by it.
    pub fn end_each(&mut self, each: &mut dyn FnMut(Piece<'_>)) {
        let mut out = Out {
            tally: &mut self.tally,
            each,
        };
        match &mut self.reader {
            Reader::Chatgpt(events, answer) => events.end(&mut |event| {
                out.event(event, |name, data, out| answer.event(name, data, out));
            }),
            Reader::Claude(events, answer) => events.end(&mut |event| {
                out.event(event, |_, data, out| answer.event(data, out));
            }),
            Reader::Cursor(stream) => stream.end(&mut out),
            Reader::Opaque => {}
        }
    }

    /// What was used so far.
    #[must_use]
    pub fn usage(&self) -> Estimate {
        let text = if self.tally.text.bytes == 0 {
            self.tally.spare
        } else {
            self.tally.text
        };
        let (input, output) = if self.upload {
            (text, Volume::default())
        } else {
            (self.input, text)
        };
        Estimate::new(input, output, self.tally.usage)
    }

    /// The model that answers, as the provider calls it; in an upload, the model that is asked.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.tally.model.as_deref()
    }

    /// Whether the body said that it is complete.
    #[must_use]
    pub const fn finished(&self) -> bool {
        self.tally.finished
    }

    /// Whether the body is or holds an error.
    #[must_use]
    pub const fn failed(&self) -> bool {
        self.tally.failed
    }

    /// Whether the answer goes on in another connection, where this meter does not see it.
    #[must_use]
    pub const fn moved(&self) -> bool {
        self.tally.moved
    }

    /// Whether something was too long to be read; the figures are then too small.
    #[must_use]
    pub const fn cut(&self) -> bool {
        self.tally.cut
    }

    /// Whether bytes came and none had a shape that we know. Final only at the end: a beginning
    /// may be too short to tell.
    #[must_use]
    pub const fn unknown(&self) -> bool {
        self.bytes > 0 && (!self.tally.known || self.tally.broken)
    }
}
