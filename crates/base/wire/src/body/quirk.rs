//! What a compatible provider takes otherwise than the dialect's owner does, as data, and the splices that make
//! a body fit. A provider without such entries costs nothing; with them, a body is walked once more.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;
use smallvec::SmallVec;

use super::rewrite::{Splices, apply};
use crate::{
    json::{Cursor, Fault, Members, Text, push_string},
    translate::Refused,
};

/// Which object a member belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// The body itself.
    Body,
    /// One of `messages[]`.
    Message,
    /// `function` of one of `tools[]`, as Chat Completions has them.
    Tool,
}

/// What is done about a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Left out: the provider would refuse it, and it asks for nothing that the provider could do otherwise.
    Drop,
    /// Left out where its value, as JSON, is one of these: what the provider does anyway. Any other value is refused,
    /// since it asks for something that would not happen.
    DropIf(&'static [&'static str]),
    /// Always there with this value, as JSON; whatever the client says.
    Put(&'static str),
    /// The provider's name for it. Where both are there with different values, it is refused.
    Rename(&'static str),
    /// Texts that the provider spells otherwise: `(asked, sent)`.
    Spell(&'static [(&'static str, &'static str)]),
}

/// One member that a provider takes otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirk {
    /// Where it stands.
    pub within: Within,
    /// Its name.
    pub name: &'static str,
    /// What is done about it.
    pub act: Act,
}

/// The body as the provider takes it. Every byte outside of what changes is as it was; if nothing changes, it is the
/// same buffer.
///
/// # Errors
/// It asks for what the provider cannot do; says by which field.
pub fn fit(body: &Bytes, quirks: &[Quirk]) -> Result<Bytes, Refused> {
    if quirks.is_empty() {
        return Ok(body.clone());
    }
    let mut walk = Walk {
        quirks,
        cursor: Cursor::new(body),
        splices: Splices::new(),
    };
    match walk.object(Within::Body, "") {
        Ok(()) => Ok(apply(body, walk.splices)),
        Err(Stop::Refused(refused)) => Err(refused),
        Err(Stop::Fault) => Err(Refused {
            field: "body".to_owned(),
            why: "is no JSON object".into(),
        }),
    }
}

/// Why a walk ended early.
enum Stop {
    Fault,
    Refused(Refused),
}

impl From<Fault> for Stop {
    fn from(_: Fault) -> Self {
        Self::Fault
    }
}

/// A member whose name the provider spells otherwise.
struct Renamed<'a> {
    /// What the client calls it.
    name: &'static str,
    to: &'static str,
    key: Range<usize>,
    /// Which member of its object it is.
    at: usize,
    value: &'a [u8],
}

/// Members of one object as they pass, and what of them is cut.
#[derive(Default)]
struct Object<'a> {
    /// Each from its name's quote to its value's end.
    spans: SmallVec<[Range<usize>; 16]>,
    /// Which of them were put there already.
    put: SmallVec<[&'static str; 2]>,
    /// Which of them go, in any order.
    cuts: SmallVec<[usize; 4]>,
    renamed: SmallVec<[Renamed<'a>; 2]>,
    /// Members under the names that others are renamed to.
    held: SmallVec<[(&'static str, &'a [u8]); 2]>,
}

struct Walk<'q, 'a> {
    quirks: &'q [Quirk],
    cursor: Cursor<'a>,
    splices: Splices,
}

impl<'a> Walk<'_, 'a> {
    /// Walks one object; `path` names it to the client.
    fn object(&mut self, within: Within, path: &str) -> Result<(), Stop> {
        let start = self.cursor.open_object()?;
        let mut object = Object::default();
        let mut members = Members::First;
        while let Some(key) = self.cursor.member(&mut members)? {
            self.member(within, path, key, &mut object)?;
            object.spans.push(key.at..self.cursor.at());
        }
        self.rename(path, &mut object)?;
        self.put(within, start, &object);
        self.cut(&object);
        Ok(())
    }

    fn member(
        &mut self,
        within: Within,
        path: &str,
        key: Text<'a>,
        object: &mut Object<'a>,
    ) -> Result<(), Stop> {
        let name = name_of(key)?;
        let inner = match (within, &*name) {
            (Within::Body, b"messages") => Some(Within::Message),
            (Within::Body, b"tools") => Some(Within::Tool),
            _ => None,
        };
        let at = object.spans.len();
        if let Some(inner) = inner
            && self.quirks.iter().any(|quirk| quirk.within == inner)
        {
            return self.list(inner);
        }
        self.cursor.peek();
        let start = self.cursor.skip_value()?;
        let value = self.cursor.slice(start);
        let found = |quirk: &&Quirk| quirk.within == within && quirk.name.as_bytes() == &*name;
        let Some(quirk) = self.quirks.iter().find(found) else {
            self.hold(within, &name, value, object);
            return Ok(());
        };
        match quirk.act {
            Act::Drop => object.cuts.push(at),
            Act::DropIf(neutral) if neutral.iter().any(|text| text.as_bytes() == value) => {
                object.cuts.push(at);
            }
            Act::DropIf(_) => return Err(refused(path, quirk.name)),
            Act::Put(wanted) => {
                object.put.push(quirk.name);
                if wanted.as_bytes() != value {
                    let span = start..start + value.len();
                    self.splices.push((span, wanted.as_bytes().to_vec()));
                }
            }
            Act::Rename(to) => object.renamed.push(Renamed {
                name: quirk.name,
                to,
                key: key.at..key.end(),
                at,
                value,
            }),
            Act::Spell(words) => self.spell(words, start, value)?,
        }
        Ok(())
    }

    /// Remembers what stands under a name that something else may be renamed to.
    fn hold(&self, within: Within, name: &[u8], value: &'a [u8], object: &mut Object<'a>) {
        let taken = self.quirks.iter().find_map(|quirk| match quirk.act {
            Act::Rename(to) if quirk.within == within && to.as_bytes() == name => Some(to),
            _ => None,
        });
        if let Some(to) = taken {
            object.held.push((to, value));
        }
    }

    /// The objects of a list; what is no list or no object is the provider's to refuse.
    fn list(&mut self, within: Within) -> Result<(), Stop> {
        if self.cursor.peek() != Some(b'[') {
            self.cursor.skip_value()?;
            return Ok(());
        }
        self.cursor.open_array()?;
        let mut items = Members::First;
        let mut at = 0_usize;
        while self.cursor.item(&mut items)? {
            if self.cursor.peek() != Some(b'{') {
                self.cursor.skip_value()?;
            } else if within == Within::Tool {
                self.tool(at)?;
            } else {
                self.object(within, &format!("messages[{at}]."))?;
            }
            at += 1;
        }
        Ok(())
    }

    /// A tool of Chat Completions, whose members stand in `function`.
    fn tool(&mut self, at: usize) -> Result<(), Stop> {
        self.cursor.open_object()?;
        let mut members = Members::First;
        while let Some(key) = self.cursor.member(&mut members)? {
            if *name_of(key)? == *b"function" && self.cursor.peek() == Some(b'{') {
                self.object(Within::Tool, &format!("tools[{at}].function."))?;
            } else {
                self.cursor.skip_value()?;
            }
        }
        Ok(())
    }

    fn spell(
        &mut self,
        words: &[(&'static str, &'static str)],
        start: usize,
        value: &'a [u8],
    ) -> Result<(), Stop> {
        if value.first() != Some(&b'"') {
            return Ok(());
        }
        let said = Cursor::new(value).string("a text")?.decode()?;
        if let Some((_, sent)) = words.iter().find(|(asked, _)| *asked == said) {
            let mut text = Vec::with_capacity(sent.len() + 2);
            push_string(&mut text, sent);
            self.splices.push((start..start + value.len(), text));
        }
        Ok(())
    }

    fn rename(&mut self, path: &str, object: &mut Object<'a>) -> Result<(), Stop> {
        for renamed in std::mem::take(&mut object.renamed) {
            let held = object.held.iter().find(|(name, _)| *name == renamed.to);
            match held {
                None => {
                    let mut text = Vec::with_capacity(renamed.to.len() + 2);
                    push_string(&mut text, renamed.to);
                    self.splices.push((renamed.key, text));
                    object.held.push((renamed.to, renamed.value));
                }
                // Said twice, or not said by one of them.
                Some((_, value)) if *value == renamed.value || renamed.value == b"null" => {
                    object.cuts.push(renamed.at);
                }
                Some(_) => return Err(contradicted(path, renamed.name, renamed.to)),
            }
        }
        Ok(())
    }

    /// Puts what has to be there at an object's beginning.
    fn put(&mut self, within: Within, start: usize, object: &Object<'_>) {
        let mut text = String::new();
        for quirk in self.quirks.iter().filter(|quirk| quirk.within == within) {
            if let Act::Put(value) = quirk.act
                && !object.put.contains(&quirk.name)
            {
                let comma = if text.is_empty() { "" } else { "," };
                text.push_str(&format!("{comma}\"{}\":{value}", quirk.name));
            }
        }
        if !text.is_empty() {
            if object.cuts.len() < object.spans.len() {
                text.push(',');
            }
            self.splices.push((start..start, text.into_bytes()));
        }
    }

    /// Cuts members out of an object, each with one comma: the first ones with the comma behind them.
    fn cut(&mut self, object: &Object<'_>) {
        let (spans, goes) = (&object.spans, |at: &usize| object.cuts.contains(at));
        if object.cuts.is_empty() {
            return;
        }
        let stays = (0..spans.len()).find(|at| !goes(at));
        let ends = |at: usize| spans.get(at).map_or(0, |span| span.end);
        let begins = |at: usize| spans.get(at).map_or(0, |span| span.start);
        let lead = match stays {
            Some(first) => begins(0)..begins(first),
            None => begins(0)..ends(spans.len() - 1),
        };
        if !lead.is_empty() {
            self.splices.push((lead, Vec::new()));
        }
        for at in (stays.unwrap_or(spans.len())..spans.len()).filter(goes) {
            self.splices.push((ends(at - 1)..ends(at), Vec::new()));
        }
    }
}

fn name_of(key: Text<'_>) -> Result<Cow<'_, [u8]>, Fault> {
    Ok(if key.escaped {
        Cow::Owned(key.decode()?.into_owned().into_bytes())
    } else {
        Cow::Borrowed(key.raw)
    })
}

fn refused(path: &str, name: &str) -> Stop {
    Stop::Refused(Refused {
        field: format!("{path}{name}"),
        why: "asks for what the provider that serves this model cannot do: leave it out, or choose another \
              provider"
            .into(),
    })
}

fn contradicted(path: &str, name: &str, to: &str) -> Stop {
    Stop::Refused(Refused {
        field: format!("{path}{name}"),
        why: format!("and `{to}` say the same thing differently: leave one of them out").into(),
    })
}
