//! The body of a fuzz target in `tests/fuzz`: it takes any bytes and panics when a promise of this crate is
//! broken. It is here so that an ordinary test can replay the corpus.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

/// What was written down about files as they were: a manifest that can be read is written as it was read,
/// so that no uninstall puts back anything else.
pub fn ledger(data: &[u8]) {
    crate::ledger::check_manifest(data);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    const MANIFEST: &str = r#"{"ca":"pem","entries":[{"store":"system","place":{"path":"/a"},"before":
        {"kind":"file","bytes":"IyBiZWZvcmUK","mode":420,"uid":0,"gid":0,"modified":[1,2]},"after":"0"},
        {"store":"nss","place":{"home":"/h","file":"b"},"before":{"kind":"absent"},"after":"1"}],
        "folders":["/var/lib/x"]}"#;

    proptest! {
        #[test]
        fn any_bytes_are_a_manifest_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            super::ledger(&bytes);
        }

        #[test]
        fn a_damaged_manifest_is_another_one_or_none(
            at in 0..MANIFEST.len(),
            length in 0..8_usize,
            bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:0-.e\\xz".to_vec()), 0..8),
        ) {
            let mut text = MANIFEST.as_bytes().to_vec();
            let end = (at + length).min(text.len());
            text.splice(at..end, bytes);
            super::ledger(&text);
        }
    }
}
