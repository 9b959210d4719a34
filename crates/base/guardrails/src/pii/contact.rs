//! E-mail addresses. (Telephone numbers are in [`super::phone`].)

use super::draft;
use crate::rule::{Candidate, Checked, Rule};

pub(super) fn rules() -> Vec<Rule> {
    // RFC 5321 section 4.5.3.1: at most 64 octets before the at sign. A sign of Latin, Greek or Cyrillic
    // (two octets) may stand inside; those of other scripts may not, for they write an address right
    // behind a word. Every label but the last may hold what IDNA allows.
    let local = r"[A-Za-z0-9_](?:[A-Za-z0-9._%+'-]|[\xC3-\xD4][\x80-\xBF]){0,63}";
    let label =
        r"(?:[A-Za-z0-9]|[\xC3-\xD4][\x80-\xBF])(?:[A-Za-z0-9-]|[\xC3-\xD4][\x80-\xBF]){0,62}";
    let pattern = format!(
        r"\b({local}@(?:{label}\.){{1,6}}(?:xn--[A-Za-z0-9-]{{2,40}}|[A-Za-z]{{2,24}}))\b(?::\w|-\w|\()?"
    );
    let email = draft::rule("email", "An e-mail address", &[], pattern, address, &[]);
    vec![Rule {
        score: 0.9,
        ..email
    }]
}

/// Ends of names that are files' and no top-level domain: `icon@2x.png` is no address.
const FILES: [&str; 22] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "mjs", "ts", "tsx", "jsx", "json",
    "html", "htm", "xml", "yaml", "yml", "toml", "txt", "lock", "csv",
];

fn address(candidate: &Candidate<'_>) -> Checked {
    let Some((local, domain)) = candidate.text.rsplit_once('@') else {
        return Checked::No;
    };
    let end = domain.rsplit('.').next().unwrap_or_default();
    let badly_dotted = local.ends_with('.') || local.contains("..");
    let badly_hyphened = domain
        .split('.')
        .any(|label| label.starts_with('-') || label.ends_with('-'));
    let file = FILES.iter().any(|file| end.eq_ignore_ascii_case(file));
    if badly_dotted || badly_hyphened || file || domain.len() > 253 || in_credentials(candidate) {
        return Checked::No;
    }
    // `git@host:path`, `user@host:port` and `obj@mod.call(` look like addresses of machines and code.
    let goes_on = candidate.whole.len() > candidate.text.len();
    match local {
        "git" | "svn" | "hg" => Checked::No,
        _ if goes_on => Checked::Score(0.4),
        _ => Checked::Maybe,
    }
}

/// Whether this is the end of `scheme://user:password@host`: that is a secret, and no address.
fn in_credentials(candidate: &Candidate<'_>) -> bool {
    let ends = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '<' | '(' | ',');
    let word = candidate.before.rsplit(ends).next().unwrap_or_default();
    match word.rsplit_once("://") {
        Some((_, after)) => !after.contains(['/', '?', '#']),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses};

    #[test]
    fn addresses_are_found_without_the_signs_around_them() {
        finds(
            "email",
            "Write to ada.lovelace+x@mail.example.co.uk.",
            "ada.lovelace+x@mail.example.co.uk",
        );
        finds("email", "<o'neil_9@example.org>", "o'neil_9@example.org");
        finds("email", "联系邮箱test@example.cn，谢谢", "test@example.cn");
        finds("email", "an jürgen@müller.de, bitte", "jürgen@müller.de");
        finds(
            "email",
            "mailto:x@example.museum?subject=1",
            "x@example.museum",
        );
        finds(
            "email",
            "a@xn--bcher-kva.example",
            "a@xn--bcher-kva.example",
        );
        finds(
            "email",
            "https://example.org/?to=a@b.example",
            "a@b.example",
        );
    }

    #[test]
    fn what_only_looks_like_one_is_refused() {
        for text in [
            "icon@2x.png",
            "git@github.com:o/r.git",
            "https://bob:hunter2@db.example.com/x",
            "react@18.2.0",
            "someone@localhost",
            "user@-example.com",
            "@Override.equals",
            "john.@example.com",
            "ssh root@host.example:22",
        ] {
            refuses("email", text);
        }
    }
}
