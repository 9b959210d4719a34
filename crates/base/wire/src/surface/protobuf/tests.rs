//! Messages, texts and what is neither are told apart by their bytes.

use super::*;

fn texts(message: &[u8]) -> Vec<(String, String, Option<Range<usize>>)> {
    let mut found = Vec::new();
    Walk::new(1024).message(message, &mut |text| {
        found.push((text.path.to_string(), text.text.to_owned(), text.span));
    });
    found
}

fn nested(number: u8, inner: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = inner.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(inner);
    out
}

#[test]
fn texts_have_paths_and_places() {
    let mut inner = nested(1, b"hello");
    inner.extend([0x10, 0x96, 0x01]);
    inner.extend(nested(3, "grüße\n".as_bytes()));
    let message = nested(2, &inner);
    let found = texts(&message);
    assert_eq!(found[0], ("2.1".into(), "hello".into(), Some(4..9)));
    assert_eq!(found[1].1, "grüße\n");
    let span = found[1].2.clone().unwrap();
    assert_eq!(&message[span], "grüße\n".as_bytes());
}

#[test]
fn a_message_that_looks_like_a_text_is_a_message() {
    // Field 1, 33 letters: all of it printable, the tag a line end.
    let inner = nested(1, &[b'a'; 33]);
    assert!(printable(&inner).is_some());
    let found = texts(&nested(4, &inner));
    assert_eq!(found[0].0, "4.1");
    assert_eq!(found[0].1, "a".repeat(33));
}

#[test]
fn a_text_that_looks_like_numbers_is_a_text() {
    // `he` is field 13 with the number 101.
    assert_eq!(shape(b"he"), Shape::Plain);
    assert_eq!(texts(&nested(1, b"he"))[0].1, "he");
}

#[test]
fn bytes_that_are_neither_are_passed_over() {
    let mut message = nested(1, &[0xff, 0x00, 0x9c, 0x01]);
    message.extend(nested(2, b"after"));
    assert_eq!(texts(&message), [("2".into(), "after".into(), Some(8..13))]);
}

#[test]
fn a_payload_in_hexadecimal_is_read() {
    let payload = nested(1, &nested(2, b"inside"));
    let hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
    let found = texts(&nested(1, hex.as_bytes()));
    assert_eq!(found, [("1.2".into(), "inside".into(), None)]);
    let upper = hex.to_uppercase();
    assert_eq!(texts(&nested(1, upper.as_bytes())), found);
}

#[test]
fn what_was_cut_off_is_read_as_far_as_it_goes() {
    let mut message = nested(1, b"first");
    message.extend(nested(2, b"second"));
    message.truncate(message.len() - 1);
    let mut found = 0;
    let whole = Walk::new(0).message(&message, &mut |_| found += 1);
    assert_eq!((whole, found), (false, 1));
}

#[test]
fn nesting_and_fields_are_bounded() {
    let mut message = b"deep".to_vec();
    for _ in 0..200 {
        message = nested(1, &message);
    }
    let mut walk = Walk::new(0);
    walk.message(&message, &mut |_| {});
    assert!(walk.cut);
    let many = [0x08, 0x01].repeat(MOST_FIELDS as usize + 1);
    let mut walk = Walk::new(0);
    assert!(!walk.message(&many, &mut |_| {}));
    assert!(walk.cut);
}

#[test]
fn what_is_known_to_be_text_is_not_taken_for_a_message() {
    // A tag, a length, and so many bytes: a field of its own, by chance.
    let text = format!("B {:<32}", "or so it seems");
    let length = u8::try_from(text.len()).unwrap();
    let message = [&[0x0a, length], text.as_bytes()].concat();
    let read = |codes: Vec<u64>| {
        let mut found = Vec::new();
        Walk::new(0)
            .with_texts(codes)
            .message(&message, &mut |text| {
                found.push((text.path.to_string(), text.text.to_owned()));
            });
        found
    };
    assert_eq!(read(Vec::new()), [("1.8".to_owned(), text[2..].to_owned())]);
    let mut path = FieldPath::default();
    path.push(1);
    assert_eq!(read(vec![path.code()]), [("1".to_owned(), text)]);
}
