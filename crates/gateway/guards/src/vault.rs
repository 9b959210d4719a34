//! What was taken out of a prompt, to be put back into its answer. It lives as long as its call, or, where its
//! calls are one conversation, as long as that: in memory only.

use std::fmt;

use bytes::Bytes;
use memchr::memmem;

/// The most placeholders of one call; beyond it things are redacted for good.
const MAX: usize = 1_000;

/// Placeholders and what they stand for.
#[derive(Default)]
pub(crate) struct Vault {
    /// The prompt: a placeholder must not occur in it already.
    prompt: Bytes,
    kept: Vec<Kept>,
}

#[derive(Clone)]
struct Kept {
    placeholder: Box<str>,
    value: Box<str>,
    name: Box<str>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it keeps is what nobody else may see.
        write!(f, "Vault({})", self.kept.len())
    }
}

impl Vault {
    /// For a prompt.
    pub(crate) const fn new(prompt: Bytes) -> Self {
        Self {
            prompt,
            kept: Vec::new(),
        }
    }

    /// For a prompt of a conversation whose earlier prompts were rewritten with these.
    pub(crate) fn after(prompt: Bytes, before: &Self) -> Self {
        Self {
            prompt,
            kept: before.kept.clone(),
        }
    }

    /// Without the prompt, for what comes after.
    pub(crate) fn remembered(&self) -> Self {
        Self::after(Bytes::new(), self)
    }

    /// The prompt was rewritten: it is not needed any more.
    pub(crate) fn close(&mut self) {
        self.prompt = Bytes::new();
    }

    /// Whether there is nothing to put back.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The placeholder of a value: the same for the same value. `None`: there are too many.
    pub(crate) fn keep(&mut self, name: &str, value: &str) -> Option<Box<str>> {
        let same = |kept: &&Kept| *kept.name == *name && *kept.value == *value;
        if let Some(kept) = self.kept.iter().find(same) {
            return Some(kept.placeholder.clone());
        }
        if self.kept.len() >= MAX {
            return None;
        }
        let first = 1 + self.kept.iter().filter(|kept| *kept.name == *name).count();
        let fresh = |number: usize| {
            let placeholder = format!("[{name}_{number}]");
            let taken = memmem::find(&self.prompt, placeholder.as_bytes()).is_some()
                || self
                    .kept
                    .iter()
                    .any(|kept| *kept.placeholder == *placeholder);
            (!taken).then_some(placeholder)
        };
        let placeholder: Box<str> = (first..first + MAX).find_map(fresh)?.into();
        self.kept.push(Kept {
            placeholder: placeholder.clone(),
            value: value.into(),
            name: name.into(),
        });
        Some(placeholder)
    }

    /// What a placeholder stands for.
    pub(crate) fn value(&self, placeholder: &str) -> Option<&str> {
        let mut kept = self.kept.iter();
        let found = kept.find(|kept| *kept.placeholder == *placeholder)?;
        Some(&found.value)
    }

    /// Whether a placeholder begins like this.
    pub(crate) fn begins(&self, text: &str) -> bool {
        let mut kept = self.kept.iter();
        kept.any(|kept| kept.placeholder.starts_with(text))
    }
}
