//! What a provider wants to see again and nobody else can read: signatures of thoughts, encrypted reasoning.
//!
//! A client of another dialect has one place for such a thing, a string. There it is carried with a mark that
//! says whose it is, and comes back to its owner unchanged; to any other provider it is not sent, since a
//! thought that another model had means nothing there.

use std::borrow::Cow;

use super::Language;

/// The mark before what is carried through another dialect.
const MARK: &str = "tg1.";

/// Something that only its owner can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal<'a> {
    /// Whose it is.
    pub(crate) owner: Language,
    pub(crate) kind: SealKind,
    /// The id of the item it belongs to (Responses' `rs_…`).
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) data: Cow<'a, str>,
}

/// How its owner has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealKind {
    /// All of the thought, encrypted (`redacted_thinking`, `encrypted_content`).
    Content,
    /// A signature of the text beside it (`signature`, `thoughtSignature`).
    Signature,
}

impl<'a> Seal<'a> {
    /// As a string of a dialect: its owner's own, or marked.
    pub(crate) fn carried(&self, through: Language) -> Cow<'_, str> {
        if self.owner == through {
            return Cow::Borrowed(&self.data);
        }
        let kind = match self.kind {
            SealKind::Content => "c",
            SealKind::Signature => "s",
        };
        let id = self.id.as_deref().unwrap_or_default();
        let owner = self.owner.name();
        Cow::Owned(format!("{MARK}{owner}.{kind}.{id}.{}", self.data))
    }

    /// From a string of a dialect; `kind` and `id` are what that dialect says of its own.
    pub(crate) fn returned(
        text: Cow<'a, str>,
        through: Language,
        kind: SealKind,
        id: Option<Cow<'a, str>>,
    ) -> Self {
        foreign(&text).unwrap_or(Self {
            owner: through,
            kind,
            id,
            data: text,
        })
    }

    /// The same, borrowing nothing.
    pub(crate) fn into_owned(self) -> Seal<'static> {
        Seal {
            owner: self.owner,
            kind: self.kind,
            id: self.id.map(|id| Cow::Owned(id.into_owned())),
            data: Cow::Owned(self.data.into_owned()),
        }
    }
}

/// What carries a mark.
fn foreign<'a>(text: &str) -> Option<Seal<'a>> {
    let mut parts = text.strip_prefix(MARK)?.splitn(4, '.');
    let owner = parts.next().and_then(Language::of_name)?;
    let kind = match parts.next()? {
        "c" => SealKind::Content,
        "s" => SealKind::Signature,
        _ => return None,
    };
    let id = parts.next().filter(|id| !id.is_empty());
    let data = parts.next()?.to_owned();
    Some(Seal {
        owner,
        kind,
        id: id.map(|id| Cow::Owned(id.to_owned())),
        data: Cow::Owned(data),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_comes_back_through_any_dialect() {
        for owner in Language::ALL {
            for through in Language::ALL {
                for (kind, id) in [
                    (SealKind::Signature, None),
                    (SealKind::Content, Some(Cow::Borrowed("rs_1"))),
                ] {
                    let seal = Seal {
                        owner: *owner,
                        kind,
                        id: id.clone(),
                        data: Cow::Borrowed("a.b+/=="),
                    };
                    let text = seal.carried(*through).into_owned();
                    assert_eq!(text.starts_with(MARK), owner != through);
                    let back = Seal::returned(text.into(), *through, kind, id);
                    assert_eq!(back, seal);
                }
            }
        }
    }
}
