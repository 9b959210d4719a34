//! The head of an answer, and what it says about where the answer ends (RFC 9112 §6.3).

use std::mem::MaybeUninit;

use bytes::{Buf, BytesMut};
use http::{HeaderMap, Response, StatusCode, Version, header};
use httparse::{ParserConfig, Status};
use hyper::ext::ReasonPhrase;

use super::{super::HEADERS, decoder::Decoder, fault::Fault, fields};

/// What is known of an answer that is awaited.
pub(crate) struct Awaited {
    /// It has no body, whatever its head says: its call was HEAD.
    bodiless: bool,
    /// So many bytes were looked at, and hold no whole head.
    seen: usize,
    /// How long heads may be yet. Those of interim answers count.
    room: usize,
}

/// An answer's head, and how its body ends.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Decoder>,
    /// The connection takes no call behind this one.
    pub(crate) last: bool,
}

impl Awaited {
    pub(crate) const fn new(bodiless: bool) -> Self {
        Self {
            bodiless,
            seen: 0,
            room: HEADERS as usize,
        }
    }

    /// Takes the head out of what was read; none if it is not all there. Interim answers are passed over.
    pub(crate) fn take(&mut self, read: &mut BytesMut) -> Result<Option<Answer>, Fault> {
        loop {
            if !b"HTTP/1."
                .iter()
                .zip(&**read)
                .all(|(one, other)| one == other)
            {
                return Err(Fault::Foreign);
            }
            // What comes in crumbs is not parsed anew for each.
            let whole = self.seen == 0 || fields::blank_line(read, self.seen).is_some();
            let parsed = if whole { self.parse(read)? } else { None };
            let Some((length, answer)) = parsed else {
                if read.len() >= self.room {
                    return Err(Fault::TooLarge);
                }
                self.seen = read.len();
                return Ok(None);
            };
            read.advance(length);
            self.seen = 0;
            self.room -= length;
            if answer.is_some() {
                return Ok(answer);
            }
        }
    }

    /// A whole head's length, and the answer that it begins, unless that is an interim one.
    fn parse(&self, read: &[u8]) -> Result<Option<(usize, Option<Answer>)>, Fault> {
        if read.is_empty() {
            return Ok(None);
        }
        let mut room = [const { MaybeUninit::uninit() }; fields::MOST];
        let mut parsed = httparse::Response::new(&mut []);
        let config = ParserConfig::default();
        let Status::Complete(length) =
            config.parse_response_with_uninit_headers(&mut parsed, read, &mut room)?
        else {
            return Ok(None);
        };
        let head = read.get(..length).unwrap_or_default();
        if length > self.room {
            return Err(Fault::TooLarge);
        }
        let status = StatusCode::from_u16(parsed.code.unwrap_or_default());
        let status = status.map_err(|_| Fault::Head(httparse::Error::Status))?;
        if status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Fault::Switching);
        }
        let mut headers = fields::collect(head, parsed.headers)?;
        if status.is_informational() {
            return Ok(Some((length, None)));
        }
        let old = parsed.version != Some(1);
        let decoder = self.framing(status, old, &mut headers)?;
        let last = old || closes(&headers) || decoder == Decoder::ToTheEnd;
        let mut response = Response::new(decoder);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        if old {
            *response.version_mut() = Version::HTTP_10;
        }
        let reason = parsed.reason.unwrap_or_default();
        if status.canonical_reason() != Some(reason)
            && let Ok(reason) = ReasonPhrase::try_from(reason.as_bytes())
        {
            response.extensions_mut().insert(reason);
        }
        Ok(Some((length, Some(Answer { response, last }))))
    }

    /// How the body ends.
    fn framing(
        &self,
        status: StatusCode,
        old: bool,
        headers: &mut HeaderMap,
    ) -> Result<Decoder, Fault> {
        if self.bodiless || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            return Ok(Decoder::Length(0));
        }
        let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
        let coding = codings.next();
        let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
        let length = lengths.next();
        match (coding, length) {
            (None, None) => Ok(Decoder::ToTheEnd),
            (Some(coding), None) => {
                let chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked");
                if !chunked || old || codings.next().is_some() {
                    return Err(Fault::Framing);
                }
                Ok(Decoder::chunked())
            }
            (None, Some(length)) => {
                let mut again = 0;
                for other in lengths {
                    if other != length {
                        return Err(Fault::Framing);
                    }
                    again += 1;
                }
                let decimal = decimal(length.as_bytes()).ok_or(Fault::Framing)?;
                if again > 0 {
                    let once = length.clone();
                    headers.insert(header::CONTENT_LENGTH, once);
                }
                Ok(Decoder::Length(decimal))
            }
            (Some(_), Some(_)) => Err(Fault::Framing),
        }
    }
}

/// Whether it says that the connection ends behind it.
fn closes(headers: &HeaderMap) -> bool {
    let mut options = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

/// Digits, and nothing else.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(head: &str, bodiless: bool) -> Result<Option<Answer>, Fault> {
        Awaited::new(bodiless).take(&mut head.as_bytes().into())
    }

    /// How a body ends, and whether the connection goes on behind it.
    fn framed(fields: &str) -> Result<(Decoder, bool), Fault> {
        let answer = taken(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), false)?.unwrap();
        Ok((answer.response.into_body(), !answer.last))
    }

    #[test]
    fn an_answer_ends_as_its_head_says() {
        for (fields, expected) in [
            ("content-length: 5\r\n", (Decoder::Length(5), true)),
            ("Content-Length:  0\t\r\n", (Decoder::Length(0), true)),
            (
                "content-length: 5\r\nx: y\r\ncontent-length: 5\r\n",
                (Decoder::Length(5), true),
            ),
            (
                "content-length: 18446744073709551615\r\n",
                (Decoder::Length(u64::MAX), true),
            ),
            ("transfer-encoding: Chunked\r\n", (Decoder::chunked(), true)),
            (
                "transfer-encoding: chunked\r\nconnection: close\r\n",
                (Decoder::chunked(), false),
            ),
            ("", (Decoder::ToTheEnd, false)),
        ] {
            assert_eq!(framed(fields).unwrap(), expected, "{fields:?}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for fields in [
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            "content-length: 5\r\ncontent-length: 6\r\n",
            "content-length: 5\r\ncontent-length: 05\r\n",
            "content-length: 5, 5\r\n",
            "content-length: +5\r\n",
            "content-length: -5\r\n",
            "content-length: 0x5\r\n",
            "content-length: 5 5\r\n",
            "content-length: \r\n",
            "content-length: 18446744073709551616\r\n",
            "transfer-encoding: gzip\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "transfer-encoding: chunked, chunked\r\n",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            "transfer-encoding: xchunked\r\n",
            "transfer-encoding: \r\n",
            "transfer-encoding: identity\r\n",
        ] {
            let fault = framed(fields).unwrap_err();
            assert!(matches!(fault, Fault::Framing), "{fields:?}: {fault}");
        }
        let old = taken(
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            false,
        );
        assert!(matches!(old, Err(Fault::Framing)));
    }

    #[test]
    fn some_answers_have_no_body_whatever_they_say() {
        const SAYS: &str = "content-length: 5\r\n\r\n";
        for (status, head) in [("204 x", false), ("304 x", false), ("200 OK", true)] {
            let answer = taken(&format!("HTTP/1.1 {status}\r\n{SAYS}"), head);
            let answer = answer.unwrap().unwrap();
            assert!(!answer.last);
            let headers = answer.response.headers();
            assert_eq!(headers[header::CONTENT_LENGTH], "5", "{status}");
            assert_eq!(*answer.response.body(), Decoder::Length(0), "{status}");
        }
    }

    #[test]
    fn heads_that_are_none_are_refused() {
        for head in [
            "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.2 200 OK\r\n\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "http/1.1 200 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 200 OK\n\n",
            "HTTP/1.1 200 OK\r\na: b\n\r\n",
            "HTTP/1.1 200 OK\na: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\r\n\n",
            "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n",
            "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\n a: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\na\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n",
        ] {
            assert!(taken(head, false).is_err(), "{head:?}");
        }
    }

    #[test]
    fn heads_have_bounds() {
        let fields = |count| "a: b\r\n".repeat(count);
        let head = |fields: &str| format!("HTTP/1.1 204 x\r\n{fields}\r\n");
        assert!(taken(&head(&fields(fields::MOST)), false).is_ok());
        assert!(taken(&head(&fields(fields::MOST + 1)), false).is_err());
        // Whole or not.
        let long = format!("a: {}\r\n", "b".repeat(HEADERS as usize));
        let too_large = |answer| matches!(answer, Err(Fault::TooLarge));
        assert!(too_large(taken(&head(&long), false)));
        assert!(too_large(taken(&head(&long)[..HEADERS as usize], false)));
        // Interim ones count: else an answer need never come.
        let interim = "HTTP/1.1 103 x\r\n\r\n".repeat(HEADERS as usize / 18 + 1);
        assert!(too_large(taken(&interim, false)));
    }

    #[test]
    fn a_head_that_comes_in_crumbs_is_the_same() {
        let text = "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 Fine\r\na: b\r\ncontent-length: 1\r\n\r\nx";
        let mut awaited = Awaited::new(false);
        let mut read = BytesMut::new();
        let mut answers = Vec::new();
        for byte in text.bytes() {
            read.extend_from_slice(&[byte]);
            if answers.is_empty() {
                answers.extend(awaited.take(&mut read).unwrap());
            }
        }
        assert_eq!(&*read, b"x");
        let response = &answers[0].response;
        assert_eq!(
            (response.headers().len(), response.body()),
            (2, &Decoder::Length(1))
        );
        let reason = response.extensions().get::<ReasonPhrase>();
        assert_eq!(reason.map(ReasonPhrase::as_bytes), Some(&b"Fine"[..]));
    }
}
