//! Command lines as words: bounded, base names, and options before operands.

/// Words of a command line that are looked at.
pub(super) const MOST_WORDS: usize = 256;
/// Bytes of a word that are looked at.
pub(super) const LONGEST_WORD: usize = 8 * 1024;

/// The part of a command line that is looked at.
pub(super) fn bounded<'a>(words: impl Iterator<Item = &'a String>) -> Vec<String> {
    let cut = |word: &String| {
        let mut end = word.len().min(LONGEST_WORD);
        while !word.is_char_boundary(end) {
            end -= 1;
        }
        word.get(..end).unwrap_or_default().to_owned()
    };
    words.take(MOST_WORDS).map(cut).collect()
}

/// What a path ends with, whatever separates its parts.
pub(super) fn base(path: &str) -> &str {
    let path = path.trim_end_matches(['/', '\\']);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The name by which a program is known: its base name in lower case (systems with `npx.CMD` do not tell
/// cases apart), without an extension that only says that it is one.
pub(super) fn program_name(command: &str) -> String {
    let mut name = base(command.trim()).to_ascii_lowercase();
    for extension in [".exe", ".cmd", ".bat", ".ps1"] {
        if let Some(stem) = name.strip_suffix(extension)
            && !stem.is_empty()
        {
            name.truncate(stem.len());
            break;
        }
    }
    name
}

/// Which options take the word after them as their value.
pub(super) enum Takes {
    /// These, long ones and letters, without hyphens.
    Only(&'static [&'static str]),
    /// These, and these.
    Both(&'static [&'static str], &'static [&'static str]),
    /// All but these.
    AllBut(&'static [&'static str]),
}

impl Takes {
    fn value(&self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(&name),
            Self::Both(names, more) => names.contains(&name) || more.contains(&name),
            Self::AllBut(names) => !names.contains(&name),
        }
    }
}

/// The options before the first operand, and what follows.
pub(super) struct Options<'a> {
    given: Vec<(&'a str, Option<&'a str>)>,
    /// Operands, `--` before them taken off.
    pub(super) rest: &'a [String],
}

impl<'a> Options<'a> {
    /// Reads options as most programs do (POSIX.1-2024 §12.2, and long ones as GNU has them).
    pub(super) fn read(words: &'a [String], takes: &Takes) -> Self {
        let mut given = Vec::new();
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            if word == "--" {
                rest = after;
                break;
            }
            if !word.starts_with('-') || word == "-" {
                break;
            }
            rest = after;
            let mut next = || {
                let (value, after) = rest.split_first()?;
                rest = after;
                Some(value.as_str())
            };
            if let Some(long) = word.strip_prefix("--") {
                match long.split_once('=') {
                    Some((name, value)) => given.push((name, Some(value))),
                    None if takes.value(long) => given.push((long, next())),
                    None => given.push((long, None)),
                }
                continue;
            }
            for (at, letter) in word.char_indices().skip(1) {
                let end = at + letter.len_utf8();
                let name = word.get(at..end).unwrap_or_default();
                if !takes.value(name) {
                    given.push((name, None));
                    continue;
                }
                let glued = word.get(end..).filter(|text| !text.is_empty());
                let value = glued.map(|text| text.strip_prefix('=').unwrap_or(text));
                given.push((name, value.or_else(&mut next)));
                break;
            }
        }
        Self { given, rest }
    }

    /// Whether one of these is given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.given.iter().any(|(name, _)| names.contains(name))
    }

    /// The last value of these, which is the one that counts.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'a str> {
        self.values(names).last()
    }

    /// All values of these.
    pub(super) fn values(&self, names: &[&str]) -> impl Iterator<Item = &'a str> {
        let these = self
            .given
            .iter()
            .filter(move |(name, _)| names.contains(name));
        these.filter_map(|(_, value)| *value)
    }
}

/// `NAME=value` before a command.
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// What stands after the assignments.
pub(super) fn after_assignments(words: &[String]) -> &[String] {
    let count = words.iter().take_while(|word| is_assignment(word)).count();
    words.get(count..).unwrap_or_default()
}
