//! Takes credentials out of a line of log: a last line of defence behind types that do not print.

use std::borrow::Cow;

/// How the credentials we know begin: ours, `OpenAI`'s and Anthropic's (`sk-`), Google's, and any
/// bearer token.
const PREFIXES: [&[u8]; 6] = [
    b"sk-tg-",
    b"tg-admin-",
    b"tg-session-",
    b"sk-",
    b"AIza",
    b"Bearer ",
];
/// Shorter runs are words (`sk-learn`), not credentials.
const SHORTEST: usize = 12;
const MASK: &[u8] = b"[masked]";

/// The line with what follows a credential's prefix replaced.
pub(super) fn masked(line: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Option<Vec<u8>> = None;
    let (mut at, mut copied) = (0, 0);
    while at < line.len() {
        let Some((start, end)) = credential_at(line, at) else {
            at += 1;
            continue;
        };
        let out = out.get_or_insert_with(|| Vec::with_capacity(line.len()));
        out.extend_from_slice(&line[copied..start]);
        out.extend_from_slice(MASK);
        (at, copied) = (end, end);
    }
    match out {
        None => Cow::Borrowed(line),
        Some(mut out) => {
            out.extend_from_slice(&line[copied..]);
            Cow::Owned(out)
        }
    }
}

/// Where the secret part of a credential that begins at `at` starts and ends.
fn credential_at(line: &[u8], at: usize) -> Option<(usize, usize)> {
    let inside_a_word = at
        .checked_sub(1)
        .is_some_and(|before| line[before].is_ascii_alphanumeric());
    if inside_a_word {
        return None;
    }
    let prefix = PREFIXES
        .iter()
        .find(|prefix| line[at..].starts_with(prefix))?;
    let start = at + prefix.len();
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"-_.~+/=".contains(b);
    let length = line[start..].iter().take_while(|b| part(b)).count();
    (length >= SHORTEST).then_some((start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> String {
        String::from_utf8(masked(line.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn credentials_go_and_words_stay() {
        for (line, want) in [
            ("key sk-tg-AbCdEfGhIjKlMn rest", "key sk-tg-[masked] rest"),
            ("\"sk-proj-abc_DEF-123456\"", "\"sk-[masked]\""),
            ("sk-ant-api03-aaaaaaaaaaaa", "sk-[masked]"),
            ("key=AIzaSyA1234567890", "key=AIza[masked]"),
            ("Bearer eyJhbGciOiJI.abc.def, x", "Bearer [masked], x"),
            (
                "a tg-admin-0123456789abc b tg-session-0123456789abc",
                "a tg-admin-[masked] b tg-session-[masked]",
            ),
            ("Bearer sk-tg-0123456789abcdef", "Bearer [masked]"),
            (
                "sk-learn, task-sk-0123456789abc",
                "sk-learn, task-sk-[masked]",
            ),
            ("risk-0123456789abcdef", "risk-0123456789abcdef"),
            ("nothing here: käse", "nothing here: käse"),
            ("", ""),
        ] {
            assert_eq!(text(line), want);
        }
        assert!(matches!(masked(b"plain"), Cow::Borrowed(_)));
    }
}
