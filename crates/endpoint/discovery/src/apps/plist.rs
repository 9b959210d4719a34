//! Property lists of macOS, XML and binary: the texts at the top of one, and nothing deeper. Nothing here
//! is recursive, so a file cannot be too deep for it.

use std::collections::BTreeMap;

/// How many keys of a dictionary are read.
const MOST_KEYS: usize = 10_000;

/// The keys of the outermost dictionary whose values are texts; none for what is no property list.
pub(super) fn texts(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    if bytes.starts_with(b"bplist00") {
        return binary(bytes);
    }
    let text = str::from_utf8(bytes).ok()?;
    text.contains("<plist").then(|| xml(text))
}

/// Reads tags one after the other and counts how deep it is.
fn xml(text: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let (mut depth, mut key) = (0_u32, None);
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some((tag, inside)) = after.split_once('>') else {
            break;
        };
        rest = inside;
        match tag.split_whitespace().next().unwrap_or_default() {
            "dict" | "array" => depth += 1,
            "/dict" | "/array" => depth = depth.saturating_sub(1),
            "key" if depth == 1 => key = Some(content(inside)),
            "string" if depth == 1 => {
                if let Some(key) = key.take()
                    && texts.len() < MOST_KEYS
                {
                    texts.insert(key, content(inside));
                }
            }
            _ => {}
        }
    }
    texts
}

/// The text up to the next tag.
fn content(inside: &str) -> String {
    let raw = inside.split('<').next().unwrap_or_default();
    let plain = raw.replace("&lt;", "<").replace("&gt;", ">");
    let plain = plain.replace("&quot;", "\"").replace("&apos;", "'");
    plain.replace("&amp;", "&")
}

/// The format of Apple's `CFBinaryPList`: objects, a table of their offsets, a trailer of 32 bytes.
fn binary(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let trailer = bytes.len().checked_sub(32).and_then(|at| bytes.get(at..))?;
    let list = List {
        bytes,
        offset_size: usize::from(*trailer.get(6)?),
        index_size: usize::from(*trailer.get(7)?),
        table: number(trailer.get(24..32)?)?,
    };
    let top = list.object(number(trailer.get(16..24)?)?)?;
    let (marker, count, at) = top.sized()?;
    if marker != 0xd {
        return None;
    }
    let index = |nth: usize| {
        let start = nth.checked_mul(list.index_size)?.checked_add(at)?;
        let end = start.checked_add(list.index_size)?;
        number(top.list.bytes.get(start..end)?)
    };
    let text = |nth: usize| list.object(index(nth)?)?.text();
    let pairs = (0..count.min(MOST_KEYS)).filter_map(|nth| {
        let value = nth.checked_add(count)?;
        Some((text(nth)?, text(value)?))
    });
    Some(pairs.collect())
}

#[derive(Clone, Copy)]
struct List<'a> {
    bytes: &'a [u8],
    offset_size: usize,
    index_size: usize,
    table: usize,
}

#[derive(Clone, Copy)]
struct Object<'a> {
    list: List<'a>,
    at: usize,
}

impl<'a> List<'a> {
    fn object(self, index: usize) -> Option<Object<'a>> {
        let start = index
            .checked_mul(self.offset_size)?
            .checked_add(self.table)?;
        let end = start.checked_add(self.offset_size)?;
        let at = number(self.bytes.get(start..end)?)?;
        Some(Object { list: self, at })
    }
}

impl Object<'_> {
    /// What it is, how long, and where it begins.
    fn sized(self) -> Option<(u8, usize, usize)> {
        let bytes = self.list.bytes;
        let first = *bytes.get(self.at)?;
        let (marker, short) = (first >> 4, usize::from(first & 0xf));
        let after = self.at.checked_add(1)?;
        if short < 0xf {
            return Some((marker, short, after));
        }
        // The length follows as an integer of 2^n bytes.
        let size = 1_usize << (bytes.get(after)? & 0x3);
        let start = after.checked_add(1)?;
        let end = start.checked_add(size)?;
        Some((marker, number(bytes.get(start..end)?)?, end))
    }

    fn text(self) -> Option<String> {
        let (marker, length, at) = self.sized()?;
        let size = if marker == 6 {
            length.checked_mul(2)?
        } else {
            length
        };
        let bytes = self.list.bytes.get(at..at.checked_add(size)?)?;
        match marker {
            5 => Some(String::from_utf8_lossy(bytes).into_owned()),
            6 => {
                let (pairs, _) = bytes.as_chunks::<2>();
                let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
                Some(String::from_utf16_lossy(&units))
            }
            _ => None,
        }
    }
}

/// An unsigned number, its largest byte first.
fn number(bytes: &[u8]) -> Option<usize> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let value = bytes
        .iter()
        .fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    usize::try_from(value).ok()
}

#[cfg(test)]
mod tests;
