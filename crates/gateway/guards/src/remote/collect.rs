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

use super::hunks::Hunk;

/// A text of a body, or a part of one that goes on. Places are in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collected {
    pub(super) channel: Channel,
    pub(super) text: String,
    /// Where it begins in its channel.
    pub(super) start: u64,
    /// What ends before this place was told before.
    pub(super) from: usize,
    /// What begins from this place on is told later, when more of the text is there.
    pub(super) sure: usize,
    /// Nothing follows.
    pub(super) last: bool,
}

impl Collected {
    /// A whole text.
    pub(super) const fn whole(channel: Channel, text: String) -> Self {
        Self {
            channel,
            sure: text.len(),
            text,
            start: 0,
            from: 0,
            last: true,
        }
    }

    pub(super) fn part(&self) -> Part<'_> {
        Part {
            speaker: self.speaker(),
            text: &self.text,
        }
    }

    fn speaker(&self) -> Speaker {
        match (self.channel.kind, self.channel.role) {
            (Kind::ToolResult, _) | (_, Role::Tool) => Speaker::Tool,
            (_, Role::System) => Speaker::System,
            (_, Role::Assistant) => Speaker::Assistant,
            (_, Role::User | Role::Unknown) => Speaker::User,
        }
    }

    /// Whether a service that has seen one of them has seen the other.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let place = |text: &Self| (text.speaker(), text.from, text.sure, text.last);
        place(self) == place(other) && self.text == other.text
    }

    /// Of places in it those that are told now, and how far the text is then looked at for good.
    pub(super) fn told<'h>(&self, mut places: Vec<Hunk<'h>>) -> (Vec<Hunk<'h>>, usize) {
        places.sort_by_key(|place| place.span.start);
        let (mut reach, mut unsure) = (self.sure, usize::MAX);
        places.retain_mut(|place| {
            if !self.last && place.span.end >= self.text.len() {
                // It may go on.
                unsure = unsure.min(place.span.start);
                return false;
            }
            if place.span.end <= self.from || (!self.last && place.span.start >= reach) {
                return false;
            }
            place.span.start = place.span.start.max(self.from);
            reach = reach.max(place.span.end);
            true
        });
        (places, reach.min(unsure))
    }
}

/// Whether services are shown texts of this kind: what is said, what tools gave back and what they are called with.
pub(super) const fn is_shown(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Text | Kind::ToolResult | Kind::ToolArguments | Kind::Refusal | Kind::Reasoning
    )
}

type Shared = Arc<Mutex<Vec<Collected>>>;

/// Collects what is said.
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
        is_shown(channel.kind).then(|| {
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
        lock(&self.to).push(Collected::whole(self.channel, self.text.clone()));
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

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
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
