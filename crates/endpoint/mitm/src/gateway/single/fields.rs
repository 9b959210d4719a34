//! The fields of a head, or trailers, from bytes that are parsed.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use httparse::Header;

use super::fault::Fault;

/// Fields at the most.
pub(super) const MOST: usize = 128;
const LINE_END: &[u8] = b"\r\n";
const BLANK_LINE: &[u8] = b"\r\n\r\n";

/// Makes fields of what was parsed out of a text. Its lines end with both bytes that a line ends with: what one
/// reader takes for an end and another does not is where two answers may hide in one.
///
/// The text is copied, so that the buffer is free for what follows while an app's connection holds the fields.
pub(super) fn collect(text: &[u8], parsed: &[Header<'_>]) -> Result<HeaderMap, Fault> {
    if !text.ends_with(BLANK_LINE) {
        return Err(Fault::Line);
    }
    let kept = Bytes::copy_from_slice(text);
    let mut fields = HeaderMap::with_capacity(parsed.len());
    for field in parsed {
        let place = place(text, field.name.as_bytes()).ok_or(Fault::Line)?;
        let before = text.get(..place.start).unwrap_or_default();
        if !before.is_empty() && !before.ends_with(LINE_END) {
            return Err(Fault::Line);
        }
        let name = HeaderName::from_bytes(field.name.as_bytes());
        let value = match self::place(text, field.value) {
            Some(place) => HeaderValue::from_maybe_shared(kept.slice(place)),
            None => HeaderValue::from_bytes(field.value),
        };
        fields.append(
            name.map_err(|_| httparse::Error::HeaderName)?,
            value.map_err(|_| httparse::Error::HeaderValue)?,
        );
    }
    Ok(fields)
}

/// Where a part of a text is.
fn place(text: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= text.len()).then_some(start..end)
}

/// Where the first blank line ends, if so many bytes hold none.
pub(super) fn blank_line(text: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(BLANK_LINE.len() - 1);
    let rest = text.get(from..)?;
    let at = rest
        .windows(BLANK_LINE.len())
        .position(|four| four == BLANK_LINE)?;
    Some(from + at + BLANK_LINE.len())
}
