//! What an interpreter runs: read from its command line, by each interpreter's own rules for options.

/// What a command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Runs {
    /// A file, as it was given.
    Script(String),
    /// A module or a main class.
    Module(String),
    /// Code from the command line or from standard input, or nothing that can be told.
    Nothing,
}

/// An interpreter whose options are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interpreter {
    Node,
    Bun,
    Deno,
    Python,
    Ruby,
    Java,
    Shell,
}

impl Interpreter {
    /// By the executable's base name; a version at the end does not matter.
    pub(crate) fn of(executable: &str) -> Option<Self> {
        let base = executable.rsplit('/').next().unwrap_or(executable);
        Some(
            match base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
                "node" | "nodejs" => Self::Node,
                "bun" | "bunx" => Self::Bun,
                "deno" => Self::Deno,
                "python" | "pypy" => Self::Python,
                "ruby" => Self::Ruby,
                "java" => Self::Java,
                "bash" | "sh" | "dash" | "zsh" | "ksh" | "ash" => Self::Shell,
                _ => return None,
            },
        )
    }

    /// Whether its programs come in npm packages.
    pub(crate) const fn is_javascript(self) -> bool {
        matches!(self, Self::Node | Self::Bun | Self::Deno)
    }

    /// Options whose value is the next argument.
    const fn valued(self) -> &'static [&'static str] {
        match self {
            Self::Node => &[
                "-r",
                "--require",
                "--import",
                "--loader",
                "--experimental-loader",
                "-C",
                "--conditions",
                "--title",
                "--input-type",
                "--icu-data-dir",
                "--env-file",
                "--openssl-config",
                "--stack-trace-limit",
                "--inspect-port",
                "--redirect-warnings",
                "--diagnostic-dir",
                "--report-dir",
                "--report-directory",
                "--watch-path",
            ],
            Self::Bun => &[
                "-r",
                "--preload",
                "--require",
                "--import",
                "-c",
                "--config",
                "--cwd",
                "--env-file",
                "-d",
                "--define",
                "-l",
                "--loader",
                "--filter",
                "-F",
            ],
            Self::Deno => &[
                "-c",
                "--config",
                "--import-map",
                "-L",
                "--log-level",
                "--lock",
                "--cert",
                "--location",
                "--seed",
                "--env-file",
                "--preload",
            ],
            Self::Python => &["-W", "-X", "-Q", "--check-hash-based-pycs"],
            Self::Ruby => &["-I", "-r", "-C", "-E", "--encoding"],
            Self::Java => &[
                "-cp",
                "-classpath",
                "--class-path",
                "-p",
                "--module-path",
                "--add-modules",
                "--add-opens",
                "--add-exports",
                "--add-reads",
                "--limit-modules",
                "--upgrade-module-path",
            ],
            Self::Shell => &["-o", "+o", "-O", "+O", "--rcfile", "--init-file"],
        }
    }

    /// Options that bring code with them: there is no script then.
    const fn inline(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["-e", "--eval", "-p", "--print", "-pe"],
            Self::Bun => &["-e", "--eval", "-p", "--print"],
            Self::Deno | Self::Java => &[],
            Self::Python | Self::Shell => &["-c"],
            Self::Ruby => &["-e"],
        }
    }

    /// Subcommands that stand before the script.
    const fn subcommands(self) -> &'static [&'static str] {
        match self {
            Self::Bun => &["run", "x"],
            Self::Deno => &["run", "serve"],
            _ => &[],
        }
    }

    /// What a command line, its first word being the interpreter itself, runs.
    pub(crate) fn runs(self, command: &[String]) -> Runs {
        let mut words = command.iter().skip(1).map(String::as_str);
        let mut subcommands = self.subcommands();
        while let Some(word) = words.next() {
            if word == "-" || word.is_empty() {
                return Runs::Nothing;
            }
            if word == "--" {
                return words.next().map_or(Runs::Nothing, script);
            }
            if self == Self::Shell && word.starts_with('+') {
                if self.valued().contains(&word) {
                    words.next();
                }
                continue;
            }
            if !word.starts_with('-') {
                if subcommands.contains(&word) {
                    subcommands = &[];
                    continue;
                }
                return match self {
                    Self::Java => Runs::Module(word.to_owned()),
                    _ => script(word),
                };
            }
            if self.inline().contains(&word) {
                return Runs::Nothing;
            }
            match self.option(word, &mut words) {
                Some(runs) => return runs,
                None if self.valued().contains(&word) => drop(words.next()),
                None => {}
            }
        }
        Runs::Nothing
    }

    /// Options that end the line in a way of their own.
    fn option<'a>(self, word: &str, words: &mut impl Iterator<Item = &'a str>) -> Option<Runs> {
        let next = |words: &mut dyn Iterator<Item = &'a str>, to: fn(&str) -> Runs| {
            Some(words.next().map_or(Runs::Nothing, to))
        };
        match (self, word) {
            (Self::Java, "-jar") => return next(words, script),
            (Self::Java, "-m" | "--module") => return next(words, module),
            (Self::Python | Self::Ruby | Self::Shell, _) if !word.starts_with("--") => {}
            _ => return None,
        }
        // Letters in one word, such as `-Im NAME`, `-uc CODE`, `-lc CODE`; the rest of the word is the
        // value where there is one (`-mNAME`).
        let letters = &word[1..];
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            match (self, letter) {
                (Self::Python, 'm') if rest.is_empty() => return next(words, module),
                (Self::Python, 'm') => return Some(module(rest)),
                (Self::Python | Self::Shell, 'c') | (Self::Ruby, 'e') => {
                    return Some(Runs::Nothing);
                }
                // Everything after it is its value.
                (Self::Python, 'W' | 'X' | 'Q') | (Self::Ruby, 'I' | 'r' | 'C' | 'E') => {
                    return None;
                }
                (Self::Shell, 's') => return Some(Runs::Nothing),
                _ => {}
            }
        }
        None
    }
}

fn script(word: &str) -> Runs {
    Runs::Script(word.to_owned())
}

fn module(word: &str) -> Runs {
    Runs::Module(word.split('/').next().unwrap_or(word).to_owned())
}

#[cfg(test)]
mod tests;
