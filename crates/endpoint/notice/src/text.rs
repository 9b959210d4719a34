//! Texts of others, made fit to be shown: one line, no tricks, not too long.

/// Turns around the direction of what is read (Unicode's Bidi_Control), so that a sentence can look like
/// another one.
const fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most `most` characters in one line: control characters (line ends, NUL, which D-Bus forbids) and
/// runs of spaces become one space. What was longer ends in an ellipsis.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut gap = false;
    for c in text.chars().filter(|&c| !turns(c)) {
        if c.is_whitespace() || c.is_control() {
            gap = !out.is_empty();
            continue;
        }
        let needed = if gap { 2 } else { 1 };
        if count + needed > most {
            while count >= most && out.pop().is_some() {
                count -= 1;
            }
            out.push('…');
            return out;
        }
        if gap {
            out.push(' ');
        }
        out.push(c);
        count += needed;
        gap = false;
    }
    out
}

/// As body markup (specification, "Markup"): nothing in it is read as a tag or an entity.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_line_and_no_tricks() {
        assert_eq!(plain("  a \n\t b\0c\u{202e}d\u{7}  ", 20), "a b cd");
        assert_eq!(plain("abcdef", 6), "abcdef");
        assert_eq!(plain("abcdefg", 6), "abcde…");
        assert_eq!(plain("abcde fg", 6), "abcde…");
        assert_eq!(plain("ab", 0), "…");
        assert_eq!(
            escaped("<a href='x'>&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;"
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_short_and_inert(text in "\\PC{0,40}|[\\x00-\\x7f\u{202a}-\u{202e} <&]{0,60}", most in 1_usize..30) {
            let shown = plain(&text, most);
            prop_assert!(shown.chars().count() <= most);
            prop_assert!(!shown.chars().any(|c| c.is_control() || turns(c)));
            prop_assert_eq!(shown.trim(), &*shown);
            prop_assert_eq!(&plain(&shown, most), &shown);
            let markup = escaped(&shown);
            prop_assert!(!markup.contains(['<', '>', '"', '\'']));
            let undone = markup.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            prop_assert_eq!(undone.replace("&#39;", "'").replace("&amp;", "&"), shown);
        }
    }
}
