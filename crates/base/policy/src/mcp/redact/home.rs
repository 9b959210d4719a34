//! Homes in a word become `~`, so that no user's name is told.

/// The word with homes written as `~`: the one that is known, and whatever looks like one.
pub(in crate::mcp) fn tilde(word: &str, home: Option<&str>) -> String {
    let mut text = word.to_owned();
    if let Some(home) = home.map(|home| home.trim_end_matches(['/', '\\']))
        && home.len() > 1
        && text.contains(home)
    {
        text = known(&text, home);
    }
    for variable in ["${HOME}", "$HOME", "%USERPROFILE%", "$env:USERPROFILE"] {
        if text.contains(variable) {
            text = known(&text, variable);
        }
    }
    looks_like(&text)
}

/// Replaces a home where its name ends.
fn known(text: &str, home: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(home) {
        let (before, from) = rest.split_at(at);
        let after = &from[home.len()..];
        out.push_str(before);
        let longer =
            after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        out.push_str(if longer { home } else { "~" });
        rest = after;
    }
    out + rest
}

/// Where systems keep homes; what follows is a user's name. Longer ones first.
const HOMES: [&str; 7] = [
    "/mnt/c/users/",
    "/c/users/",
    "c:\\users\\",
    "c:/users/",
    "/var/home/",
    "/users/",
    "/home/",
];

fn looks_like(text: &str) -> String {
    // ASCII lower case changes no length, so places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut kept = 0;
    while at < text.len() {
        if let Some(end) = home_at(&lower, at) {
            out.push_str(&text[kept..at]);
            out.push('~');
            at = end;
            kept = end;
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    out + &text[kept..]
}

/// Where the home that begins here ends.
fn home_at(lower: &str, at: usize) -> Option<usize> {
    let rest = &lower[at..];
    if !rest.starts_with(['/', 'c']) {
        return None;
    }
    let before = lower[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        return None;
    }
    let name_of = |folder: &&str| {
        let name = rest.strip_prefix(*folder)?;
        let end = name
            .find(['/', '\\', ':', ',', ';', '=', '"', '\'', ' '])
            .unwrap_or(name.len());
        (end > 0).then_some(at + folder.len() + end)
    };
    let root = || {
        let after = rest.strip_prefix("/root")?;
        (after.is_empty() || after.starts_with(['/', ':', ',', '"', '\''])).then_some(at + 5)
    };
    HOMES.iter().find_map(name_of).or_else(root)
}

#[cfg(test)]
mod tests {
    use super::tilde;

    #[test]
    fn homes_are_written_as_a_tilde() {
        for (word, told) in [
            ("/home/ann/x.js", "~/x.js"),
            ("/home/ann", "~"),
            ("--dir=/Users/Ann Lee", "--dir=~ Lee"),
            ("C:\\Users\\ann\\x", "~\\x"),
            ("/mnt/c/Users/ann/x", "~/x"),
            ("file:///home/ann/x", "file://~/x"),
            ("/home/ann:/data", "~:/data"),
            ("/root/x", "~/x"),
            ("/rootfs", "/rootfs"),
            ("/srv/home/ann", "/srv/home/ann"),
            ("https://x.example/home/ann", "https://x.example/home/ann"),
            ("$HOME/x", "~/x"),
            ("${HOME}", "~"),
            ("$HOMES/x", "$HOMES/x"),
            ("/home/", "/home/"),
            ("/homé/ann", "/homé/ann"),
        ] {
            assert_eq!(tilde(word, None), told, "{word}");
        }
        assert_eq!(tilde("/data/u/ann/x", Some("/data/u/ann/")), "~/x");
        assert_eq!(
            tilde("/data/u/anna/x", Some("/data/u/ann")),
            "/data/u/anna/x"
        );
    }
}
