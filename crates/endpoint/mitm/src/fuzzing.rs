//! The bodies of the fuzz targets in `tests/fuzz`: each takes any bytes and panics when a promise of this
//! crate is broken. They are here so that an ordinary test can replay the corpora.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use std::net::IpAddr;

use crate::{
    RelayUrl,
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
        fn any_text_is_a_gateway_or_none(
            scheme in "(https|http|HTTP|ftp|)(://|:/|)",
            host in "(localhost|127\\.0\\.0\\.1|\\[::1\\]|gateway\\.example|[a-z@.:\\[\\]%]{0,12})",
            rest in "(:[0-9]{0,6})?(/[a-z%./]{0,8}){0,3}[?#]?",
        ) {
            super::gateway_url(format!("{scheme}{host}{rest}").as_bytes());
        }
    }
}
