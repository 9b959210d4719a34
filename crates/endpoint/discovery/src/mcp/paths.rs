//! Patterns of paths, so that places of clients are data.
//!
//! A pattern begins with `~/` (the home), `/` or `C:/` (the machine), `./` (a project), `../` (a project
//! and every folder above it), or `${NAME:-start}` (what the environment of a running client names, and
//! the default besides: another session may go without). Below that `*` stands for any part of a name and
//! `**` for folders of any depth.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::reading::names;

/// How deep `**` goes. Plugins lie four folders deep.
const DEEPEST: usize = 7;
/// How many folders a pattern looks into, and how many files it gives.
const MOST_FOLDERS: usize = 4_000;
const MOST_FILES: usize = 2_000;

/// The existing paths of a pattern's part below its start, sorted. A pattern without stars gives its path,
/// whether it is there or not.
pub(crate) fn below(start: &Path, pattern: &str) -> Vec<PathBuf> {
    if !pattern.contains('*') {
        return vec![start.join(pattern)];
    }
    let parts: Vec<_> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let mut walk = Walk {
        folders: MOST_FOLDERS,
        found: Vec::new(),
    };
    walk.step(start, &parts, DEEPEST);
    walk.found
}

struct Walk {
    folders: usize,
    found: Vec<PathBuf>,
}

impl Walk {
    fn step(&mut self, folder: &Path, parts: &[&str], deep: usize) {
        let Some((part, rest)) = parts.split_first() else {
            return;
        };
        if self.found.len() >= MOST_FILES {
            return;
        }
        if !part.contains('*') {
            return self.enter(folder.join(part), rest, deep);
        }
        let any = *part == "**";
        if any {
            self.step(folder, rest, deep);
        }
        let Some(left) = self.folders.checked_sub(1) else {
            return;
        };
        self.folders = left;
        let (names, _) = names(folder).unwrap_or_default();
        for name in names {
            let path = folder.join(&name);
            if !any && fits(part, &name) {
                self.enter(path, rest, deep);
            } else if any && deep > 0 && is_own_folder(&path) && name != "node_modules" {
                self.step(&path, parts, deep - 1);
            }
        }
    }

    fn enter(&mut self, path: PathBuf, rest: &[&str], deep: usize) {
        if !rest.is_empty() {
            return self.step(&path, rest, deep);
        }
        if fs::symlink_metadata(&path).is_ok() && self.found.len() < MOST_FILES {
            self.found.push(path);
        }
    }
}

/// A folder and no link to one: links make circles.
fn is_own_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Whether a name fits a part with stars in it.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let pieces: Vec<_> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return rest.is_empty();
    };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What a pattern begins with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start<'p> {
    Home,
    Machine,
    Project {
        above: bool,
    },
    /// A variable, and the pattern of its default.
    Variable {
        name: &'p str,
        default: Option<&'p str>,
    },
}

/// A pattern's start, and the rest.
pub(crate) fn start(pattern: &str) -> Option<(Start<'_>, &str)> {
    if let Some(rest) = pattern.strip_prefix("${") {
        let (variable, rest) = rest.split_once('}')?;
        let (name, default) = match variable.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (variable, None),
        };
        return Some((
            Start::Variable { name, default },
            rest.trim_start_matches('/'),
        ));
    }
    if pattern == "~" {
        return Some((Start::Home, ""));
    }
    let starts = [
        ("~/", Start::Home),
        ("./", Start::Project { above: false }),
        ("../", Start::Project { above: true }),
        ("C:/", Start::Machine),
        ("/", Start::Machine),
    ];
    let mut starts = starts.into_iter();
    starts.find_map(|(text, start)| Some((start, pattern.strip_prefix(text)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_parts_of_a_name() {
        for (pattern, name, fit) in [
            ("*", "a", true),
            ("a*.json", "ab.json", true),
            ("a*.json", "a.json", true),
            ("a*b", "aab", true),
            ("ab*ba", "aba", false),
            ("*.yaml", "x.yml", false),
            ("*x*", "axb", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }

    #[test]
    fn patterns_begin_somewhere() {
        assert_eq!(start("~/.x"), Some((Start::Home, ".x")));
        assert_eq!(start("../.x"), Some((Start::Project { above: true }, ".x")));
        let variable = |name, default| Start::Variable { name, default };
        assert_eq!(
            start("${A:-~/.a}/b"),
            Some((variable("A", Some("~/.a")), "b"))
        );
        assert_eq!(start("${A}"), Some((variable("A", None), "")));
        assert_eq!(start("relative"), None);
    }

    #[test]
    fn circles_of_links_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).expect("folders");
        std::os::unix::fs::symlink(folder.path(), deep.join("back")).expect("a link");
        fs::write(deep.join("x.json"), "{}").expect("a file");
        assert_eq!(below(folder.path(), "**/x.json"), [deep.join("x.json")]);
        assert_eq!(below(folder.path(), "*/b/*.json"), [deep.join("x.json")]);
        assert_eq!(below(folder.path(), "none.json").len(), 1);
        assert!(below(folder.path(), "none*.json").is_empty());
    }
}
