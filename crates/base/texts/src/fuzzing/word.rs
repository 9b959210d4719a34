//! A watch that looks for one word, the simplest that holds anything back.

use std::sync::{Arc, Mutex};

use crate::{
    channel::Channel,
    watch::{Edit, Watch, Watcher},
};

/// What is done about the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Nothing,
    Stop,
    Swap(&'static str),
}

/// Gives a [`Word`] to every channel.
#[derive(Debug, Clone)]
pub struct Words {
    word: &'static str,
    act: Act,
    texts: Arc<Mutex<Vec<(Channel, String)>>>,
}

impl Words {
    const fn new(word: &'static str, act: Act, texts: Arc<Mutex<Vec<(Channel, String)>>>) -> Self {
        Self { word, act, texts }
    }

    /// Replaces the word.
    #[must_use]
    pub fn swap(word: &'static str, with: &'static str) -> Self {
        Self::new(word, Act::Swap(with), Arc::default())
    }

    /// Lets nothing pass from the word on.
    #[must_use]
    pub fn stop(word: &'static str) -> Self {
        Self::new(word, Act::Stop, Arc::default())
    }

    /// Holds the word back as the others do, and lets it pass.
    #[must_use]
    pub fn none(word: &'static str) -> Self {
        Self::new(word, Act::Nothing, Arc::default())
    }

    /// What was seen so far, channel by channel.
    #[must_use]
    pub fn texts(&self) -> Vec<(Channel, String)> {
        self.texts
            .lock()
            .map(|texts| texts.clone())
            .unwrap_or_default()
    }
}

impl Watcher for Words {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        let place = self.texts.lock().ok().map(|mut texts| {
            texts.push((channel, String::new()));
            texts.len() - 1
        });
        Some(Box::new(Word {
            words: self.clone(),
            place: place.unwrap_or_default(),
            kept: String::new(),
            from: 0,
            edits: Vec::new(),
            stopped: false,
        }))
    }
}

/// Looks for the word in one channel.
#[derive(Debug)]
pub struct Word {
    words: Words,
    place: usize,
    /// What may be the word's beginning, and its offset.
    kept: String,
    from: u64,
    edits: Vec<Edit>,
    stopped: bool,
}

impl Word {
    /// Drops what cannot be part of the word.
    fn drop_before(&mut self, at: usize) {
        self.kept.drain(..at);
        self.from += at as u64;
    }
}

impl Watch for Word {
    fn push(&mut self, text: &str) {
        let place = self.place;
        if let Ok(mut texts) = self.words.texts.lock()
            && let Some((_, seen)) = texts.get_mut(place)
        {
            seen.push_str(text);
        }
        self.kept.push_str(text);
        let word = self.words.word;
        while let Some(at) = self.kept.find(word)
            && !self.stopped
        {
            let start = self.from + at as u64;
            match self.words.act {
                Act::Nothing => {}
                Act::Stop => {
                    self.drop_before(at);
                    self.stopped = true;
                    return;
                }
                Act::Swap(with) => self.edits.push(Edit {
                    span: start..start + word.len() as u64,
                    with: with.into(),
                }),
            }
            self.drop_before(at + word.len());
        }
        let begun = (0..word.len()).rev().find(|&length| {
            word.get(..length)
                .is_some_and(|begun| self.kept.ends_with(begun))
        });
        self.drop_before(self.kept.len() - begun.unwrap_or_default());
    }

    fn finish(&mut self) {
        self.drop_before(self.kept.len());
    }

    fn decided(&self) -> u64 {
        self.from
    }

    fn edits(&mut self) -> Vec<Edit> {
        std::mem::take(&mut self.edits)
    }

    fn stopped(&self) -> bool {
        self.stopped
    }
}
