//! Ids of calls: Anthropic takes letters, digits, `_` and `-`, and others have more.

use std::borrow::Cow;

/// The mark before an id whose other characters are written in hex.
const MARK: &str = "tgx_";

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// An id as it may stand here.
pub(super) fn written(id: &str) -> Cow<'_, str> {
    let fits = id.bytes().all(|byte| is_plain(byte) || byte == b'_');
    if fits && !id.is_empty() && !id.starts_with(MARK) {
        return Cow::Borrowed(id);
    }
    let mut text = String::with_capacity(MARK.len() + 3 * id.len());
    text.push_str(MARK);
    for byte in id.bytes() {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            text.push('_');
            for half in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(half), 16));
            }
        }
    }
    Cow::Owned(text)
}

/// The id that was written so; any other one is itself.
pub(super) fn read(id: Cow<'_, str>) -> Cow<'_, str> {
    match id.strip_prefix(MARK).and_then(original) {
        Some(original) => Cow::Owned(original),
        None => id,
    }
}

fn original(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'_' {
            let mut half = || char::from(rest.next()?).to_digit(16);
            let value = half()? << 4 | half()?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_and_fit() {
        for id in [
            "call_1",
            "functions.read:0",
            "",
            "tgx_5f",
            "é/ü",
            "toolu_01-A",
        ] {
            let there = written(id).into_owned();
            let fits = |byte: u8| is_plain(byte) || byte == b'_';
            assert!(!there.is_empty() && there.bytes().all(fits), "{there}");
            assert_eq!(read(there.into()), id);
        }
        assert_eq!(written("call_1"), "call_1");
        assert_ne!(written("a.b"), written("a:b"));
    }

    #[test]
    fn what_was_not_written_so_stays() {
        for id in ["tgx__zz", "tgx__f", "tgx__ff", "toolu_1"] {
            assert_eq!(read(id.into()), id);
        }
    }
}
