//! An RPM header, as far as it is needed (RPM file format, "Header"): how many entries, how many bytes of
//! data, then the entries (tag, type, offset, count: four bytes each, the largest first), then the data.

/// How many entries a header may have; RPM has some hundred tags.
const MOST_ENTRIES: usize = 4_096;
/// How many files of a package are kept.
const MOST_FILES: usize = 200_000;

const NAME_VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const VENDOR: u32 = 1011;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;

const INT32: u32 = 4;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) version: Option<String>,
    pub(super) vendor: Option<String>,
    pub(super) files: Vec<String>,
}

/// Reads a header; none when it is not one.
pub(super) fn read(blob: &[u8]) -> Option<Header> {
    let (words, _) = blob.as_chunks::<4>();
    let word = |at: usize| words.get(at).map(|word| u32::from_be_bytes(*word));
    let count = usize::try_from(word(0)?).ok()?;
    let length = usize::try_from(word(1)?).ok()?;
    if count > MOST_ENTRIES {
        return None;
    }
    let start = 8 + 16 * count;
    let data = blob.get(start..start.checked_add(length)?)?;
    let entry = |tag: u32, kind: u32| {
        let at = (0..count).map(|nth| 2 + 4 * nth);
        let mut ours = at.filter(|at| word(*at) == Some(tag) && word(at + 1) == Some(kind));
        let at = ours.next()?;
        let offset = usize::try_from(word(at + 2)?).ok()?;
        let count = usize::try_from(word(at + 3)?).ok()?;
        Some((data.get(offset..)?, count))
    };
    let text = |tag: u32| strings(entry(tag, STRING)?.0).next();
    let version = match (text(NAME_VERSION), text(RELEASE)) {
        (Some(version), Some(release)) => Some(format!("{version}-{release}")),
        (version, _) => version,
    };
    let texts = |tag: u32| -> Vec<String> {
        let Some((data, count)) = entry(tag, STRING_ARRAY) else {
            return Vec::new();
        };
        strings(data).take(count.min(MOST_FILES)).collect()
    };
    let folders = texts(DIR_NAMES);
    let names = texts(BASE_NAMES);
    let indexes = entry(DIR_INDEXES, INT32);
    let indexes = indexes
        .map(|(data, _)| data.as_chunks::<4>().0)
        .unwrap_or_default();
    let files = names.iter().zip(indexes).filter_map(|(name, index)| {
        let index = usize::try_from(u32::from_be_bytes(*index)).ok()?;
        Some(format!("{}{name}", folders.get(index)?))
    });
    Some(Header {
        version,
        vendor: text(VENDOR),
        files: files.collect(),
    })
}

/// Texts, each ended by a zero byte.
fn strings(data: &[u8]) -> impl Iterator<Item = String> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let data = rest?;
        let end = data.iter().position(|byte| *byte == 0)?;
        rest = data.get(end + 1..);
        Some(String::from_utf8_lossy(data.get(..end)?).into_owned())
    })
}
