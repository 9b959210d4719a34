//! Finds placeholders in a text that comes piece by piece.

use tidegate_texts::watch::Edit;

use crate::vault::Vault;

/// Where in a text it is, and what may be the beginning of a placeholder.
#[derive(Debug, Default)]
pub(crate) struct Restorer {
    /// The text's length so far, in bytes.
    length: u64,
    /// From the last bracket on, as long as a placeholder may begin so.
    begun: String,
    edits: Vec<Edit>,
}

impl Restorer {
    /// More of the text.
    pub(crate) fn push(&mut self, text: &str, vault: &Vault) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.begun.is_empty() {
                let Some(at) = memchr::memchr(b'[', rest.as_bytes()) else {
                    self.length += rest.len() as u64;
                    return;
                };
                self.length += at as u64;
                rest = rest.get(at..).unwrap_or_default();
            }
            let Some(next) = rest.chars().next() else {
                return;
            };
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
            self.step(next, vault);
        }
    }

    fn step(&mut self, next: char, vault: &Vault) {
        if next == '[' {
            self.begun.clear();
        }
        self.begun.push(next);
        self.length += next.len_utf8() as u64;
        if !vault.begins(&self.begun) {
            self.begun.clear();
        } else if let Some(value) = vault.value(&self.begun) {
            self.edits.push(Edit {
                span: self.length - self.begun.len() as u64..self.length,
                with: value.into(),
            });
            self.begun.clear();
        }
    }

    /// There is no more.
    pub(crate) fn finish(&mut self) {
        self.begun.clear();
    }

    /// Before this offset everything is decided.
    pub(crate) fn decided(&self) -> u64 {
        self.length - self.begun.len() as u64
    }

    /// Takes the edits.
    pub(crate) fn edits(&mut self) -> Vec<Edit> {
        std::mem::take(&mut self.edits)
    }
}
