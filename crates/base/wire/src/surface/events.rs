//! Server-sent events held until each is whole (WHATWG HTML §9.2.6). The metering of public APIs
//! reads events without holding them; here a patch means something only as a whole, and the text
//! itself is wanted.

use smallvec::SmallVec;

use super::HELD;

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// The longest field name that is looked for, with a byte order mark before it.
const LONGEST_FIELD: usize = 5 + BOM.len();
/// Longer event names than any that is looked for are cut.
const LONGEST_NAME: usize = 32;

/// What a line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Data,
    Name,
    Other,
}

/// Where in a line the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the field's name.
    Field,
    /// Right after the colon, where one space is no part of the value.
    Colon(Line),
    Value(Line),
}

/// One event that has data, or had more of it than is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event<'a> {
    Cut,
    Whole { name: &'a [u8], data: &'a [u8] },
}

/// The state between two chunks.
#[derive(Debug)]
pub(super) struct Events {
    place: Place,
    field: SmallVec<[u8; LONGEST_FIELD + 1]>,
    after_cr: bool,
    first_line: bool,
    name: SmallVec<[u8; LONGEST_NAME]>,
    has_data: bool,
    over: bool,
    data: Vec<u8>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            place: Place::Field,
            field: SmallVec::new(),
            after_cr: false,
            first_line: true,
            name: SmallVec::new(),
            has_data: false,
            over: false,
            data: Vec::new(),
        }
    }
}

impl Events {
    /// Reads on; calls `each` for every event that became whole.
    pub(super) fn feed(&mut self, chunk: &[u8], each: &mut impl FnMut(Event<'_>)) {
        let mut rest = chunk;
        while let Some(&byte) = rest.first() {
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                rest = &rest[1..];
                continue;
            }
            match self.place {
                Place::Field => match byte {
                    b'\n' | b'\r' => {
                        self.line_without_colon(each);
                        rest = self.line_end(rest);
                    }
                    b':' => {
                        self.place = Place::Colon(self.line());
                        rest = &rest[1..];
                    }
                    _ => {
                        if self.field.len() <= LONGEST_FIELD {
                            self.field.push(byte);
                        }
                        rest = &rest[1..];
                    }
                },
                Place::Colon(line) => {
                    self.begin(line);
                    rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                Place::Value(line) => {
                    let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    self.value(line, &rest[..end]);
                    rest = self.line_end(&rest[end..]);
                }
            }
        }
    }

    /// The stream is over: an event that lacks only its empty line is taken.
    pub(super) fn end(&mut self, each: &mut impl FnMut(Event<'_>)) {
        self.dispatch(each);
    }

    fn line(&self) -> Line {
        let name = if self.first_line {
            self.field.strip_prefix(BOM).unwrap_or(&self.field)
        } else {
            &self.field
        };
        match name {
            b"data" => Line::Data,
            b"event" => Line::Name,
            _ => Line::Other,
        }
    }

    fn begin(&mut self, line: Line) {
        self.place = Place::Value(line);
        match line {
            Line::Data if std::mem::replace(&mut self.has_data, true) => self.hold(b"\n"),
            Line::Data | Line::Other => {}
            Line::Name => self.name.clear(),
        }
    }

    fn value(&mut self, line: Line, bytes: &[u8]) {
        match line {
            Line::Data => self.hold(bytes),
            Line::Name => {
                let free = LONGEST_NAME - self.name.len();
                self.name.extend_from_slice(&bytes[..bytes.len().min(free)]);
            }
            Line::Other => {}
        }
    }

    fn hold(&mut self, bytes: &[u8]) {
        self.over |= self.data.len() + bytes.len() > HELD;
        if !self.over {
            self.data.extend_from_slice(bytes);
        }
    }

    /// An empty line ends the event; a lone `data` is an empty line of data.
    fn line_without_colon(&mut self, each: &mut impl FnMut(Event<'_>)) {
        if self.field.is_empty() {
            self.dispatch(each);
        } else {
            let line = self.line();
            self.begin(line);
        }
    }

    /// Takes the line's end, if it is there.
    fn line_end<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let Some((&byte, after)) = rest.split_first() else {
            return rest;
        };
        self.after_cr = byte == b'\r';
        self.place = Place::Field;
        self.field.clear();
        self.first_line = false;
        after
    }

    fn dispatch(&mut self, each: &mut impl FnMut(Event<'_>)) {
        if std::mem::take(&mut self.has_data) {
            if std::mem::take(&mut self.over) {
                each(Event::Cut);
            } else {
                each(Event::Whole {
                    name: &self.name,
                    data: &self.data,
                });
            }
        }
        self.name.clear();
        self.data.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &[u8], step: usize) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut each = |event: Event<'_>| {
            found.push(match event {
                Event::Cut => ("cut".to_owned(), String::new()),
                Event::Whole { name, data } => (
                    String::from_utf8_lossy(name).into_owned(),
                    String::from_utf8_lossy(data).into_owned(),
                ),
            });
        };
        let mut events = Events::default();
        for part in stream.chunks(step) {
            events.feed(part, &mut each);
        }
        events.end(&mut each);
        found
    }

    #[test]
    fn lines_names_and_ends_are_as_the_standard_says() {
        let stream =
            b"\xEF\xBB\xBFevent: delta\ndata: {\"a\":\ndata:1}\n\n: note\r\nid: 7\r\ndata: a\r\ndata\r\n\r\n\
            dataset: no\n\ndata:  two spaces\r\rdata: tail";
        for step in [1, 2, 3, 7, stream.len()] {
            let found = read(stream, step);
            let expected = [
                ("delta", "{\"a\":\n1}"),
                ("", "a\n"),
                ("", " two spaces"),
                ("", "tail"),
            ];
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, data)| ((*name).to_owned(), (*data).to_owned()))
                .collect();
            assert_eq!(found, expected, "step {step}");
        }
    }

    #[test]
    fn an_event_too_long_is_passed_over_and_the_next_is_read() {
        let stream = format!("data: {}\n\ndata: ok\n\n", "x".repeat(HELD + 1));
        let found = read(stream.as_bytes(), 4_096);
        assert_eq!(found[0].0, "cut");
        assert_eq!(found[1].1, "ok");
    }
}
