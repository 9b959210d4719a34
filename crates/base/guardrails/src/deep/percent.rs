//! Percent encoding (RFC 3986 section 2.1), one character at a time.

/// The longest escape of one character: four bytes of UTF-8.
const LONGEST: usize = 4 * 3;

/// What a `%` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// The beginning of this character, in so many bytes.
    Of(char, usize),
    /// A percent sign: what it says as bytes would be no text.
    Sign,
    /// More text decides.
    Open,
}

/// What the `%` is that a text begins with.
pub(super) fn escape(text: &[u8]) -> Escape {
    let mut bytes = [0; 4];
    for at in 0..bytes.len() {
        let byte = match text.get(at * 3..).unwrap_or_default() {
            [b'%', high, low, ..] => pair(*high, *low),
            [b'%', high] if high.is_ascii_hexdigit() => return Escape::Open,
            [b'%'] | [] => return Escape::Open,
            _ => None,
        };
        let (Some(byte), Some(slot)) = (byte, bytes.get_mut(at)) else {
            return Escape::Sign;
        };
        *slot = byte;
        let so_far = bytes.get(..=at).unwrap_or_default();
        match std::str::from_utf8(so_far) {
            Ok(text) => {
                let character = text.chars().next();
                return character.map_or(Escape::Sign, |it| Escape::Of(it, (at + 1) * 3));
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => return Escape::Sign,
        }
    }
    Escape::Sign
}

/// Where a text's end may be the beginning of an escape; its length, if it is none.
pub(super) fn open_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(LONGEST - 1);
    let tail = bytes.get(from..).unwrap_or_default();
    let open = memchr::memchr_iter(b'%', tail).find(|at| {
        let rest = tail.get(*at..).unwrap_or_default();
        escape(rest) == Escape::Open
    });
    from + open.unwrap_or(tail.len())
}

fn pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_characters_or_signs() {
        for (text, wanted) in [
            ("%41b", Escape::Of('A', 3)),
            ("%e2%82%ACx", Escape::Of('€', 9)),
            ("%F0%9F%98%80", Escape::Of('😀', 12)),
            ("%", Escape::Open),
            ("%4", Escape::Open),
            ("%e2%82", Escape::Open),
            ("%e2%8", Escape::Open),
            ("% ", Escape::Sign),
            ("%g1", Escape::Sign),
            ("%e2x", Escape::Sign),
            ("%e2%41", Escape::Sign),
            ("%ff%ff", Escape::Sign),
            ("%80", Escape::Sign),
        ] {
            assert_eq!(escape(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn only_what_may_go_on_waits() {
        for (text, wanted) in [
            ("", 0),
            ("100%", 3),
            ("100% ", 5),
            ("a%4", 1),
            ("a%41", 4),
            ("é%e2%82", 2),
            ("%F0%9F%98%8", 0),
            ("%41%F0%9F%98%8", 3),
            ("%e2%82%ac%", 9),
        ] {
            assert_eq!(open_end(text), wanted, "{text}");
        }
    }
}
