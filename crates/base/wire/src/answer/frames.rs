//! AWS' messages ([`crate::eventstream`]): the JSON of each goes to the tap when the message is whole.

use base64::Engine as _;

use super::{facts::Facts, tap::Tap};
use crate::{
    eventstream::{Damage, Decoder, Kind, Message},
    json::{Cursor, Members},
};

/// The event that ends a Converse stream, and says what it used.
const LAST: &str = "metadata";
/// The event that carries a piece of a model's own answer.
const CHUNK: &str = "chunk";

/// The state between two chunks.
#[derive(Debug, Default)]
pub(super) struct Frames(Decoder);

impl Frames {
    pub(super) fn feed(&mut self, chunk: &[u8], tap: &mut Tap, facts: &mut Facts) {
        let pushed: Result<(), Damage> = self.0.push(chunk, |message| {
            take(message, tap, facts);
            Ok(())
        });
        // What is damaged is the client's to notice; nothing after it is metered.
        facts.error |= pushed.is_err();
    }
}

fn take(message: &Message<'_>, tap: &mut Tap, facts: &mut Facts) {
    tap.reset();
    let (kind, name) = message.kind();
    if kind != Kind::Event {
        facts.error = true;
        facts.event(false);
        return;
    }
    if name == CHUNK {
        let piece = packed(message.body()).unwrap_or_default();
        tap.feed(&piece, facts);
    } else {
        tap.feed(message.body(), facts);
    }
    facts.event(name == LAST);
}

/// What a chunk carries in base64, in its member `bytes`.
pub(crate) fn packed(body: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(body);
    cursor.open_object().ok()?;
    let mut members = Members::First;
    while let Some(name) = cursor.member(&mut members).ok()? {
        if name.raw == b"bytes" && cursor.peek() == Some(b'"') {
            let text = cursor.string("a string").ok()?;
            return base64::prelude::BASE64_STANDARD.decode(text.raw).ok();
        }
        cursor.skip_value().ok()?;
    }
    None
}
