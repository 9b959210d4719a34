//! The texts that a service is shown, and the edits that come of its answer.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tidegate_engines::{Part, Speaker};
use tidegate_texts::{
    channel::{Channel, Kind, Role},
    watch::{Edit, Watch, Watcher},
};

/// A text of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collected {
    pub(super) channel: Channel,
    pub(super) text: String,
}

impl Collected {
    pub(super) fn part(&self) -> Part<'_> {
        Part {
            speaker: match (self.channel.kind, self.channel.role) {
                (Kind::ToolResult, _) | (_, Role::Tool) => Speaker::Tool,
                (_, Role::System) => Speaker::System,
                (_, Role::Assistant) => Speaker::Assistant,
                (_, Role::User | Role::Unknown) => Speaker::User,
            },
            text: &self.text,
        }
    }
}

type Shared = Arc<Mutex<Vec<Collected>>>;

/// Collects what is said: texts, what tools gave back and what they are called with.
#[derive(Debug, Default)]
pub(super) struct Collector(Shared);

impl Collector {
    pub(super) fn texts(&self) -> Vec<Collected> {
        let mut texts = std::mem::take(&mut *lock(&self.0));
        texts.retain(|collected| !collected.text.trim().is_empty());
        texts.sort_by_key(|collected| collected.channel.number);
        texts
    }
}

impl Watcher for Collector {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        let shown = matches!(
            channel.kind,
            Kind::Text | Kind::ToolResult | Kind::ToolArguments | Kind::Refusal | Kind::Reasoning
        );
        shown.then(|| {
            Box::new(Keeping {
                to: Arc::clone(&self.0),
                channel,
                text: String::new(),
            }) as Box<dyn Watch>
        })
    }
}

/// A text that is collected.
#[derive(Debug)]
struct Keeping {
    to: Shared,
    channel: Channel,
    text: String,
}

impl Watch for Keeping {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn finish(&mut self) {
        lock(&self.to).push(Collected {
            channel: self.channel,
            text: self.text.clone(),
        });
    }

    fn decided(&self) -> u64 {
        self.text.len() as u64
    }

    fn edits(&mut self) -> Vec<Edit> {
        Vec::new()
    }

    fn stopped(&self) -> bool {
        false
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Vec<Collected>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Edits by the number of their channel; numbers are the same each time a body is read.
#[derive(Debug, Default)]
pub(super) struct Applier(pub(super) BTreeMap<u32, Vec<Edit>>);

impl Watcher for Applier {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        let edits = self.0.remove(&channel.number)?;
        Some(Box::new(Applying {
            edits,
            length: 0,
            whole: false,
        }))
    }
}

/// A text that is edited when it is whole.
#[derive(Debug)]
struct Applying {
    edits: Vec<Edit>,
    length: u64,
    whole: bool,
}

impl Watch for Applying {
    fn push(&mut self, text: &str) {
        self.length += text.len() as u64;
    }

    fn finish(&mut self) {
        self.whole = true;
    }

    fn decided(&self) -> u64 {
        if self.whole { self.length } else { 0 }
    }

    fn edits(&mut self) -> Vec<Edit> {
        if self.whole {
            std::mem::take(&mut self.edits)
        } else {
            Vec::new()
        }
    }

    fn stopped(&self) -> bool {
        false
    }
}
