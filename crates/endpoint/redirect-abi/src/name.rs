//! Names as keys of a longest-prefix trie: reversed, so that a name's key is the prefix of the keys of
//! all names below it.
//!
//! The bytes are those of the wire (RFC 1035 §3.1) from the end: the root's zero, then each label
//! backwards, then its length with the top bit set. The bit keeps lengths apart from label bytes, so
//! that `evilanthropic.com` cannot be taken for something below `anthropic.com`, whatever bytes its
//! labels hold.

/// The longest name on the wire is 255 bytes (RFC 1035 §2.3.4).
pub const NAME_BYTES: usize = 256;

/// The data of a key of the names' trie.
pub type NameKey = [u8; NAME_BYTES];

/// A name that cannot be on the wire: a label over 63 bytes, an empty one, over 255 bytes in all, or
/// not ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidName;

/// The key of a name in text form, and how many of its bytes count.
///
/// # Errors
/// The name cannot be on the wire.
pub fn name_key(name: &str) -> Result<(NameKey, usize), InvalidName> {
    let mut key = [0; NAME_BYTES];
    let mut used = 1;
    for label in name.rsplit('.') {
        let length = label.len();
        if length == 0 || length > 63 || !label.is_ascii() || used + length + 1 > 255 {
            return Err(InvalidName);
        }
        for byte in label.bytes().rev() {
            key[used] = byte.to_ascii_lowercase();
            used += 1;
        }
        key[used] = 0x80 | length as u8;
        used += 1;
    }
    Ok((key, used))
}
