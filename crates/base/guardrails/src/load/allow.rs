//! Allow lists of files.

use toml::Table;

use super::{re2::mended, table::Reader};
use crate::rule::{Allow, AllowTarget};

/// The list, if it can ever apply, and the rules that it is for.
pub(super) fn read(reader: &mut Reader, table: &Table) -> (Option<Allow>, Vec<Box<str>>) {
    let mut allow = Allow::default();
    let (mut files, mut only) = (false, Vec::new());
    for (key, value) in table {
        match key.to_lowercase().as_str() {
            "id" | "description" => {}
            "regexes" => {
                let regexes = reader.strings(key, value);
                allow.regexes = regexes.iter().map(|each| mended(each).into()).collect();
            }
            "stopwords" => {
                let words = reader.strings(key, value);
                allow.stopwords = words
                    .iter()
                    .map(|word| word.to_lowercase().into())
                    .collect();
            }
            "regextarget" => match reader.string(key, value) {
                "" | "secret" => {}
                "match" => allow.target = AllowTarget::Match,
                "line" => allow.target = AllowTarget::Line,
                _ => reader.error("regexTarget must be secret, match or line"),
            },
            "condition" => match reader.string(key, value).to_uppercase().as_str() {
                "" | "OR" | "||" => {}
                "AND" | "&&" => allow.all = true,
                _ => reader.error("condition must be OR or AND"),
            },
            "paths" | "commits" => files |= !reader.strings(key, value).is_empty(),
            "targetrules" => only = reader.strings(key, value),
            _ => reader.unknown(&format!("allowlist.{key}")),
        }
    }
    reader.paths += usize::from(files);
    let says_nothing = allow.regexes.is_empty() && allow.stopwords.is_empty();
    // All must hold, and one never does.
    let never = says_nothing || (allow.all && files);
    ((!never).then_some(allow), only)
}
