//! What is wrong with a configuration, said so that it can be mended.

use std::{fmt, path::Path};

/// One problem: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key's path, like `providers[1].base_url`.
    pub key: String,
    /// What is wrong, and a hint. Never holds a secret's value.
    pub text: String,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            text: text.into(),
        }
    }

    pub(super) fn file(path: &Path, text: &str) -> Problems {
        Problems(vec![Self::new(path.display().to_string(), text)])
    }
}

/// All problems of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        writeln!(
            f,
            "{count} problem{} in the configuration:",
            if count == 1 { "" } else { "s" }
        )?;
        for problem in &self.0 {
            writeln!(f, "  {}: {}", problem.key, problem.text)?;
        }
        Ok(())
    }
}
