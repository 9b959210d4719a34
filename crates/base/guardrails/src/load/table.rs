//! Values of a TOML table as what they should be, with an error that names them where they are not.

use toml::{Table, Value};

use super::{LoadError, Warning};

/// What was wrong so far, and where the reading is.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The rule that is being read.
    pub(super) rule: Box<str>,
    pub(super) warnings: Vec<Warning>,
    pub(super) errors: Vec<LoadError>,
    /// How many allow lists spoke of paths or commits.
    pub(super) paths: usize,
}

impl Reader {
    pub(super) fn warn(&mut self, text: impl Into<Box<str>>) {
        self.warnings.push(Warning {
            rule: self.rule.clone(),
            text: text.into(),
        });
    }

    pub(super) fn error(&mut self, text: impl Into<Box<str>>) {
        self.errors.push(LoadError {
            rule: self.rule.clone(),
            text: text.into(),
        });
    }

    pub(super) fn unknown(&mut self, key: &str) {
        let key: String = key.chars().take(64).collect();
        self.warn(format!("{key} is not known here and has no effect"));
    }

    fn wrong(&mut self, key: &str, wanted: &str) {
        let key: String = key.chars().take(64).collect();
        self.error(format!("{key} must be {wanted}"));
    }

    pub(super) fn string<'a>(&mut self, key: &str, value: &'a Value) -> &'a str {
        value.as_str().unwrap_or_else(|| {
            self.wrong(key, "a string");
            ""
        })
    }

    pub(super) fn strings(&mut self, key: &str, value: &Value) -> Vec<Box<str>> {
        let all = value.as_array().map(|each| {
            let strings = each.iter().map(|each| each.as_str().map(Box::from));
            strings.collect::<Option<Vec<_>>>()
        });
        all.flatten().unwrap_or_else(|| {
            self.wrong(key, "a list of strings");
            Vec::new()
        })
    }

    pub(super) fn boolean(&mut self, key: &str, value: &Value) -> bool {
        value.as_bool().unwrap_or_else(|| {
            self.wrong(key, "true or false");
            false
        })
    }

    /// A number, whole or not.
    pub(super) fn number(&mut self, key: &str, value: &Value) -> f32 {
        let whole = value.as_integer().map(|number| number as f64);
        value.as_float().or(whole).map_or_else(
            || {
                self.wrong(key, "a number");
                0.0
            },
            |number| number as f32,
        )
    }

    pub(super) fn table<'a>(&mut self, key: &str, value: &'a Value) -> Option<&'a Table> {
        let table = value.as_table();
        if table.is_none() {
            self.wrong(key, "a table");
        }
        table
    }

    /// A list of tables, or one.
    pub(super) fn tables<'a>(&mut self, key: &str, value: &'a Value) -> Vec<&'a Table> {
        let all = match value {
            Value::Table(one) => Some(vec![one]),
            Value::Array(each) => each.iter().map(Value::as_table).collect(),
            _ => None,
        };
        all.unwrap_or_else(|| {
            self.wrong(key, "a list of tables");
            Vec::new()
        })
    }
}
