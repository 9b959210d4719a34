//! The parser against hellos of a real client, hellos built by hand, and rubbish.

use std::sync::Arc;

use proptest::prelude::*;
use rustls::{ClientConfig, ClientConnection, RootCertStore, pki_types::ServerName};

use super::*;

/// What a rustls client sends first.
fn real(name: &str, protocols: &[&str]) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut out = Vec::new();
    client.write_tls(&mut out).unwrap();
    out
}

fn prefixed16(body: &[u8]) -> Vec<u8> {
    let mut out = u16::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(body);
    out
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend(prefixed16(data));
    out
}

fn names(names: &[(u8, &[u8])]) -> Vec<u8> {
    let mut list = Vec::new();
    for (kind, name) in names {
        list.push(*kind);
        list.extend(prefixed16(name));
    }
    extension(SERVER_NAME, &prefixed16(&list))
}

/// A handshake message with these extensions.
fn message(extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    body.extend(prefixed16(extensions));
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut out = vec![CLIENT_HELLO, length[1], length[2], length[3]];
    out.extend(body);
    out
}

/// The message in records of these sizes; the last size repeats.
fn records(message: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = message;
    let mut sizes = sizes.iter().copied();
    let mut size = 1;
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).clamp(1, rest.len());
        out.extend([HANDSHAKE, 3, 1]);
        out.extend(prefixed16(&rest[..size]));
        rest = &rest[size..];
    }
    out
}

fn one(extensions: &[u8]) -> Peek {
    parse(&records(&message(extensions), &[MAX_RECORD]))
}

fn sni(peek: &Peek) -> Option<&str> {
    match peek {
        Peek::Hello(hello) => hello.sni.as_ref().map(HostName::as_str),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_real_hello_is_understood_at_every_cut() {
    let bytes = real("API.Anthropic.com", &["h2", "http/1.1", "spdy/9"]);
    for cut in 0..bytes.len() {
        assert_eq!(parse(&bytes[..cut]), Peek::NeedMore, "{cut}");
    }
    let alpn = Alpn {
        h2: true,
        http1: true,
        other: true,
    };
    let hello = Peek::Hello(Hello {
        sni: Some("api.anthropic.com".parse().unwrap()),
        alpn,
        ech: false,
    });
    assert_eq!(parse(&bytes), hello);
    let more = [&bytes[..], b"more"].concat();
    assert_eq!(parse(&more), hello, "what follows does not matter");
}

#[test]
fn addresses_and_absent_names_are_no_names() {
    assert_eq!(sni(&parse(&real("203.0.113.10", &[]))), None);
    for name in [
        &b"203.0.113.10"[..],
        b"::1",
        b"a b",
        b"\xff.com",
        b"a\0.com",
    ] {
        assert_eq!(sni(&one(&names(&[(0, name)]))), None, "{name:?}");
    }
    assert_eq!(sni(&one(&[])), None);
    assert_eq!(
        sni(&one(&names(&[(9, b"x"), (0, b"a.example.")]))),
        Some("a.example")
    );
}

#[test]
fn ech_is_seen_from_outside() {
    let outer = [
        names(&[(0, b"cover.example")]),
        extension(0xfe0d, &[0, 1, 2]),
    ]
    .concat();
    assert!(matches!(one(&outer), Peek::Hello(Hello { ech: true, .. })));
    let inner = extension(0xfe0d, &[1]);
    assert!(matches!(one(&inner), Peek::Hello(Hello { ech: false, .. })));
}

#[test]
fn what_breaks_the_rules_is_malformed() {
    let twice = [names(&[(0, b"a.example")]), names(&[(0, b"b.example")])].concat();
    let two = names(&[(0, b"a.example"), (0, b"b.example")]);
    let empty = names(&[(0, b"")]);
    let short = extension(SERVER_NAME, &[0, 9, 0]);
    let trailing = extension(ALPN, &[0, 3, 2, b'h', b'2', 0]);
    let nameless = extension(ALPN, &[0, 1, 0]);
    for bad in [twice, two, empty, short, trailing, nameless, vec![0]] {
        assert_eq!(one(&bad), Peek::Malformed, "{bad:?}");
    }
    for bytes in [
        &[22, 3, 1, 0, 0][..],
        &[22, 3, 1, 0x40, 1],
        &[22, 3, 1, 0, 1, 2],
        &[22, 3, 1, 0, 1, 1, 23],
    ] {
        assert_eq!(parse(bytes), Peek::Malformed, "{bytes:?}");
    }
}

#[test]
fn other_protocols_are_known_by_their_first_bytes() {
    for bytes in [
        &b"G"[..],
        b"SSH-2.0-x",
        &[22, 2],
        &[0x80, 0x2e, 1],
        &[23, 3, 3],
    ] {
        assert_eq!(parse(bytes), Peek::NotTls, "{bytes:?}");
    }
}

#[test]
fn length_is_bounded_both_ways() {
    let padding = |size| extension(21, &vec![0; size]);
    let overhead = message(&padding(0)).len() - 4;
    let longest = message(&padding(MAX_HELLO - overhead));
    let whole = records(&longest, &[MAX_RECORD]);
    assert!(matches!(parse(&whole), Peek::Hello(_)));
    let longer = records(&message(&padding(MAX_HELLO - overhead + 1)), &[100]);
    assert_eq!(
        parse(&longer[..20]),
        Peek::TooLong,
        "said as soon as it is known"
    );
    let crumbs = records(&longest, &[1]);
    assert_eq!(parse(&crumbs[..MAX_WIRE - 1]), Peek::NeedMore);
    assert_eq!(parse(&crumbs[..MAX_WIRE]), Peek::TooLong);
}

/// The first answer that is final, as a reader sees it that gets the bytes in such pieces.
fn in_pieces(bytes: &[u8], pieces: &[usize]) -> Peek {
    let mut end = 0;
    let mut pieces = pieces.iter().cycle();
    while end < bytes.len() {
        end = (end + pieces.next().copied().unwrap_or(1).max(1)).min(bytes.len());
        match parse(&bytes[..end]) {
            Peek::NeedMore => {}
            answer => return answer,
        }
    }
    Peek::NeedMore
}

/// Every single-byte change and every cut of hellos of different kinds: none of them panics, and none
/// gives another answer byte by byte than at once.
#[test]
fn a_mutated_corpus_has_one_answer_each() {
    let corpus = [
        records(&message(&names(&[(0, b"api.openai.com")])), &[5, 1, 40]),
        records(&message(&extension(ALPN, &[0, 3, 2, b'h', b'2'])), &[3]),
        records(&message(&extension(0xfe0d, &[0; 8])), &[MAX_RECORD]),
        real("chatgpt.com", &["h2"]),
    ];
    for seed in &corpus {
        for at in 0..seed.len() {
            for flip in [1, 0x80, 0xff] {
                let mut bytes = seed.clone();
                bytes[at] ^= flip;
                let answer = parse(&bytes);
                assert_eq!(in_pieces(&bytes, &[1]), answer, "{at} {flip} {bytes:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn rubbish_has_one_answer(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..600),
        tls in any::<bool>(),
        pieces in proptest::collection::vec(1_usize..90, 1..8),
    ) {
        if tls && bytes.len() > 9 {
            bytes[..6].copy_from_slice(&[22, 3, 1, 0, 200, 1]);
            bytes[6..8].copy_from_slice(&[0, 0]);
        }
        prop_assert_eq!(in_pieces(&bytes, &pieces), parse(&bytes));
    }

    #[test]
    fn a_hello_is_the_same_in_any_records_and_pieces(
        sizes in proptest::collection::vec(1_usize..300, 1..10),
        pieces in proptest::collection::vec(1_usize..300, 1..8),
        name in "[a-z]{1,20}\\.[a-z]{2,5}",
    ) {
        let hello = records(&message(&names(&[(0, name.as_bytes())])), &sizes);
        let answer = in_pieces(&hello, &pieces);
        prop_assert_eq!(sni(&answer), Some(&*name));
    }
}
