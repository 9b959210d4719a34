//! How many tokens a prompt may have, before anyone counts them: too many rather than too few.

use tidegate_types::TokenCount;

use super::scan;
use crate::{
    Operation,
    json::{End, LONG, Text, Watch},
};

/// Bytes per token of text. English has about four, code and other scripts fewer.
const BYTES_PER_TOKEN: u64 = 3;
/// An image, whatever its size: above what the providers charge for their largest.
const IMAGE: u64 = 5_000;
/// Least for a document, a sound or a film.
const MEDIA_FLOOR: u64 = 1_000;
/// Base64 bytes per token of documents, sounds and films: a dense PDF page has about 3,000 tokens
/// in 60 KB, compressed speech 32 a second in 4 KB.
const MEDIA_BYTES_PER_TOKEN: u64 = 16;

/// Counts media while strings are skipped.
#[derive(Debug, Default)]
pub(super) struct Media {
    bytes: u64,
    tokens: u64,
    /// Token ids given as numbers.
    pub(super) ids: u64,
    /// Every long string that was skipped, in the order of the body.
    pub(super) long: Vec<End>,
}

impl Media {
    /// Adds what the next part of the same body holds.
    pub(super) fn add(&mut self, mut other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.ids = self.ids.saturating_add(other.ids);
        self.long.append(&mut other.long);
    }

    /// The estimate for a text of `length` bytes that contains this media.
    pub(super) fn estimate(&self, length: usize) -> TokenCount {
        let text = (length as u64).saturating_sub(self.bytes) / BYTES_PER_TOKEN;
        TokenCount(
            text.saturating_add(self.tokens)
                .saturating_add(self.ids)
                .saturating_add(1),
        )
    }
}

impl Watch for Media {
    const LONG: usize = LONG;

    fn long_string(&mut self, key: &[u8], text: Text<'_>) {
        self.long.push(End::of(text));
        let raw = text.raw;
        let payload = match raw.strip_prefix(b"data:") {
            Some(rest) => {
                let head = &rest[..rest.len().min(128)];
                memchr::memmem::find(head, b";base64,").map(|at| &rest[at + 8..])
            }
            None => matches!(
                key,
                b"bytes" | b"data" | b"file_data" | b"fileData" | b"image_url"
            )
            .then_some(raw),
        };
        if let Some(payload) = payload
            && let Some(tokens) = weigh(payload)
        {
            self.bytes = self.bytes.saturating_add(raw.len() as u64);
            self.tokens = self.tokens.saturating_add(tokens);
        }
    }
}

/// Tokens of a base64 payload, or `None` if it is not one of a known kind: unknown media and
/// plain text in base64 are counted like text.
fn weigh(payload: &[u8]) -> Option<u64> {
    let image = [&b"/9j/"[..], b"iVBORw0KGgo", b"R0lGOD", b"\\/9j\\/"];
    let other = [
        &b"JVBERi0"[..],
        b"UklGR",
        b"SUQz",
        b"T2dnUw",
        b"ZkxhQ",
        b"//",
        b"AAAA",
        b"GkXfo",
    ];
    let starts = |heads: &[&[u8]]| heads.iter().any(|head| payload.starts_with(head));
    let webp = payload.starts_with(b"UklGR") && payload.get(11..16) == Some(b"XRUJQ");
    let is_image = starts(&image) || webp;
    if !(is_image || starts(&other)) || !is_base64(payload) {
        return None;
    }
    Some(if is_image {
        IMAGE
    } else {
        (payload.len() as u64 / MEDIA_BYTES_PER_TOKEN).max(MEDIA_FLOOR)
    })
}

fn is_base64(payload: &[u8]) -> bool {
    // No early exit, so that it compiles to vector code; it runs once per image.
    payload.chunks(4096).all(|chunk| {
        chunk.iter().fold(true, |all, &byte| {
            all & (byte.is_ascii_alphanumeric()
                | matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\\'))
        })
    })
}

/// Prompt tokens of any JSON body, over-estimated. [`Inspected`](super::Inspected) has the same
/// number without another pass.
#[must_use]
pub fn estimate_input(body: &[u8]) -> TokenCount {
    let mut media = Media::default();
    match scan::skip_all(body, &mut media) {
        Ok(()) => media.estimate(body.len()),
        Err(_) => Media::default().estimate(body.len()),
    }
}

/// The estimate for a form: files are what the operation bills by units, so all of it is media.
pub(super) fn of_form(operation: Operation, length: usize) -> TokenCount {
    let per_token = match operation {
        Operation::ImagesEdits | Operation::ImagesVariations => return TokenCount(IMAGE),
        _ => MEDIA_BYTES_PER_TOKEN,
    };
    TokenCount((length as u64 / per_token).max(1))
}
