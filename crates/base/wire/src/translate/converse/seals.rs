//! What only its owner can read, in Bedrock's two places for it: the text `signature`, and the bytes
//! `redactedContent`.

use std::borrow::Cow;

use ::base64::Engine as _;

use crate::translate::{
    Json, Language, Seal, SealKind, base64,
    build::{object, text},
};

/// The signature of a thought that is shown.
pub(super) fn signature(data: Cow<'_, str>) -> Seal<'_> {
    Seal::returned(data, Language::Converse, SealKind::Signature, None)
}

/// A thought that is hidden, from the base64 of its bytes.
pub(super) fn hidden(data: Cow<'_, str>) -> Seal<'_> {
    let words = base64::standard(&data).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(words) = words {
        let seal = Seal::returned(
            Cow::Owned(words),
            Language::Converse,
            SealKind::Content,
            None,
        );
        if seal.owner != Language::Converse {
            return seal;
        }
    }
    Seal {
        owner: Language::Converse,
        kind: SealKind::Content,
        id: None,
        data,
    }
}

/// A seal as bytes, in base64.
pub(super) fn bytes<'s>(seal: &'s Seal<'_>) -> Cow<'s, str> {
    if seal.owner == Language::Converse {
        return Cow::Borrowed(&seal.data);
    }
    let carried = seal.carried(Language::Converse);
    Cow::Owned(::base64::prelude::BASE64_STANDARD.encode(carried.as_bytes()))
}

/// A block of a thought that is not shown.
pub(super) fn without_text<'s>(seal: &'s Seal<'_>) -> Json<'s> {
    let own = seal.owner == Language::Converse && seal.kind == SealKind::Signature;
    let thought = if own {
        let shown = object([("text", text("")), ("signature", text(&*seal.data))]);
        object([("reasoningText", shown)])
    } else {
        object([("redactedContent", text(bytes(seal)))])
    };
    object([("reasoningContent", thought)])
}

/// What stands at a call elsewhere, as a thought beside it, which comes back with the call's id.
pub(super) fn beside_call(seal: &Seal<'_>, id: &str) -> Seal<'static> {
    Seal {
        owner: seal.owner,
        kind: seal.kind,
        id: Some(Cow::Owned(super::names::id(id).into_owned())),
        data: Cow::Owned(seal.data.clone().into_owned()),
    }
}
