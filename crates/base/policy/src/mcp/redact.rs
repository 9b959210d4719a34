//! Takes credentials out of command lines and URLs. What is doubtful is taken out: a word too many costs
//! a reader a detail, a word too few publishes a key.
//!
//! A credential is told by the name that it is given to (`--api-key`, `TOKEN=`, `Authorization:`), by a
//! known beginning (`ghp_`, `sk-`, a JWT), or by looking random.

mod home;
mod secret;
mod text;
mod url;

pub(super) use home::tilde;
pub use url::redact_url;
pub(super) use url::secret_segment;

use secret::{is_secret, is_secret_name};
use text::{Clean, clean};

/// What stands where something was taken out.
pub(super) const MARK: &str = "***";
/// How deep a command line may lie inside a word of another (`sh -c "…"`).
const DEEPEST: u8 = 3;

/// A command line without its credentials, word by word, homes written as `~`; and whether something in
/// it was taken for a credential. Every value of an environment variable and of a header is taken out.
#[must_use]
pub fn redact_args(args: &[String]) -> (Vec<String>, bool) {
    let mut redactor = Redactor::new(0);
    let words = args.iter().map(|word| redactor.word(word)).collect();
    (words, redactor.found)
}

/// What the next word is.
enum Next {
    /// Told by itself.
    Plain,
    /// A credential; `Bearer` and such stay, and the one after them is it.
    Secret,
    /// A header: `Name: value`, or the name alone.
    Header,
    /// `user:password`.
    User,
    /// A command line of its own.
    Script,
}

struct Redactor {
    depth: u8,
    next: Next,
    found: bool,
}

impl Redactor {
    const fn new(depth: u8) -> Self {
        Self {
            depth,
            next: Next::Plain,
            found: false,
        }
    }

    fn word(&mut self, word: &str) -> String {
        let flag = word.starts_with("--") || (word.starts_with('-') && word.len() == 2);
        match std::mem::replace(&mut self.next, Next::Plain) {
            Next::Secret if !flag => return self.secret(word),
            Next::Header if !flag => return self.header(word),
            Next::User if word.contains(':') => return self.take(),
            Next::Script if self.depth < DEEPEST && word.contains(char::is_whitespace) => {
                return self.pieces(word);
            }
            _ => {}
        }
        if let Some(header) = word.strip_prefix("-H").filter(|rest| rest.contains(':')) {
            return format!("-H{}", self.header(header));
        }
        if let Some(kept) = self.named(word) {
            return kept;
        }
        if is_script_flag(word) {
            self.next = Next::Script;
        } else if word.starts_with('-') {
            self.next = announces(word.trim_start_matches('-'), word);
        } else if is_scheme(word) {
            self.next = Next::Secret;
        }
        self.plain(word)
    }

    fn take(&mut self) -> String {
        self.found = true;
        MARK.to_owned()
    }

    fn secret(&mut self, word: &str) -> String {
        if is_scheme(word) {
            self.next = Next::Secret;
            return word.to_owned();
        }
        self.take()
    }

    fn header(&mut self, word: &str) -> String {
        let Some(at) = word.find([':', '=']) else {
            self.next = Next::Secret;
            return self.plain(word);
        };
        if at + 1 == word.len() {
            self.next = Next::Secret;
            return word.to_owned();
        }
        self.found = true;
        format!("{}: {MARK}", self.plain(&word[..at]))
    }

    /// `--name=value`, `NAME=value`, `Name: value`, where the name says that the value is secret.
    fn named(&mut self, word: &str) -> Option<String> {
        let at = word.find(['=', ':'])?;
        let (name, value) = (&word[..at], &word[at + 1..]);
        let bare = name.trim_start_matches('-').trim_start_matches(['\'', '"']);
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if bare.is_empty() || !bare.bytes().all(is_name) || is_secret(bare) {
            return None;
        }
        let colon = word.as_bytes().get(at) == Some(&b':');
        if colon && !is_secret_name(bare) {
            return None;
        }
        if value.is_empty() {
            if is_secret_name(bare) {
                self.next = Next::Secret;
            }
            return None;
        }
        if is_secret_name(bare) && (!colon || !value.starts_with("//")) {
            self.found = true;
            return Some(format!("{}{}{MARK}", name, &word[at..=at]));
        }
        if colon {
            return None;
        }
        let header = matches!(announces(bare, name), Next::Header);
        if header {
            return Some(format!("{name}={}", self.header(value)));
        }
        if is_variable(name) {
            // What an environment gives is never told, whatever its name.
            self.found |= !text::is_harmless(value);
            return Some(format!("{name}={MARK}"));
        }
        if matches!(bare, "e" | "env" | "environment")
            && let Some((variable, given)) = value.split_once('=')
            && is_variable(variable)
        {
            self.found |= !text::is_harmless(given);
            return Some(format!("{name}={variable}={MARK}"));
        }
        Some(format!("{name}={}", self.plain(value)))
    }

    /// A word that nothing was said about before.
    fn plain(&mut self, word: &str) -> String {
        if self.depth < DEEPEST
            && word.starts_with(['{', '['])
            && let Ok(mut value) = serde_json::from_str(word)
        {
            self.json(&mut value, self.depth);
            return value.to_string();
        }
        if self.depth < DEEPEST && word.contains(char::is_whitespace) {
            return self.pieces(word);
        }
        let Clean { text, found } = clean(word);
        self.found |= found;
        tilde(&text, None)
    }

    fn pieces(&mut self, word: &str) -> String {
        let mut inner = Self::new(self.depth + 1);
        let pieces: Vec<_> = word.split_whitespace().map(|w| inner.word(w)).collect();
        self.found |= inner.found;
        pieces.join(" ")
    }

    fn json(&mut self, value: &mut serde_json::Value, depth: u8) {
        use serde_json::Value;
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item, depth)),
            Value::Object(fields) => {
                let old = std::mem::take(fields);
                for (name, mut item) in old {
                    if is_secret_name(&name) && !item.is_boolean() && !item.is_null() {
                        item = self.take().into();
                    } else {
                        self.json(&mut item, depth);
                    }
                    let Clean { text, found } = clean(&name);
                    self.found |= found;
                    fields.insert(text, item);
                }
            }
            Value::String(text) => {
                let mut inner = Self::new(depth + 1);
                *text = inner.word(text);
                self.found |= inner.found;
            }
            _ => {}
        }
    }
}

/// What a flag says about the word after it. `written` has its hyphens.
fn announces(name: &str, written: &str) -> Next {
    match name.to_ascii_lowercase().as_str() {
        "header" | "headers" => Next::Header,
        "user" | "proxy-user" | "userpwd" => Next::User,
        _ if written == "-H" => Next::Header,
        _ if written == "-u" => Next::User,
        _ if is_secret_name(name) => Next::Secret,
        _ => Next::Plain,
    }
}

/// Whether a command line follows: `sh -lc`, `env -S`, `cmd /c`. Elsewhere, a word with spaces that begins
/// with `NAME=` is one value.
fn is_script_flag(word: &str) -> bool {
    let name = word.trim_start_matches(['-', '/']).to_ascii_lowercase();
    let letters = word.starts_with('-') && !word.starts_with("--") && word.len() <= 8;
    (letters && word.ends_with(['c', 'S']))
        || matches!(word, "/c" | "/C" | "/k" | "/K" | "eval")
        || (word.starts_with('-') && ["call", "command", "stdio", "split-string"].contains(&&*name))
}

/// What stands before a credential in an `Authorization` header (RFC 9110 §11.4).
fn is_scheme(word: &str) -> bool {
    let word = word.trim_start_matches(['\'', '"']);
    ["bearer", "basic", "token", "apikey"]
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// `NAME` of an environment variable, also glued to docker's `-e`.
fn is_variable(name: &str) -> bool {
    let name = name.strip_prefix("-e").unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests;
