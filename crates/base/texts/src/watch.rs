//! The port of those who look at texts and change them.

use std::ops::Range;

use crate::channel::Channel;

/// A change of a channel's text. Offsets are bytes of its decoded text from its beginning, on
/// boundaries of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced. Empty ones are not made: there is nothing to replace.
    pub span: Range<u64>,
    /// What stands there instead.
    pub with: Box<str>,
}

/// A text as it stands in a body: the same bytes, written in the same manner, are the same text.
#[derive(Debug, Clone, Copy)]
pub struct Written<'t> {
    /// Its bytes; of a string, between its quotes.
    pub raw: &'t [u8],
    /// Which escapes are in it: a number that means nothing else.
    pub manner: u8,
}

/// Looks at one channel's text as it comes. How it is cut into pieces must make no difference to what
/// is changed in the end.
pub trait Watch: Send + Sync {
    /// More of the text.
    fn push(&mut self, text: &str);
    /// There is no more.
    fn finish(&mut self);
    /// Everything before this offset is decided: no edit will begin or end there but those that
    /// [`Watch::edits`] gives. After [`Watch::finish`] it is the text's length.
    fn decided(&self) -> u64;
    /// Takes the edits that lie before [`Watch::decided`] and were not taken yet, in their order, without
    /// overlaps.
    fn edits(&mut self) -> Vec<Edit>;
    /// Whether nothing may pass any more.
    fn stopped(&self) -> bool;

    /// Whether this text, which is all there, is known, and nothing is to be changed in it. Then it is not read, and
    /// the watch is asked nothing more.
    fn knows(&mut self, text: Written<'_>) -> bool {
        let _ = text;
        false
    }

    /// A text that is all there, instead of [`Watch::push`] and [`Watch::finish`]; gives its edits. A watch
    /// that would keep the pieces until the end need not copy it.
    fn whole(&mut self, text: &str) -> Vec<Edit> {
        self.push(text);
        self.finish();
        self.edits()
    }
}

/// Gives a watch for each channel that appears; `None`: nobody cares, it passes as it is.
pub trait Watcher: Send + Sync {
    /// A channel begins.
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>>;
}

impl<W: Watcher + ?Sized> Watcher for Box<W> {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        (**self).watch(channel)
    }
}

impl<W: Watcher + ?Sized> Watcher for &mut W {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        (**self).watch(channel)
    }
}
