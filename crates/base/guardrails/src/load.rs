//! Rules from files in gitleaks' format (`gitleaks.toml`, which betterleaks reads too), an operator's or
//! our own.
//!
//! What the format says about files and commits says nothing about conversations: rules and allow lists that
//! ask for a path or a commit never apply, and a [`Warning`] says so. Whatever is not understood is a
//! warning or an error, never dropped in silence. A comment `gitleaks:allow` in a text is no reason to
//! let a secret pass: whoever writes a prompt could switch the scan off.
//!
//! A table `[rules.tidegate]` of our own may stand in each rule: `check`, `kind`, `specificity`, `score`,
//! `examples`, `counterexamples`. Gitleaks passes over it.

mod allow;
mod one;
mod re2;
mod table;

use toml::Table;

pub use self::re2::mended;
use self::table::Reader;
use crate::rule::{Allow, Check, Rule, RuleId};

/// The most bytes of a file.
pub const LARGEST: usize = 4 * 1024 * 1024;
/// The most warnings that are kept; the last one says how many more there were.
const WARNINGS: usize = 200;

/// Something that the file says and that has no effect here, or another one than it has elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The rule it stands in; empty: in none.
    pub rule: Box<str>,
    /// What it is, and what it means here.
    pub text: Box<str>,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{text}", place(rule))]
pub struct LoadError {
    /// The rule it stands in; empty: in none.
    pub rule: Box<str>,
    /// The reason, and what to do about it.
    pub text: Box<str>,
}

fn place(rule: &str) -> String {
    match rule.is_empty() {
        true => String::new(),
        false => format!("rule {rule}: "),
    }
}

/// What a rule must find and must not find, by its own author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examples {
    /// The rule.
    pub rule: RuleId,
    /// Texts in which it finds something.
    pub good: Vec<Box<str>>,
    /// Texts in which it finds nothing.
    pub bad: Vec<Box<str>>,
}

/// A file that was read.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Its rules, in their order. Not yet compiled.
    pub rules: Vec<Rule>,
    /// What has no effect here.
    pub warnings: Vec<Warning>,
    /// What its rules are tested with.
    pub examples: Vec<Examples>,
    /// It asks for the default rules too (`[extend] useDefault`): see [`Loaded::with_default`].
    pub extends_default: bool,
    /// The default rules that it does not want.
    pub disabled: Vec<Box<str>>,
    /// Rules without a pattern, which add to default rules of the same name.
    additions: Vec<Rule>,
    global: Vec<Global>,
}

/// An allow list for many rules.
#[derive(Debug, Clone)]
struct Global {
    allow: Allow,
    /// The rules; none: all.
    only: Vec<Box<str>>,
}

impl Loaded {
    /// The default rules, if the file asks for them, changed as it says; then its own.
    #[must_use]
    pub fn with_default(self, default: Vec<Rule>) -> Vec<Rule> {
        if !self.extends_default {
            return self.rules;
        }
        let mut all: Vec<Rule> = default
            .into_iter()
            .filter(|rule| !self.disabled.contains(&rule.id))
            .filter(|rule| self.rules.iter().all(|own| own.id != rule.id))
            .collect();
        for rule in &mut all {
            for addition in self.additions.iter().filter(|each| each.id == rule.id) {
                rule.keywords.extend(addition.keywords.iter().cloned());
                rule.allow.extend(addition.allow.iter().cloned());
                rule.entropy = addition.entropy.or(rule.entropy);
            }
            apply(&self.global, rule);
        }
        all.extend(self.rules);
        all
    }
}

fn apply(global: &[Global], rule: &mut Rule) {
    for global in global {
        if global.only.is_empty() || global.only.contains(&rule.id) {
            rule.allow.push(global.allow.clone());
        }
    }
}

/// Reads a file in gitleaks' format. `checks` gives the check of a name.
///
/// # Errors
/// Everything for which it cannot be used: it is no TOML, lacks what a rule needs, or asks for what there
/// is not. Patterns are checked later, when the rules are compiled.
pub fn gitleaks(
    text: &str,
    checks: impl Fn(&str) -> Option<Check>,
) -> Result<Loaded, Vec<LoadError>> {
    let fatal = |text: String| {
        vec![LoadError {
            rule: "".into(),
            text: text.into(),
        }]
    };
    if text.len() > LARGEST {
        return Err(fatal(format!(
            "the file has {} bytes, {LARGEST} are allowed",
            text.len()
        )));
    }
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            text.bytes()
                .take(span.start)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1
        });
        fatal(format!("line {line}: {}", error.message()))
    })?;
    let mut reader = Reader::default();
    let mut loaded = Loaded::default();
    top(&mut reader, &table, &checks, &mut loaded);
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    let more = reader.warnings.len().saturating_sub(WARNINGS);
    reader.warnings.truncate(WARNINGS);
    if more > 0 {
        reader.warn(format!("{more} more warnings are not shown"));
    }
    loaded.warnings = reader.warnings;
    Ok(loaded)
}

fn top(
    reader: &mut Reader,
    table: &Table,
    checks: &dyn Fn(&str) -> Option<Check>,
    loaded: &mut Loaded,
) {
    for (key, value) in table {
        match key.to_lowercase().as_str() {
            // What they are called, and from which version of gitleaks on, changes nothing.
            "title" | "description" | "minversion" => {}
            "extend" => {
                if let Some(extend) = reader.table(key, value) {
                    extension(reader, extend, loaded);
                }
            }
            "allowlist" | "allowlists" => {
                for each in reader.tables(key, value) {
                    if let (Some(allow), only) = allow::read(reader, each) {
                        loaded.global.push(Global { allow, only });
                    }
                }
            }
            "rules" => {
                for each in reader.tables(key, value) {
                    one::read(reader, each, checks, loaded);
                }
            }
            _ => reader.unknown(key),
        }
    }
    if !loaded.extends_default {
        for rule in &loaded.additions {
            reader.rule = rule.id.clone();
            reader.error("it has no regex: add one, or remove the rule");
        }
        reader.rule = "".into();
    }
    for rule in &mut loaded.rules {
        apply(&loaded.global, rule);
    }
    if reader.paths > 0 {
        reader.warn(format!(
            "{} allow lists speak of paths or commits; conversations have none, so these parts \
             never apply",
            reader.paths
        ));
    }
}

fn extension(reader: &mut Reader, table: &Table, loaded: &mut Loaded) {
    for (key, value) in table {
        match key.to_lowercase().as_str() {
            "usedefault" => {
                loaded.extends_default = reader.boolean(key, value);
                if loaded.extends_default {
                    reader.warn("useDefault adds Tidegate's default rules, not those of gitleaks");
                }
            }
            "disabledrules" => loaded.disabled = reader.strings(key, value),
            "path" | "url" => reader.error(format!(
                "extend.{key} names another file, and files are not read from here: put its rules \
                 into this one"
            )),
            _ => reader.unknown(&format!("extend.{key}")),
        }
    }
}

#[cfg(test)]
mod tests;
