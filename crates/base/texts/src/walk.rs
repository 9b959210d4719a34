//! Walks JSON in place and says of each string what text it is.
//!
//! Names of members decide, wherever they stand: dialects agree on most of them, and a text in an
//! unknown place is still a text. What the object says of itself (`role`, `type`) is looked up before
//! its members are read, for it may stand behind them. Only four sorts of strings are not texts: ids
//! and words of the format (by name, when they look like it), what the provider sealed, media in
//! base64, and the tokens that repeat a text.
//!
//! Numbers, and the names of members, are texts only in what is one text as a whole: arguments,
//! structured results, metadata.

mod chatgpt;
mod event;
mod hint;
mod keys;
mod member;

use std::ops::Range;

use tidegate_wire::json::{Cursor, Ends, Fault, Members, Text};

use crate::{
    channel::{Kind, Role},
    codec::Codec,
    frame::Echo,
    protocol::{Direction, Protocol},
};
use keys::Key;

/// Which text of a stream goes on where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// What ends together: a choice, a block, an item.
    pub(crate) group: u64,
    /// Tells the texts of a group apart.
    pub(crate) member: u64,
}

/// Which texts have no more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    All,
    Group(u64),
    Slot(Slot),
}

impl Finish {
    pub(crate) fn covers(self, slot: Slot) -> bool {
        match self {
            Self::All => true,
            Self::Group(group) => slot.group == group,
            Self::Slot(one) => slot == one,
        }
    }
}

/// A text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Of a string: between its quotes.
    pub(crate) raw: Range<usize>,
    pub(crate) codec: Codec,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) signed: bool,
    /// Where it is a piece of a longer one.
    pub(crate) slot: Option<Slot>,
    /// It will come again, longer: what is not decided at its end is left out.
    pub(crate) grows: bool,
}

/// Takes what a walk finds.
pub(crate) trait Visit {
    fn text(&mut self, spot: Spot);
    /// Media that nobody reads.
    fn unscanned(&mut self, raw: Range<usize>);
    fn echo(&mut self, echo: Echo);
    /// To be done after the whole frame was read.
    fn finish(&mut self, which: Finish);
}

/// A text of a stream, as far as it is known: its group, and what tells it from others of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Live {
    group: u64,
    /// A place in a list, such as a tool call's.
    sub: u64,
    /// Two texts of one kind that have different names.
    field: u8,
}

impl Live {
    const fn of(group: u64) -> Self {
        Self {
            group,
            sub: 0,
            field: 0,
        }
    }

    fn slot(self, kind: Kind) -> Slot {
        Slot {
            group: self.group,
            member: (self.sub << 16) | (u64::from(self.field) << 8) | kind as u64,
        }
    }
}

pub(crate) use chatgpt::Patched;
pub(crate) use event::Named;

/// What is known of a place.
#[derive(Debug, Clone, Copy)]
struct Place {
    role: Role,
    /// What `text` and `content` are here.
    kind: Kind,
    /// What a string of an unknown name is here.
    other: Kind,
    /// It is a call of a tool.
    tool: bool,
    signed: bool,
    /// Of the texts of a stream.
    live: Option<Live>,
    /// Its texts will come again, longer.
    grows: bool,
    /// Its `data` is text as it stands.
    literal: bool,
    /// It is the top of a body or an event.
    top: bool,
}

impl Place {
    const TOP: Self = Self {
        role: Role::Unknown,
        kind: Kind::Text,
        other: Kind::Other,
        tool: false,
        signed: false,
        live: None,
        grows: false,
        literal: false,
        top: true,
    };

    /// Everything in it is of this kind.
    const fn all(self, kind: Kind, role: Role) -> Self {
        Self {
            role,
            kind,
            other: kind,
            live: None,
            ..self
        }
    }
}

/// Where tokens stand that repeat a text, and what is to stand there without them.
type Repeated = (Range<usize>, &'static [u8]);

/// The one pass over a JSON text.
pub(crate) struct Walk<'a, 'v> {
    cursor: Cursor<'a>,
    visit: &'v mut dyn Visit,
    protocol: Protocol,
    direction: Direction,
    /// It is an event of a stream: its texts go on.
    stream: bool,
    /// How many bytes may still be looked at ahead of their turn.
    ahead: usize,
}

impl<'a, 'v> Walk<'a, 'v> {
    pub(crate) const fn new(
        body: &'a [u8],
        (direction, protocol): (Direction, Protocol),
        visit: &'v mut dyn Visit,
    ) -> Self {
        Self {
            cursor: Cursor::new(body),
            visit,
            protocol,
            direction,
            stream: false,
            ahead: 4_096 + 4 * body.len(),
        }
    }

    /// The same, of a body of which something may be known.
    pub(crate) fn again(
        (body, ends): (&'a [u8], &'a Ends),
        shape: (Direction, Protocol),
        visit: &'v mut dyn Visit,
    ) -> Self {
        Self {
            cursor: Cursor::again(body, ends),
            ..Self::new(body, shape, visit)
        }
    }

    /// A body in one piece.
    pub(crate) fn whole(mut self) -> Result<(), Fault> {
        let role = match self.direction {
            Direction::Request => Role::User,
            Direction::Answer => Role::Assistant,
        };
        let place = Place { role, ..Place::TOP };
        self.value(place, Key::Unknown)?;
        self.cursor.finish()
    }

    fn value(&mut self, place: Place, key: Key) -> Result<(), Fault> {
        match self.cursor.peek() {
            Some(b'"') => {
                let text = self.cursor.string("a string")?;
                self.string(place, key, text);
                Ok(())
            }
            Some(b'{') => self.object(place, key),
            Some(b'[') => {
                self.cursor.open_array()?;
                let mut items = Members::First;
                while self.cursor.item(&mut items)? {
                    self.value(place, key)?;
                }
                Ok(())
            }
            _ => self.cursor.skip_value().map(drop),
        }
    }

    fn object(&mut self, place: Place, key: Key) -> Result<(), Fault> {
        let place = self.entered(place, key)?;
        self.cursor.peek();
        let start = self.cursor.at();
        self.cursor.open_object()?;
        let mut echo = None;
        let mut members = Members::First;
        while let Some(name) = self.cursor.member(&mut members)? {
            let key = Key::of(name);
            if key == Key::Echo && self.direction == Direction::Answer {
                echo = self.echo(echo)?;
            } else {
                self.member(place, key, name.raw)?;
            }
        }
        if let Some((span, with)) = echo {
            let scope = start..self.cursor.at();
            self.visit.echo(Echo { span, scope, with });
        }
        Ok(())
    }

    /// Steps over the tokens that repeat a text.
    fn echo(&mut self, before: Option<Repeated>) -> Result<Option<Repeated>, Fault> {
        let with: &'static [u8] = match self.cursor.peek() {
            Some(b'[') => b"[]",
            Some(b'{') => b"null",
            _ => {
                self.cursor.skip_value()?;
                return Ok(before);
            }
        };
        let start = self.cursor.skip_value()?;
        Ok(Some((start..self.cursor.at(), with)))
    }

    fn say(&mut self, place: Place, kind: Kind, codec: Codec, text: Text<'a>) {
        let raw = text.at + 1..text.end() - 1;
        self.spot(place, kind, codec, raw);
    }

    fn spot(&mut self, place: Place, kind: Kind, codec: Codec, raw: Range<usize>) {
        self.visit.text(Spot {
            raw,
            codec,
            kind,
            role: place.role,
            signed: place.signed,
            slot: place.live.map(|live| live.slot(kind)),
            grows: place.grows,
        });
    }

    /// Any JSON value as one text.
    fn json(&mut self, place: Place, kind: Kind) -> Result<(), Fault> {
        let start = self.cursor.skip_value()?;
        let raw = start..self.cursor.at();
        // `{}`: nothing was said.
        if raw.len() > 2 {
            let place = Place {
                live: None,
                ..place
            };
            self.spot(place, kind, Codec::Value, raw);
        }
        Ok(())
    }
}
