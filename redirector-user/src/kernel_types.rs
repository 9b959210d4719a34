//! Where fields lie in this kernel's records, by the type information that it publishes about itself
//! (BTF; the format is the kernel's `Documentation/bpf/btf.rst`).

use std::{fs, sync::OnceLock};

use tidegate_redirect_abi::OFFSETS;

const VMLINUX: &str = "/sys/kernel/btf/vmlinux";
const MAGIC: u16 = 0xeb9f;
const STRUCT: u32 = 4;
const UNION: u32 = 5;
/// Structures without a name lie within each other no deeper than this.
const DEPTH: u32 = 8;

/// The offsets in bytes, by the names of the object's globals.
pub(crate) type Offsets = Vec<(&'static str, u32)>;

/// All of `OFFSETS`, or why they are not known. Read once: a kernel does not change.
pub(crate) fn offsets() -> Result<&'static Offsets, &'static str> {
    static FOUND: OnceLock<Result<Offsets, String>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let bytes = fs::read(VMLINUX).map_err(|error| format!("{VMLINUX}: {error}"))?;
            find(&bytes)
        })
        .as_ref()
        .map_err(String::as_str)
}

fn find(bytes: &[u8]) -> Result<Offsets, String> {
    let wanted = |name: &[u8]| {
        let mut records = OFFSETS.iter();
        records.any(|(_, record, _)| record.as_bytes() == name)
    };
    let types =
        Types::parse(bytes, wanted).ok_or("the kernel's type information cannot be read")?;
    OFFSETS
        .iter()
        .map(|(global, record, field)| {
            types
                .named(record)
                .and_then(|record| types.offset(record, field, DEPTH))
                .map(|offset| (*global, offset))
                .ok_or_else(|| format!("this kernel's `{record}` has no `{field}`"))
        })
        .collect()
}

/// The types of a BTF blob: where each begins, by its number; number 0 is `void`.
struct Types<'a> {
    types: &'a [u8],
    strings: &'a [u8],
    starts: Vec<u32>,
    /// Where the records of `OFFSETS` begin.
    records: Vec<(&'a [u8], usize)>,
}

impl<'a> Types<'a> {
    /// Remembers of the records only those that are wanted.
    fn parse(bytes: &'a [u8], wanted: impl Fn(&[u8]) -> bool) -> Option<Self> {
        if u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?) != MAGIC {
            return None;
        }
        let section = |at: usize| -> Option<&'a [u8]> {
            let rest = bytes.get(word(bytes, 4)?..)?;
            rest.get(word(bytes, at)?..)?.get(..word(bytes, at + 4)?)
        };
        let mut found = Self {
            types: section(8)?,
            strings: section(16)?,
            starts: vec![u32::MAX],
            records: Vec::new(),
        };
        let mut at = 0;
        while at < found.types.len() {
            found.starts.push(u32::try_from(at).ok()?);
            let (kind, count) = found.info(at)?;
            if kind == STRUCT {
                let name = found.string(word(found.types, at)?)?;
                if wanted(name) {
                    found.records.push((name, at));
                }
            }
            at += 12 + trailer(kind, count)?;
        }
        Some(found)
    }

    /// A type's kind, and how many members it has.
    fn info(&self, at: usize) -> Option<(u32, usize)> {
        let info = word(self.types, at + 4)?;
        Some((u32::try_from(info >> 24 & 0x1f).ok()?, info & 0xffff))
    }

    fn string(&self, at: usize) -> Option<&'a [u8]> {
        self.strings.get(at..)?.split(|byte| *byte == 0).next()
    }

    fn named(&self, record: &str) -> Option<usize> {
        let mut named = self.records.iter();
        named
            .find(|(name, _)| *name == record.as_bytes())
            .map(|(_, at)| *at)
    }

    /// Where a member of a structure lies, also one of a member without a name.
    fn offset(&self, record: usize, field: &str, depth: u32) -> Option<u32> {
        let (kind, count) = self.info(record)?;
        if (kind != STRUCT && kind != UNION) || depth == 0 {
            return None;
        }
        // With this flag the offset shares its word with a bit field's size.
        let packed = word(self.types, record + 4)? >> 31 != 0;
        (0..count).find_map(|index| {
            let member = record + 12 + index * 12;
            let place = word(self.types, member + 8)?;
            let bits = if packed { place & 0x00ff_ffff } else { place };
            let here = u32::try_from(bits / 8).ok()?;
            let name = self.string(word(self.types, member)?)?;
            if name == field.as_bytes() {
                return Some(here);
            }
            if !name.is_empty() {
                return None;
            }
            let inner = *self.starts.get(word(self.types, member + 4)?)?;
            let inner = self.offset(usize::try_from(inner).ok()?, field, depth - 1)?;
            here.checked_add(inner)
        })
    }
}

/// How many bytes follow a type's three words.
const fn trailer(kind: u32, count: usize) -> Option<usize> {
    Some(match kind {
        // Integer, variable, declaration tag.
        1 | 14 | 17 => 4,
        // Array.
        3 => 12,
        // Structure, union, data section, 64-bit enumeration.
        STRUCT | UNION | 15 | 19 => 12 * count,
        // Enumeration, function prototype.
        6 | 13 => 8 * count,
        // Pointer, forward, typedef, volatile, const, restrict, function, float, type tag.
        2 | 7..=12 | 16 | 18 => 0,
        _ => return None,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_ne_bytes(word.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A blob with `struct outer { int a; struct { int b; int c : 3; }; }`.
    fn blob() -> Vec<u8> {
        let strings = b"\0int\0outer\0a\0b\0c\0";
        let (int, outer, a, b, c) = (1_u32, 5, 11, 13, 15);
        let structure = |count: u32, packed: u32| (packed << 31) | (STRUCT << 24) | count;
        let types: Vec<u32> = [
            [int, 1 << 24, 4, 32].as_slice(),
            &[outer, structure(2, 0), 12, a, 1, 0, 0, 3, 32],
            &[0, structure(2, 1), 8, b, 1, 0, c, 1, (3 << 24) | 32],
        ]
        .concat();
        let mut blob = Vec::new();
        blob.extend(MAGIC.to_ne_bytes());
        blob.extend([1, 0]);
        let length = types.len() as u32 * 4;
        for number in [24, 0, length, length, strings.len() as u32] {
            blob.extend(number.to_ne_bytes());
        }
        blob.extend(types.iter().flat_map(|number| number.to_ne_bytes()));
        blob.extend(strings);
        blob
    }

    #[test]
    fn fields_are_found_also_in_records_without_a_name() {
        let blob = blob();
        let types = Types::parse(&blob, |name| name == b"outer").unwrap();
        let outer = types.named("outer").unwrap();
        let at = |field| types.offset(outer, field, DEPTH);
        assert_eq!(
            [at("a"), at("b"), at("c"), at("d")],
            [Some(0), Some(4), Some(8), None]
        );
        assert_eq!(types.named("int"), None);
    }

    #[test]
    fn what_is_cut_off_is_refused_or_incomplete_and_never_panics() {
        let blob = blob();
        for length in 0..blob.len() {
            assert!(
                Types::parse(&blob[..length], |_| true).is_none(),
                "{length}"
            );
        }
        for at in 0..blob.len() {
            let mut bad = blob.clone();
            bad[at] ^= 0xff;
            if let Some(types) = Types::parse(&bad, |_| true)
                && let Some(outer) = types.named("outer")
            {
                types.offset(outer, "c", DEPTH);
            }
        }
        assert!(find(&blob).unwrap_err().contains("task_struct"));
    }
}
