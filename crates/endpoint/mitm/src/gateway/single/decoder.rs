//! Where an answer's body ends, and what of the bytes is body (RFC 9112 §6, §7.1). What can be read in two ways is
//! refused.

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;

use super::{super::HEADERS, fault::Fault, fields};

/// Digits of a chunk's size: what 64 bits hold.
const DIGITS: usize = 16;
/// The line of a chunk's size, with extensions, which nobody needs.
const SIZE_LINE: usize = 256;
const END: &[u8] = b"\r\n";

/// How a body ends, and how much of it is to come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoder {
    /// After so many bytes.
    Length(u64),
    Chunked(Chunked),
    /// With the connection.
    ToTheEnd,
    /// It did, with the connection or a last chunk.
    Over,
}

/// What of a chunked body is expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chunked {
    Size,
    /// So many bytes of a chunk.
    Data(u64),
    /// The line end behind a chunk.
    DataEnd,
    /// Trailers, or the line end that stands for none. So many bytes hold no end of them.
    Trailers(usize),
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    Data(Bytes),
    Trailers(HeaderMap),
    /// There is no more.
    End,
    /// Nothing, until there are more bytes.
    More,
}

impl Decoder {
    pub(crate) const fn chunked() -> Self {
        Self::Chunked(Chunked::Size)
    }

    /// Whether nothing more belongs to the body.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self, Self::Over | Self::Length(0))
    }

    /// How much is to come, where that was said.
    pub(crate) const fn left(&self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(*left),
            _ => None,
        }
    }

    /// Takes what comes next out of what was read. What it gives is not copied.
    pub(crate) fn decode(&mut self, read: &mut BytesMut) -> Result<Decoded, Fault> {
        loop {
            let chunked = match self {
                Self::Length(0) | Self::Over => return Ok(Decoded::End),
                Self::Length(left) => return Ok(take(read, left)),
                Self::ToTheEnd => {
                    let mut left = u64::MAX;
                    return Ok(take(read, &mut left));
                }
                Self::Chunked(chunked) => chunked,
            };
            match chunked {
                Chunked::Size => {
                    let Some((size, length)) = chunk_size(read)? else {
                        return Ok(Decoded::More);
                    };
                    read.advance(length);
                    *chunked = match size {
                        0 => Chunked::Trailers(0),
                        size => Chunked::Data(size),
                    };
                }
                Chunked::Data(left) => {
                    let data = take(read, left);
                    if *left == 0 {
                        *chunked = Chunked::DataEnd;
                    }
                    return Ok(data);
                }
                Chunked::DataEnd => {
                    if !begins(read, END, Fault::ChunkEnd)? {
                        return Ok(Decoded::More);
                    }
                    read.advance(END.len());
                    *chunked = Chunked::Size;
                }
                Chunked::Trailers(seen) => {
                    let Some(trailers) = trailers(read, seen)? else {
                        return Ok(Decoded::More);
                    };
                    *self = Self::Over;
                    if !trailers.is_empty() {
                        return Ok(Decoded::Trailers(trailers));
                    }
                }
            }
        }
    }

    /// The connection has ended, and all that was read was decoded.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        if matches!(self, Self::ToTheEnd) {
            *self = Self::Over;
        }
        if self.is_over() {
            Ok(())
        } else {
            Err(Fault::Cut)
        }
    }
}

/// What is there of so many bytes.
fn take(read: &mut BytesMut, left: &mut u64) -> Decoded {
    let most = usize::try_from(*left).unwrap_or(usize::MAX);
    let length = most.min(read.len());
    if length == 0 {
        return Decoded::More;
    }
    *left -= length as u64;
    Decoded::Data(read.split_to(length).freeze())
}

/// Whether it begins so; not yet, if there are too few bytes.
fn begins(read: &[u8], expected: &[u8], fault: Fault) -> Result<bool, Fault> {
    let there = read.len().min(expected.len());
    if read.get(..there) != expected.get(..there) {
        return Err(fault);
    }
    Ok(there == expected.len())
}

/// A chunk's size, and how long its line is; none if that is not all there.
fn chunk_size(read: &[u8]) -> Result<Option<(u64, usize)>, Fault> {
    let mut size = 0;
    let mut digits = 0;
    for byte in read {
        let Some(digit) = char::from(*byte).to_digit(16) else {
            break;
        };
        if digits == DIGITS {
            return Err(Fault::Size);
        }
        size = size << 4 | u64::from(digit);
        digits += 1;
    }
    let rest = read.get(digits..).unwrap_or_default();
    if digits == 0 && !rest.is_empty() {
        return Err(Fault::Size);
    }
    let extension = match rest.first() {
        None | Some(b'\r') => 0,
        Some(b';') => extension(rest)?,
        Some(_) => return Err(Fault::Size),
    };
    let rest = rest.get(extension..).unwrap_or_default();
    let whole = begins(rest, END, Fault::Size)?;
    Ok(whole.then_some((size, digits + extension + END.len())))
}

/// How long an extension is, up to its line's end or to what is there.
fn extension(rest: &[u8]) -> Result<usize, Fault> {
    let length = rest
        .iter()
        .position(|byte| byte.is_ascii_control() && *byte != b'\t');
    let length = length.unwrap_or(rest.len());
    if length > SIZE_LINE {
        return Err(Fault::Size);
    }
    Ok(length)
}

/// The trailers, which may be none, once all of them are there.
fn trailers(read: &mut BytesMut, seen: &mut usize) -> Result<Option<HeaderMap>, Fault> {
    if matches!(read.first(), None | Some(b'\r' | b'\n')) {
        if !begins(read, END, Fault::Trailers)? {
            return Ok(None);
        }
        read.advance(END.len());
        return Ok(Some(HeaderMap::new()));
    }
    let Some(length) = fields::blank_line(read, *seen) else {
        if read.len() >= HEADERS as usize {
            return Err(Fault::TooLarge);
        }
        *seen = read.len();
        return Ok(None);
    };
    if length > HEADERS as usize {
        return Err(Fault::TooLarge);
    }
    let text = read.split_to(length);
    let mut parsed = [httparse::EMPTY_HEADER; fields::MOST];
    match httparse::parse_headers(&text, &mut parsed) {
        Ok(httparse::Status::Complete((whole, parsed))) if whole == length => {
            fields::collect(&text, parsed).map(Some)
        }
        _ => Err(Fault::Trailers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a chunked body holds, its trailers, and what lies behind it.
    fn decoded(text: &str, step: usize) -> Result<Option<(String, usize, String)>, Fault> {
        let (mut decoder, mut read) = (Decoder::chunked(), BytesMut::new());
        let (mut body, mut trailers) = (Vec::new(), 0);
        let mut pieces = text.as_bytes().chunks(step);
        loop {
            match decoder.decode(&mut read)? {
                Decoded::Data(piece) => body.extend_from_slice(&piece),
                Decoded::Trailers(fields) => trailers = fields.len(),
                Decoded::End => break,
                Decoded::More => match pieces.next() {
                    Some(piece) => read.extend_from_slice(piece),
                    None => return Ok(None),
                },
            }
        }
        assert!(decoder.is_over());
        let mut behind = read.to_vec();
        behind.extend(pieces.flatten());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ok(Some((text(body), trailers, text(behind))))
    }

    #[test]
    fn chunks_are_put_together() {
        let long = "x".repeat(SIZE_LINE - 1);
        for (text, expected) in [
            ("0\r\n\r\n", ("", 0, "")),
            ("2\r\nab\r\n0\r\n\r\n", ("ab", 0, "")),
            (
                "2\r\nab\r\nB\r\ncdefghijklm\r\n0\r\n\r\n",
                ("abcdefghijklm", 0, ""),
            ),
            (
                "000000000000000a\r\n0123456789\r\n00\r\n\r\n",
                ("0123456789", 0, ""),
            ),
            ("2;a=b;c\r\n\r\n\r\n0;d\r\n\r\nHTTP", ("\r\n", 0, "HTTP")),
            (&format!("2;{long}\r\nab\r\n0\r\n\r\n"), ("ab", 0, "")),
            ("0\r\nx: 1\r\ny:\r\n\r\n\r\n", ("", 2, "\r\n")),
        ] {
            for step in [1, 2, 3, 1000] {
                let (body, trailers, behind) = decoded(text, step).unwrap().unwrap();
                assert_eq!((&*body, trailers, &*behind), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn chunks_that_are_none_are_refused() {
        let long = "x".repeat(SIZE_LINE);
        for text in [
            "\r\n",
            "x\r\n",
            " 2\r\nab\r\n",
            "2 \r\nab\r\n",
            "+2\r\nab\r\n",
            "0x2\r\nab\r\n",
            "-1\r\nab\r\n",
            "2\nab\r\n0\r\n\r\n",
            "2\r\nab\n0\r\n\r\n",
            "2\r\nabc\r\n0\r\n\r\n",
            "2\r\nab\r0\r\n\r\n",
            "2;a\nb\r\nab\r\n",
            "2;a\rb\r\nab\r\n",
            "2;\0\r\nab\r\n",
            &format!("2;{long}\r\nab\r\n"),
            &format!("2;{long}"),
            "00000000000000002\r\nab\r\n",
            "10000000000000000\r\nab\r\n",
            "0\r\n\n",
            "0\r\nx\r\n\r\n",
            "0\r\nx: 1\n\r\n\r\n",
            "0\r\nx: 1\ny: 2\r\n\r\n",
            "0\r\n x: 1\r\n\r\n",
        ] {
            for step in [1, 2, 1000] {
                assert!(decoded(text, step).is_err(), "{text:?}");
            }
        }
    }

    #[test]
    fn trailers_have_bounds() {
        let trailers = |text: String| decoded(&format!("0\r\n{text}\r\n"), 1000);
        assert!(trailers("a: b\r\n".repeat(fields::MOST)).is_ok());
        assert!(trailers("a: b\r\n".repeat(fields::MOST + 1)).is_err());
        let long = "b".repeat(HEADERS as usize);
        assert!(matches!(
            trailers(format!("a: {long}\r\n")),
            Err(Fault::TooLarge)
        ));
        assert!(matches!(
            decoded(&format!("0\r\na: {long}"), 1000),
            Err(Fault::TooLarge)
        ));
    }

    #[test]
    fn a_connection_may_end_only_where_a_body_may() {
        for (mut decoder, may) in [
            (Decoder::Length(0), true),
            (Decoder::Length(1), false),
            (Decoder::chunked(), false),
            (Decoder::Chunked(Chunked::Trailers(0)), false),
            (Decoder::ToTheEnd, true),
            (Decoder::Over, true),
        ] {
            assert_eq!(decoder.end().is_ok(), may, "{decoder:?}");
            assert_eq!(decoder.is_over(), may, "{decoder:?}");
        }
    }

    #[test]
    fn a_length_counts_down() {
        let mut decoder = Decoder::Length(5);
        let mut read = BytesMut::from("abc");
        let piece = |text: &'static str| Decoded::Data(Bytes::from_static(text.as_bytes()));
        assert_eq!(decoder.decode(&mut read).unwrap(), piece("abc"));
        assert_eq!(decoder.left(), Some(2));
        assert_eq!(decoder.decode(&mut read).unwrap(), Decoded::More);
        read.extend_from_slice(b"defg");
        assert_eq!(decoder.decode(&mut read).unwrap(), piece("de"));
        assert_eq!(decoder.decode(&mut read).unwrap(), Decoded::End);
        assert_eq!(&*read, b"fg");
    }
}
