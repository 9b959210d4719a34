//! Paths and names as texts: how tables write them, and how people may read them.

use std::path::Path;

/// A path as the tables write them: slashes, and no drive.
pub(super) fn slashes(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let path = match path.split_once(':') {
        Some((drive, rest)) if drive.len() == 1 => rest,
        _ => &path,
    };
    path.trim_end_matches('/').to_owned()
}

/// Whether a path is another, or lies below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where a link points to, seen from the link, without asking the disk.
pub(super) fn resolved(link: &str, target: &str) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("{folder}/{target}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A text of somebody else for people to read: one line, no control characters, 300 characters at most.
pub(super) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown = text.chars().map(|c| if hidden(c) { ' ' } else { c });
    let shown: String = shown.take(300).collect();
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_without_the_disk() {
        for (link, target, leads) in [
            ("/a/b", "c", "/a/c"),
            ("/a/b", "../c/./d", "/c/d"),
            ("/a/b", "/x//y/", "/x/y"),
            ("/a/b", "../../../../etc/passwd", "/etc/passwd"),
            ("/b", "", "/"),
        ] {
            assert_eq!(resolved(link, target), leads, "{link} {target}");
        }
    }

    #[test]
    fn within_is_by_whole_names() {
        assert!(is_within("/a/b", "/a/b") && is_within("/a/b/c", "/a/b"));
        assert!(!is_within("/a/bc", "/a/b") && !is_within("/a", "/a/b"));
    }

    #[test]
    fn a_drive_is_no_part_of_a_path() {
        for (path, written) in [
            ("C:\\Users\\ada", "/Users/ada"),
            ("C:/Users/ada/", "/Users/ada"),
            ("/home/ada", "/home/ada"),
            ("/home/a:b", "/home/a:b"),
        ] {
            assert_eq!(slashes(Path::new(path)), written, "{path}");
        }
    }
}
