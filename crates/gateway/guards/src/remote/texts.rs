//! The texts of an answer that comes as a stream, as far as they have come, and how far services have seen them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tidegate_texts::{
    channel::Channel,
    watch::{Edit, Watch, Watcher},
};

use super::{
    asking::Said,
    collect::{Collected, is_shown},
};

/// One text.
#[derive(Debug)]
struct Text {
    channel: Channel,
    /// All of it that has come.
    all: String,
    finished: bool,
    /// How much of it services were asked about.
    asked: usize,
    /// How much of it is looked at for good.
    decided: usize,
    /// Every edit of it, in their order, and how many of them were made.
    edits: Vec<Edit>,
    made: usize,
}

/// The texts of one answer. Whoever reads the stream fills it, and whoever writes it takes from it; both number
/// channels in the same way.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts(Arc<Mutex<BTreeMap<u32, Text>>>);

/// How a text is cut into what a service is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// It is asked when so many characters have come.
    pub(super) characters: usize,
    /// So many that it has seen already it sees again.
    pub(super) overlap: usize,
    /// Whether those wait until it has seen them again.
    pub(super) holds: bool,
}

impl Texts {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u32, Text>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a service is to be asked now.
    pub(super) fn are_due(&self, cut: Cut) -> bool {
        self.open().values().any(|text| {
            let more = text.all.get(text.asked..).unwrap_or_default();
            text.waits() && (text.finished || more.chars().nth(cut.characters - 1).is_some())
        })
    }

    /// Whether nothing waits.
    pub(super) fn are_decided(&self) -> bool {
        self.open()
            .values()
            .all(|text| text.decided == text.all.len())
    }

    /// How much has come, in bytes.
    pub(super) fn length(&self) -> usize {
        self.open().values().map(|text| text.all.len()).sum()
    }

    /// Takes what a service is to be asked about. What repeats another text of the answer has the same edits, and is
    /// asked about once.
    pub(super) fn take(&self, cut: Cut) -> Vec<Collected> {
        let mut texts = self.open();
        let mut taken: Vec<Collected> = Vec::new();
        let waiting: Vec<u32> = texts
            .iter()
            .filter(|(_, text)| text.waits())
            .map(|(number, _)| *number)
            .collect();
        for number in waiting {
            let Some(text) = texts.get(&number) else {
                continue;
            };
            let fresh = text.finished && text.asked == 0;
            let other = texts.values().find(|other| {
                let same =
                    other.channel.number != number && other.finished && other.all == text.all;
                fresh && same && other.asked > 0
            });
            let edits = other.map(|other| (other.decided == other.all.len(), other.edits.clone()));
            let Some(text) = texts.get_mut(&number) else {
                continue;
            };
            match edits {
                Some((true, edits)) => text.settle(edits),
                // The other one is asked about now.
                Some((false, _)) => {}
                None => taken.extend(text.take(cut)),
            }
        }
        taken
    }

    /// Notes what services made of what was taken.
    pub(super) fn note(&self, said: Said) {
        let mut texts = self.open();
        let Said { mut edits, decided } = said;
        for (number, decided) in decided {
            if let Some(text) = texts.get_mut(&number) {
                let decided = usize::try_from(decided).unwrap_or(usize::MAX);
                text.decided = decided.clamp(text.decided, text.all.len());
                let more = edits.remove(&number).unwrap_or_default();
                text.edits = crate::watching::apart(std::mem::take(&mut text.edits), more);
            }
        }
    }
}

impl Text {
    /// Whether a service may have to see more of it, or the last of it again.
    const fn waits(&self) -> bool {
        self.asked < self.all.len() || (self.finished && self.decided < self.all.len())
    }

    fn settle(&mut self, edits: Vec<Edit>) {
        self.edits = edits;
        (self.asked, self.decided) = (self.all.len(), self.all.len());
    }

    fn take(&mut self, cut: Cut) -> Option<Collected> {
        let length = self.all.len();
        if self.finished && self.all.get(self.decided..)?.trim().is_empty() {
            (self.asked, self.decided) = (length, length);
            return None;
        }
        let back = |from: &str| {
            from.char_indices()
                .rev()
                .nth(cut.overlap.checked_sub(1)?)
                .map(|(at, _)| at)
        };
        let start = if cut.holds {
            self.decided
        } else {
            let seen = self.all.get(..self.asked)?;
            if cut.overlap == 0 {
                self.asked
            } else {
                back(seen).unwrap_or(0)
            }
        };
        let text = self.all.get(start..)?.to_owned();
        let sure = match (self.finished, cut.holds, cut.overlap) {
            (true, ..) | (_, false, _) | (.., 0) => text.len(),
            _ => back(&text).unwrap_or(0),
        };
        let from = if cut.holds { 0 } else { self.asked - start };
        self.asked = length;
        if !cut.holds {
            self.decided = length;
        }
        Some(Collected {
            channel: self.channel,
            text,
            start: start as u64,
            from,
            sure,
            last: self.finished || !cut.holds,
        })
    }
}

/// Fills the texts as they come; nothing is held back by it.
impl Watcher for Texts {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        if !is_shown(channel.kind) {
            return None;
        }
        let text = Text {
            channel,
            all: String::new(),
            finished: false,
            asked: 0,
            decided: 0,
            edits: Vec::new(),
            made: 0,
        };
        self.open().insert(channel.number, text);
        Some(Box::new(Filling {
            texts: self.clone(),
            number: channel.number,
            length: 0,
        }))
    }
}

#[derive(Debug)]
struct Filling {
    texts: Texts,
    number: u32,
    length: u64,
}

impl Watch for Filling {
    fn push(&mut self, more: &str) {
        self.length += more.len() as u64;
        if let Some(text) = self.texts.open().get_mut(&self.number) {
            text.all.push_str(more);
        }
    }

    fn finish(&mut self) {
        if let Some(text) = self.texts.open().get_mut(&self.number) {
            text.finished = true;
        }
    }

    fn decided(&self) -> u64 {
        self.length
    }

    fn edits(&mut self) -> Vec<Edit> {
        Vec::new()
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// Lets pass what is decided, with the edits made.
#[derive(Debug)]
pub(super) struct Decided(pub(super) Texts);

impl Watcher for Decided {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        is_shown(channel.kind).then(|| {
            Box::new(Passing {
                texts: self.0.clone(),
                number: channel.number,
                length: 0,
                whole: false,
            }) as Box<dyn Watch>
        })
    }
}

#[derive(Debug)]
struct Passing {
    texts: Texts,
    number: u32,
    length: u64,
    /// All of it was looked at: the stream is written up to its end only then.
    whole: bool,
}

impl Watch for Passing {
    fn push(&mut self, more: &str) {
        self.length += more.len() as u64;
    }

    fn finish(&mut self) {
        self.whole = true;
    }

    fn decided(&self) -> u64 {
        if self.whole {
            return self.length;
        }
        let texts = self.texts.open();
        texts.get(&self.number).map_or(0, |text| {
            let decided = self.length.min(text.decided as u64);
            // An edit that begins before that and ends after it waits as a whole.
            let across = text.edits.iter().find(|edit| edit.span.end > decided);
            across.map_or(decided, |edit| edit.span.start.min(decided))
        })
    }

    fn edits(&mut self) -> Vec<Edit> {
        let decided = self.decided();
        let mut texts = self.texts.open();
        let Some(text) = texts.get_mut(&self.number) else {
            return Vec::new();
        };
        let rest = text.edits.get(text.made..).unwrap_or_default();
        let ready: Vec<Edit> = rest
            .iter()
            .take_while(|edit| edit.span.end <= decided)
            .cloned()
            .collect();
        text.made += ready.len();
        ready
    }

    fn stopped(&self) -> bool {
        false
    }
}
