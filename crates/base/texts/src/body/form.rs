//! Multipart forms (RFC 7578): every part that is no file is a text. How a form is cut into parts is
//! strict, as the gateway's own reader is (`tidegate_wire::body`): there must be one way to read it.

use memchr::memmem;

use crate::{
    channel::Role,
    desk::Reading,
    fault::Fault,
    protocol::{Direction, Protocol},
    walk::Visit,
};

const fn fault(at: usize, expected: &'static str) -> Fault {
    Fault::Syntax { at, expected }
}

/// The `boundary` parameter.
fn boundary(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1);
    let mut found = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| {
            let value = value.trim();
            let inside = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            inside.unwrap_or(value)
        })
    });
    found.next().filter(|value| !value.is_empty())
}

pub(super) fn read(
    content_type: &str,
    shape: (Direction, Protocol),
    reading: &mut Reading<'_>,
) -> Result<(), Fault> {
    let body = reading.body;
    let boundary = boundary(content_type).ok_or(fault(0, "a boundary in the content type"))?;
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let finder = memmem::Finder::new(&delimiter);
    if !body.starts_with(delimiter.get(2..).unwrap_or_default()) {
        return Err(fault(0, "the boundary"));
    }
    let mut at = delimiter.len() - 2;
    loop {
        match body.get(at..at + 2) {
            Some(b"--") => return Ok(()),
            Some(b"\r\n") => at += 2,
            _ => return Err(fault(at, "the end of the boundary's line")),
        }
        let rest = body.get(at..).unwrap_or_default();
        let length = finder.find(rest).ok_or(fault(at, "the last boundary"))?;
        let part = rest.get(..length).unwrap_or_default();
        let head = memmem::find(part, b"\r\n\r\n").ok_or(fault(at, "the end of the headers"))?;
        let value = at + head + 4..at + length;
        match Part::of(part.get(..head).unwrap_or_default()) {
            Part::Model => {}
            // Prompts of a batch.
            Part::File if super::is_lines(body.get(value.clone()).unwrap_or_default()) => {
                super::lines(value, shape, reading)?;
            }
            Part::Text => reading.text(super::plain(value, Role::User)),
            // Files of text are read, whatever they are called.
            Part::File if super::is_text(body.get(value.clone()).unwrap_or_default()) => {
                reading.text(super::plain(value, Role::User));
            }
            Part::File => reading.unscanned(value),
        }
        at += length + delimiter.len();
    }
}

enum Part {
    File,
    /// A name that was allowed and priced.
    Model,
    Text,
}

impl Part {
    fn of(head: &[u8]) -> Self {
        let head = head.to_ascii_lowercase();
        let has = |needle: &[u8]| memmem::find(&head, needle).is_some();
        let texts: [&[u8]; 2] = [b"content-type: text/", b"content-type: application/json"];
        if texts.iter().any(|text| has(text)) {
            Self::Text
        } else if has(b"filename=") || has(b"filename*=") || has(b"content-type:") {
            Self::File
        } else if has(b"name=\"model\"") || has(b"name=model") {
            Self::Model
        } else {
            Self::Text
        }
    }
}
