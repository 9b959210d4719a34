//! Variables in a launch, for its identity only. What the environment holds is not asked: it may be a
//! secret, and the same file must give the same identity whoever is logged in.

/// What is known of variables: names without `$`, and their values.
pub(super) type Known<'k> = [(&'k str, &'k str)];

/// A text with what is known put in. `${NAME}`, `${NAME:-default}`, `${env:NAME}` and OpenCode's
/// `{env:NAME}`; what is not known stays as it stands.
pub(super) fn expand(text: &str, known: &Known<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let inner = rest.strip_prefix("${").or_else(|| {
            let brace = rest.strip_prefix('{')?;
            brace.starts_with("env:").then_some(brace)
        });
        let put = inner.and_then(|inner| {
            let (variable, after) = inner.split_once('}')?;
            Some((value(variable, known)?, after))
        });
        if let Some((value, after)) = put {
            out.push_str(value);
            rest = after;
        } else {
            // Both are one byte.
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn value<'v>(variable: &'v str, known: &Known<'v>) -> Option<&'v str> {
    let (name, default) = match variable.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (variable, None),
    };
    let name = name.strip_prefix("env:").unwrap_or(name);
    let known = known.iter().find(|(known, _)| *known == name);
    known.map(|(_, value)| *value).or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_put_in() {
        let known = [("HOME", "/home/ada"), ("ROOT", "/p")];
        for (text, expanded) in [
            ("${HOME}/x", "/home/ada/x"),
            ("${ROOT}/a/${ROOT}", "/p/a//p"),
            ("${PYX:-python3}", "python3"),
            ("${HOME:-no}", "/home/ada"),
            ("${env:HOME}", "/home/ada"),
            ("{env:HOME}/y", "/home/ada/y"),
            ("${TOKEN}", "${TOKEN}"),
            ("{\"a\": 1}", "{\"a\": 1}"),
            ("$HOME é ${", "$HOME é ${"),
            ("${A:-${HOME}}", "${HOME}"),
        ] {
            assert_eq!(expand(text, &known), expanded, "{text}");
        }
    }
}
