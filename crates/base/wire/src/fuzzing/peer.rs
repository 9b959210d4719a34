//! Who is at the other end: any bytes in front of a connection, any text of proxies.

use std::net::{IpAddr, Ipv4Addr};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::take;
use crate::peer::{Header, LONGEST, Network, Networks, Preamble, client, preamble};

/// A byte that says what it is: the PROXY protocol, or a header's value.
///
/// A preamble is told alike however much of it has come, and never longer than it may be. A header names nobody but a
/// hop that it holds, and nobody at all where its writer is not trusted.
pub fn peer(data: &[u8]) {
    let Some((kind, data)) = take(data) else {
        return;
    };
    if kind % 4 == 0 {
        return arriving(data);
    }
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let (said, name) = if kind % 4 == 1 {
        (Header::Forwarded, header::FORWARDED)
    } else {
        (
            Header::XForwardedFor,
            HeaderName::from_static("x-forwarded-for"),
        )
    };
    let mut headers = HeaderMap::new();
    headers.insert(name, value);
    let peer = IpAddr::from(Ipv4Addr::new(10, 0, 0, 1));
    assert_eq!(client(&headers, said, peer, &Networks::default()), peer);
    let trusted = Networks("10.0.0.0/8".parse::<Network>().into_iter().collect());
    assert!(trusted.contain(peer));
    let found = client(&headers, said, peer, &trusted);
    if let IpAddr::V4(found) = found
        && IpAddr::V4(found) != peer
    {
        // In IPv6 it may be written in many ways; in IPv4 in these two.
        let text = String::from_utf8_lossy(data).to_ascii_lowercase();
        let mapped = |text: &str| text.contains("::");
        assert!(
            text.contains(&found.to_string()) || mapped(&text),
            "{found} of {text}"
        );
    }
}

fn arriving(data: &[u8]) {
    let whole = preamble(data);
    for cut in 0..data.len().min(LONGEST) {
        match (preamble(&data[..cut]), whole) {
            (Preamble::Incomplete(more), _) => assert!(more > cut && more <= LONGEST),
            (early, late) => assert_eq!(early, late, "after {cut} bytes"),
        }
    }
    if let Preamble::Present { length, .. } = whole {
        assert!((16..=LONGEST).contains(&length) && length <= data.len());
    }
}
