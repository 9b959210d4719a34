//! PEM (RFC 7468) with exactly one block of the wanted kind.

use x509_parser::pem::{Pem, parse_x509_pem};

/// The longest text that is read.
const MAX: usize = 64 * 1024;

/// Why a text is not the wanted block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No block, or one that cannot be read.
    Missing,
    /// More than one block.
    More,
}

/// The blocks of a text, with those that name parameters of a curve left out.
pub(crate) fn one(text: &str) -> Result<Pem, Fault> {
    if text.len() > MAX {
        return Err(Fault::Missing);
    }
    let mut found = None;
    let mut rest = text.as_bytes();
    while rest.windows(10).any(|window| window == b"-----BEGIN") {
        let (after, pem) = parse_x509_pem(rest).map_err(|_| Fault::Missing)?;
        rest = after;
        if pem.label == "EC PARAMETERS" {
            continue;
        }
        if found.replace(pem).is_some() {
            return Err(Fault::More);
        }
    }
    found.ok_or(Fault::Missing)
}
