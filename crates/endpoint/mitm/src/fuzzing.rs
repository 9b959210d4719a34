//! The bodies of the fuzz targets in `tests/fuzz`: each takes any bytes and panics when a promise of this
//! crate is broken. They are here so that an ordinary test can replay the corpora.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use std::net::IpAddr;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode, header};

use crate::{
    RelayUrl,
    gateway::single::{Answer, Awaited, Decoded, Fault},
    hello::{MAX_WIRE, Peek, parse},
};

/// The first bytes of a connection have one answer, however they come, and it stands once it is given.
/// First byte: how many come at once.
pub fn hello(data: &[u8]) {
    let Some((&step, data)) = data.split_first() else {
        return;
    };
    // Byte by byte through a long one is work that grows with its square.
    let step = (usize::from(step) + 1) * (1 + data.len() / 2048);
    let whole = parse(data);
    let mut end = 0;
    let mut early = Peek::NeedMore;
    while end < data.len() && early == Peek::NeedMore {
        end = (end + step).min(data.len());
        early = parse(&data[..end]);
    }
    assert_eq!(early, whole, "the answer depends on the pieces");
    assert!(
        data.len() < MAX_WIRE || whole != Peek::NeedMore,
        "it never ends"
    );
    if let Peek::Hello(hello) = whole
        && let Some(name) = hello.sni
    {
        assert!(name.as_str().parse::<IpAddr>().is_err());
        assert_eq!(
            name.as_str().parse(),
            Ok(name.clone()),
            "not in its one form"
        );
    }
}

/// What a gateway answers is read in one way, however it comes. First byte: how many come at once; second: whether
/// the call was HEAD. The connection ends behind them.
pub fn answer(data: &[u8]) {
    let Some((&[step, head], data)) = data.split_first_chunk() else {
        return;
    };
    let bodiless = head & 1 == 1;
    // Its work grows with its square, too.
    let step = (usize::from(step) + 1) * (1 + data.len() / 2048);
    let whole = read(data, data.len().max(1), bodiless);
    assert_eq!(
        read(data, step, bodiless),
        whole,
        "it depends on the pieces"
    );
    let Some((status, fields)) = &whole.head else {
        assert!(whole.body.is_empty() && !whole.over, "an answer of nobody");
        return;
    };
    assert!(!status.is_informational(), "an interim answer");
    assert!(whole.body.len() + whole.behind.len() <= data.len());
    let codings = fields.get_all(header::TRANSFER_ENCODING).iter().count();
    let mut lengths = fields.get_all(header::CONTENT_LENGTH).iter();
    let bare = bodiless || matches!(*status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if bare {
        assert!(whole.over && whole.body.is_empty(), "a body of nobody");
        return;
    }
    let length = lengths.next();
    assert!(lengths.next().is_none(), "two lengths");
    assert!(codings == 0 || length.is_none(), "two ways to end");
    if let Some(length) = length.filter(|_| whole.over) {
        let length = length.to_str().ok().and_then(|text| text.parse().ok());
        assert_eq!(length, Some(whole.body.len()), "not as long as it says");
    }
}

/// What was made of an answer's bytes.
#[derive(Debug, Default, PartialEq)]
struct Read {
    head: Option<(StatusCode, HeaderMap)>,
    body: Vec<u8>,
    trailers: Option<HeaderMap>,
    /// It was read to its end.
    over: bool,
    /// What came behind it.
    behind: Vec<u8>,
}

fn read(data: &[u8], step: usize, bodiless: bool) -> Read {
    let mut got = Read::default();
    let mut pieces = data.chunks(step);
    let mut buffer = BytesMut::new();
    got.over = read_into(&mut got, &mut pieces, &mut buffer, bodiless).is_ok();
    if got.over {
        got.behind.extend_from_slice(&buffer);
        got.behind.extend(pieces.flatten());
    }
    got
}

fn read_into<'a>(
    got: &mut Read,
    pieces: &mut impl Iterator<Item = &'a [u8]>,
    buffer: &mut BytesMut,
    bodiless: bool,
) -> Result<(), Fault> {
    let mut awaited = Awaited::new(bodiless);
    let Answer { response, .. } = loop {
        if let Some(answer) = awaited.take(buffer)? {
            break answer;
        }
        buffer.extend_from_slice(pieces.next().ok_or(Fault::Unanswered)?);
    };
    let (head, mut decoder) = response.into_parts();
    got.head = Some((head.status, head.headers));
    loop {
        match decoder.decode(buffer)? {
            Decoded::Data(piece) => got.body.extend_from_slice(&piece),
            Decoded::Trailers(fields) => got.trailers = Some(fields),
            Decoded::End => return Ok(()),
            Decoded::More => match pieces.next() {
                Some(piece) => buffer.extend_from_slice(piece),
                None => decoder.end()?,
            },
        }
    }
}

/// A gateway's URL that is taken leads where it says, unencrypted only on this machine, and keeps calls
/// below its path.
pub fn gateway_url(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(url) = text.parse::<RelayUrl>() else {
        return;
    };
    let host = url.host();
    assert!(!host.is_empty(), "a gateway without a name");
    let address = host.parse::<IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    assert!(url.tls() || here, "prompts in the clear");
    // What stands behind the host and its colon, if it has one, is the port.
    let (_, after) = text.split_once("://").unwrap_or_default();
    let authority = after.split('/').next().unwrap_or_default();
    let written = authority
        .rsplit_once(':')
        .filter(|(_, port)| !port.contains(']'));
    let default = if url.tls() { 443 } else { 80 };
    let port = written.map_or(Ok(default), |(_, port)| port.parse());
    assert_eq!(Ok(url.port()), port, "another port than the one it names");
    let shown = format!("{url:?}");
    let authority = shown.split('/').nth(2).unwrap_or_default();
    assert!(!authority.contains('@') && shown.starts_with("http"));
    let again = shown.parse::<RelayUrl>();
    assert_eq!(again.as_ref(), Ok(&url), "it does not read as it is shown");
    let target = "/v1/x%2Fy?a=1";
    let relayed = url
        .relayed("api.example", target)
        .map(|uri| uri.to_string());
    let relayed = relayed.unwrap_or_default();
    let expected = format!("{shown}/edge/api.example{target}");
    assert_eq!(relayed, expected, "a call does not go below it");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_are_one_hello_or_none(
            step in any::<u8>(),
            head in prop::sample::select(vec![&b""[..], b"\x16", b"\x16\x03\x01", b"\x16\x03\x01\0\x30\x01\0\0\x2c\x03\x03"]),
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            super::hello(&[&[step], head, &bytes].concat());
        }

        #[test]
        fn any_bytes_in_any_pieces_are_one_answer_or_none(
            step in any::<u8>(),
            head in any::<u8>(),
            fields in "(HTTP/1\\.[01] [12345]0[0-4] ?\r\n)?((content-length: [0-9]{1,2}|transfer-encoding: chunked|a:)\r\n){0,2}(\r\n)?",
            chunks in "([0-9a-f]{1,2};?\r?\n[a-z]{0,9}\r?\n){0,3}",
            bytes in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            super::answer(&[&[step, head], fields.as_bytes(), chunks.as_bytes(), &bytes].concat());
        }

        #[test]
        fn any_text_is_a_gateway_or_none(
            scheme in "(https|http|HTTP|ftp|)(://|:/|)",
            host in "(localhost|127\\.0\\.0\\.1|\\[::1\\]|gateway\\.example|[a-z@.:\\[\\]%]{0,12})",
            rest in "(:[0-9]{0,6})?(/[a-z%./]{0,8}){0,3}[?#]?",
        ) {
            super::gateway_url(format!("{scheme}{host}{rest}").as_bytes());
        }
    }
}
