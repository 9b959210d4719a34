//! Patterns in Go's dialect (RE2), which gitleaks' files are written in, as the `regex` crate reads them.
//!
//! Both dialects mean the same but for a few spellings (<https://github.com/google/re2/wiki/Syntax>):
//! a `{` that begins no count stands for itself in Go; so do `[`, `&&`, `~~` and `--` in a class, and
//! `\<` and `\>`; `\Q...\E` quotes; `\C` is any byte.

/// The pattern with those spellings changed. What is wrong in both dialects stays as it is.
#[must_use]
pub fn mended(pattern: &str) -> String {
    let mut mended = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    // Where in a class: how many of its characters were seen.
    let mut class: Option<usize> = None;
    while let Some(first) = rest.chars().next() {
        let mut len = first.len_utf8();
        let seen = class.map(|seen| seen + 1);
        match (first, class) {
            ('\\', _) => {
                len = escape(rest, &mut mended);
                class = seen;
            }
            ('[', None) => {
                mended.push('[');
                class = Some(0);
                if rest.starts_with("[^") {
                    mended.push('^');
                    len = 2;
                }
            }
            (']', Some(seen)) if seen > 0 => {
                mended.push(']');
                class = None;
            }
            ('[', Some(_)) => {
                match named_class(rest) {
                    Some(name) => {
                        mended.push_str(name);
                        len = name.len();
                    }
                    None => mended.push_str("\\["),
                }
                class = seen;
            }
            ('&' | '~', Some(_)) => {
                mended.push('\\');
                mended.push(first);
                class = seen;
            }
            ('-', Some(before)) if rest.starts_with("--") => {
                // The first one is a range's dash unless nothing stands before it.
                mended.push_str(if before == 0 { "\\--" } else { "-\\-" });
                len = 2;
                class = Some(before + 2);
            }
            ('{', None) if !is_count(rest) => mended.push_str("\\{"),
            (other, _) => {
                mended.push(other);
                class = seen;
            }
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    mended
}

/// Writes an escape, and says how long it was.
fn escape(rest: &str, mended: &mut String) -> usize {
    let Some(escaped) = rest.chars().nth(1) else {
        mended.push('\\');
        return 1;
    };
    match escaped {
        'Q' => {
            let quoted = rest.get(2..).unwrap_or_default();
            let (quoted, end) = quoted
                .split_once("\\E")
                .map_or((quoted, rest.len()), |(quoted, _)| {
                    (quoted, quoted.len() + 4)
                });
            mended.push_str(&regex_syntax::escape(quoted));
            return end;
        }
        'C' => mended.push_str("(?s-u:.)"),
        '<' | '>' => mended.push(escaped),
        _ => {
            mended.push('\\');
            mended.push(escaped);
            // The braces of \x{..} and \p{..} count nothing.
            if matches!(escaped, 'x' | 'p' | 'P')
                && let Some(end) = rest.find('}').filter(|_| rest.get(2..3) == Some("{"))
            {
                mended.push_str(rest.get(2..=end).unwrap_or_default());
                return end + 1;
            }
        }
    }
    1 + escaped.len_utf8()
}

/// `[:alpha:]` and its like.
fn named_class(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix("[:")?;
    let end = inner.find(":]")?;
    let name = inner.get(..end)?.trim_start_matches('^');
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    plain.then(|| rest.get(..end + 4)).flatten()
}

/// Whether a `{` begins a count: `{3}`, `{3,}`, `{3,5}`.
fn is_count(rest: &str) -> bool {
    let Some((inner, _)) = rest.get(1..).and_then(|rest| rest.split_once('}')) else {
        return false;
    };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}
