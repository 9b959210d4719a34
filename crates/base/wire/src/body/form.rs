//! Multipart forms (RFC 7578, RFC 2046 §5.1): only the small text fields are read, files are
//! stepped over.

#[cfg(test)]
mod tests;

use memchr::memmem;

use super::{BodyError, Encoding, Field, Inspected, estimate};
use crate::Operation;

/// The longest boundary (RFC 2046 §5.1.1).
const LONGEST_BOUNDARY: usize = 70;
/// The longest head of a part.
const LONGEST_HEAD: usize = 4096;
/// The longest text field that is read.
const LONGEST_FIELD: usize = 256;
/// More parts than any form of these APIs has.
const MOST_PARTS: usize = 256;

fn fault(at: usize, reason: &'static str) -> BodyError {
    BodyError::Form { at, reason }
}

/// Reads a form.
///
/// # Errors
/// It is no form, a field that is read is given twice, or the model's name is none.
pub fn inspect_form(
    operation: Operation,
    content_type: &str,
    body: &[u8],
) -> Result<Inspected, BodyError> {
    let boundary = boundary(content_type).ok_or(BodyError::FormType)?;
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let finder = memmem::Finder::new(&delimiter);
    let mut found = Inspected::new(Encoding::Form);
    found.input = estimate::of_form(operation, body.len());
    let mut seen = [false; FIELDS.len()];
    // The first delimiter has no line before it; a preamble is not accepted.
    if !body.starts_with(&delimiter[2..]) {
        return Err(fault(0, "it must start with the boundary"));
    }
    let mut at = delimiter.len() - 2;
    for _ in 0..MOST_PARTS {
        match body.get(at..at + 2) {
            Some(b"--") => return Ok(found),
            Some(b"\r\n") => at += 2,
            _ => return Err(fault(at, "a boundary must end its line")),
        }
        let rest = &body[at..];
        let length = finder
            .find(rest)
            .ok_or(fault(at, "the last boundary is missing"))?;
        let part = &rest[..length];
        let window = &part[..part.len().min(LONGEST_HEAD)];
        let head = memmem::find(window, b"\r\n\r\n")
            .ok_or(fault(at, "a part has no end of its headers"))?;
        let name = part_name(&part[..head], at)?;
        if let Some(index) = FIELDS.iter().position(|field| field.as_bytes() == name) {
            if std::mem::replace(&mut seen[index], true) {
                return Err(BodyError::DuplicateKey {
                    key: FIELDS[index].to_owned(),
                    at,
                });
            }
            read_field(&mut found, FIELDS[index], &part[head + 4..], at + head + 4)?;
        }
        at += length + delimiter.len();
    }
    Err(fault(at, "it has too many parts"))
}

const FIELDS: [&str; 5] = ["model", "n", "quality", "size", "stream"];

fn read_field(
    found: &mut Inspected,
    name: &'static str,
    value: &[u8],
    at: usize,
) -> Result<(), BodyError> {
    let text = (value.len() <= LONGEST_FIELD)
        .then(|| str::from_utf8(value).ok())
        .flatten();
    let expected = "a short text";
    let text = text.ok_or(BodyError::Type {
        key: name,
        at,
        expected,
    })?;
    match name {
        "model" => {
            let value = text
                .parse()
                .map_err(|reason| BodyError::Model { at, reason })?;
            found.model = Some(Field {
                value,
                span: at..at + text.len(),
            });
        }
        "n" => {
            let expected = "a number that is not negative";
            let count = text.trim().parse::<u64>();
            found.choices = count
                .map_err(|_| BodyError::Type {
                    key: name,
                    at,
                    expected,
                })?
                .max(1);
        }
        "quality" => found.image.quality = Some(text.into()),
        "size" => found.image.size = Some(text.into()),
        // Servers read forms leniently: what is not clearly false may be a stream.
        _ => {
            found.stream = !matches!(
                text.trim().to_ascii_lowercase().as_str(),
                "false" | "0" | ""
            )
        }
    }
    Ok(())
}

/// The `boundary` parameter, if the type is `multipart/form-data`.
fn boundary(content_type: &str) -> Option<&str> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut found = None;
    for parameter in parameters.split(';') {
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("boundary") {
            let value = value.trim();
            let value = value
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
                .unwrap_or(value);
            if found.replace(value).is_some() {
                return None;
            }
        }
    }
    found.filter(|value| {
        (1..=LONGEST_BOUNDARY).contains(&value.len())
            && value
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b';'))
    })
}

/// The field name from a part's head. Exactly one `content-disposition`, exactly one `name`, no
/// escapes and no RFC 5987 spelling of it: there must be one way to read it.
fn part_name(head: &[u8], at: usize) -> Result<&[u8], BodyError> {
    let mut disposition = None;
    for line in head.split(|&byte| byte == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else {
            return Err(fault(at, "a part's header has no colon"));
        };
        if line[..colon]
            .trim_ascii()
            .eq_ignore_ascii_case(b"content-disposition")
            && disposition.replace(&line[colon + 1..]).is_some()
        {
            return Err(fault(at, "a part has two content-disposition headers"));
        }
    }
    let value = disposition.ok_or(fault(at, "a part has no content-disposition header"))?;
    let mut name = None;
    for (key, text) in Parameters(value) {
        let text = text.ok_or(fault(at, "a content-disposition header is not well-formed"))?;
        if key.eq_ignore_ascii_case(b"name*") {
            return Err(fault(at, "a field's name must be plain, not `name*`"));
        }
        if key.eq_ignore_ascii_case(b"name") && name.replace(text).is_some() {
            return Err(fault(at, "a part has two names"));
        }
    }
    let name = name.ok_or(fault(at, "a part has no name"))?;
    if name.iter().any(|&b| matches!(b, b'\\' | b'%') || b < 0x20) {
        return Err(fault(at, "a field's name must be plain"));
    }
    Ok(name)
}

/// `; key=value` pairs after the type; a value is a token or a quoted string, given without its
/// quotes and with its escapes. `None` as the value where the text is malformed.
struct Parameters<'a>(&'a [u8]);

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let start = memchr::memchr(b';', self.0)? + 1;
        let rest = &self.0[start..];
        let Some(equals) = memchr::memchr(b'=', rest) else {
            self.0 = b"";
            return (!rest.trim_ascii().is_empty()).then_some((rest, None));
        };
        let key = rest[..equals].trim_ascii();
        let value = rest[equals + 1..].trim_ascii_start();
        let Some(quoted) = value.strip_prefix(b"\"") else {
            let end = memchr::memchr(b';', value).unwrap_or(value.len());
            self.0 = &value[end..];
            return Some((key, Some(value[..end].trim_ascii())));
        };
        let mut end = 0;
        while let Some(&byte) = quoted.get(end) {
            match byte {
                b'"' => {
                    self.0 = &quoted[end + 1..];
                    return Some((key, Some(&quoted[..end])));
                }
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.0 = b"";
        Some((key, None))
    }
}
