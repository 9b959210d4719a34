//! The stream of `ChatGPT`'s web page. In its newer form an event adds a message
//! (`{"v":{"message":…}}`), patches it (`{"p":"/message/content/parts/0","o":"append","v":"…"}`, or a
//! list of such as `v`), or goes on where the last patch ended (`{"v":"…"}`). In the older one each
//! event has the whole message as it is so far.

use tidegate_wire::json::{Fault, Members, Text};

use super::{Finish, Key, Live, Place, Walk, member::hash};
use crate::{
    channel::{Kind, Role},
    codec::Codec,
};

/// Where patches go on, between two events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patched {
    /// Counts messages, and texts that were put in another's place.
    message: u64,
    /// What the last patch's path was, as a number; 0: the message's text.
    path: u64,
    kind: Kind,
}

impl Patched {
    pub(crate) const NOTHING: Self = Self {
        message: 0,
        path: 0,
        kind: Kind::Text,
    };
}

/// A patch, but for its value.
#[derive(Debug, Default)]
struct Patch<'a> {
    path: Option<&'a [u8]>,
    append: bool,
    /// The object has a `type`, so it is no patch.
    notice: bool,
    complete: bool,
    growing: bool,
}

impl<'a> Walk<'a, '_> {
    pub(crate) fn patch_event(mut self, patched: &mut Patched) -> Result<(), Fault> {
        self.stream = true;
        let place = Place {
            role: Role::Assistant,
            ..Place::TOP
        };
        if self.cursor.peek() == Some(b'{') {
            let patch = self.patch()?;
            if patch.complete {
                self.visit.finish(Finish::All);
            }
            self.patched(place, &patch, patched)?;
        } else {
            self.value(place, Key::Unknown)?;
        }
        self.cursor.finish()
    }

    /// Looks at the patch that comes next.
    fn patch(&self) -> Result<Patch<'a>, Fault> {
        let mut cursor = self.cursor.clone();
        let mut patch = Patch {
            append: true,
            ..Patch::default()
        };
        cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = cursor.member(&mut members)? {
            let start = cursor.skip_value()?;
            let value = cursor.slice(start);
            let word = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""));
            match name.raw {
                b"p" => patch.path = word.filter(|path| !path.is_empty()),
                b"o" => patch.append = !matches!(word, Some(b"replace" | b"add")),
                b"type" => {
                    patch.notice = true;
                    patch.complete = word == Some(b"message_stream_complete");
                }
                b"message" => {
                    let status = b"\"finished_successfully\"";
                    patch.growing = memchr::memmem::find(value, status).is_none();
                }
                _ => {}
            }
        }
        Ok(patch)
    }

    fn patched(&mut self, place: Place, patch: &Patch<'a>, at: &mut Patched) -> Result<(), Fault> {
        self.cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = self.cursor.member(&mut members)? {
            if name.raw == b"v" && !patch.notice {
                self.patch_value(place, patch, at)?;
                continue;
            }
            let grows = patch.growing && name.raw == b"message";
            let key = match name.raw {
                b"p" | b"o" => Key::Structure,
                _ => Key::of(name),
            };
            self.member(Place { grows, ..place }, key, name.raw)?;
        }
        Ok(())
    }

    fn patch_value(
        &mut self,
        place: Place,
        patch: &Patch<'a>,
        at: &mut Patched,
    ) -> Result<(), Fault> {
        match (self.cursor.peek(), patch.path) {
            (Some(b'"'), path) => {
                let text = self.cursor.string("a string")?;
                self.patch_text(place, path, patch.append, text, at);
                Ok(())
            }
            (Some(b'['), None) => {
                self.cursor.open_array()?;
                let mut items = Members::First;
                while self.cursor.item(&mut items)? {
                    if self.cursor.peek() == Some(b'{') {
                        let patch = self.patch()?;
                        self.patched(place, &patch, at)?;
                    } else {
                        self.value(place, Key::Unknown)?;
                    }
                }
                // Text that follows a list of patches goes on with the message's text.
                self.turn(at, (0, Kind::Text));
                Ok(())
            }
            (Some(b'{'), None) => {
                self.visit.finish(Finish::Group(at.message));
                at.message += 1;
                (at.path, at.kind) = (0, Kind::Text);
                let live = Some(Live::of(at.message));
                self.value(Place { live, ..place }, Key::Unknown)
            }
            (_, path) => {
                if let Some(path) = path {
                    self.turn(at, of_path(path));
                }
                let place = Place {
                    kind: at.kind,
                    other: at.kind,
                    ..place
                };
                self.value(place, Key::Content)
            }
        }
    }

    /// Patches go elsewhere. What is no text of the answer ends with that, for its last words would hold
    /// up all that follows.
    fn turn(&mut self, at: &mut Patched, (path, kind): (u64, Kind)) {
        if at.kind == Kind::Other && at.path != path {
            let slot = Live::sub(at.message, at.path).slot(Kind::Other);
            self.visit.finish(Finish::Slot(slot));
        }
        (at.path, at.kind) = (path, kind);
    }

    fn patch_text(
        &mut self,
        place: Place,
        path: Option<&[u8]>,
        append: bool,
        text: Text<'a>,
        at: &mut Patched,
    ) {
        if let Some(path) = path {
            self.turn(at, of_path(path));
        }
        if !append && at.kind != Kind::Other {
            self.visit.finish(Finish::Group(at.message));
            at.message += 1;
        }
        let live = (append || at.kind != Kind::Other).then(|| Live::sub(at.message, at.path));
        self.say(Place { live, ..place }, at.kind, Codec::Json, text);
    }
}

/// The number and the kind of what is at a path.
fn of_path(path: &[u8]) -> (u64, Kind) {
    let Some(rest) = path.strip_prefix(b"/message/content/") else {
        return (hash(path) >> 20, Kind::Other);
    };
    if rest.starts_with(b"parts/") || rest == b"text" {
        return (0, Kind::Text);
    }
    let kind = if rest.starts_with(b"thoughts") {
        Kind::Reasoning
    } else {
        Kind::Text
    };
    (hash(path) >> 20, kind)
}
