//! Where Gemini has `thoughtSignature`: bytes in base64, which its SDKs decode, and encode again in either
//! alphabet (RFC 4648 §4, §5). What another provider's seal carries is therefore put into base64 once more.

use std::borrow::Cow;

use ::base64::{Engine, engine::general_purpose::STANDARD};

use super::super::{Language, Seal, SealKind, base64};

/// What Google documents for calls that another model made, or whose signature is lost.
pub(super) const DUMMY: &str = "skip_thought_signature_validator";

/// Base64 in the standard alphabet and with its padding, from whatever form of it.
pub(super) fn standard(data: Cow<'_, str>) -> Cow<'_, str> {
    if data.len().is_multiple_of(4) && !data.contains(['-', '_']) {
        return data;
    }
    let mut text = data.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    Cow::Owned(text)
}

/// As a client gets it.
pub(super) fn carried<'a>(seal: &'a Seal<'_>) -> Cow<'a, str> {
    let text = seal.carried(Language::Gemini);
    if seal.owner == Language::Gemini {
        text
    } else {
        Cow::Owned(STANDARD.encode(&*text))
    }
}

/// What a client sends, or a provider.
pub(super) fn returned(text: Cow<'_, str>) -> Seal<'_> {
    match foreign(&text) {
        Some(seal) => seal,
        None => whole(text),
    }
}

fn whole(text: Cow<'_, str>) -> Seal<'_> {
    Seal::returned(text, Language::Gemini, SealKind::Signature, None)
}

/// Another provider's seal in base64.
fn foreign<'a>(text: &str) -> Option<Seal<'a>> {
    // Most signatures are long and are none: these five letters are `tg1.`.
    if !text.starts_with("dGcxL") {
        return None;
    }
    let bytes = base64::either(text)?;
    let carried = String::from_utf8(bytes).ok()?;
    let seal = whole(Cow::Owned(carried));
    (seal.owner != Language::Gemini).then_some(seal)
}
