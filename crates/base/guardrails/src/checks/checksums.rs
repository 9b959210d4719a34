//! Tokens that end in a CRC-32 of what stands before.

use crate::rule::{Candidate, Checked};

/// Digits of base 62 in GitHub's order.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of base 36.
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

fn sure_if(fits: bool) -> Checked {
    if fits { Checked::Sure } else { Checked::No }
}

/// `value` in the base of as many digits, with leading zeros up to `width`.
fn in_base(mut value: u32, digits: &[u8], width: usize) -> Vec<u8> {
    let base = u32::try_from(digits.len()).unwrap_or(u32::MAX).max(2);
    let mut written = Vec::with_capacity(width);
    while value > 0 {
        let place = usize::try_from(value % base).unwrap_or_default();
        written.extend(digits.get(place));
        value /= base;
    }
    while written.len() < width {
        written.push(b'0');
    }
    written.reverse();
    written
}

/// `ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_` and `npm_`: 30 random letters and digits, then their CRC-32 as
/// six digits of base 62 ("Behind GitHub's new authentication token formats", April 2021; npm took the
/// same format in September 2021).
pub(super) fn github(candidate: &Candidate<'_>) -> Checked {
    let Some((_, body)) = candidate.text.split_once('_') else {
        return Checked::No;
    };
    let Some((random, sum)) = body.split_at_checked(30) else {
        return Checked::No;
    };
    let expected = in_base(crc32fast::hash(random.as_bytes()), BASE62, 6);
    sure_if(sum.as_bytes() == expected)
}

/// GitLab's routable tokens: prefix, payload in base64url, version, the payload's length in two digits of
/// base 36, and the CRC-32 of all that in seven (GitLab's `Authn::TokenField::Generator::RoutableToken`;
/// the first ones had no version).
pub(super) fn gitlab_routable(candidate: &Candidate<'_>) -> Checked {
    let text = candidate.text;
    let Some((summed, sum)) = text
        .len()
        .checked_sub(7)
        .and_then(|at| text.split_at_checked(at))
    else {
        return Checked::No;
    };
    let expected = in_base(crc32fast::hash(summed.as_bytes()), BASE36, 7);
    sure_if(sum.as_bytes() == expected)
}

/// Grafana's `glsa_` tokens: 32 random characters, then the CRC-32 of prefix and secret, least significant
/// byte first, in hex. The API's documented example bears it out.
pub(super) fn grafana(candidate: &Candidate<'_>) -> Checked {
    let Some((summed, sum)) = candidate.text.rsplit_once('_') else {
        return Checked::No;
    };
    let expected = crc32fast::hash(summed.as_bytes()).swap_bytes();
    sure_if(u32::from_str_radix(sum, 16) == Ok(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn githubs_published_token_fits_and_any_change_does_not() {
        // The example that GitHub's scheme is explained by, in two parts so that nobody's scanner stumbles.
        let token = ["ghp", "_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"].concat();
        assert_eq!(check(github, &token), Checked::Sure);
        for at in 4..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'7' { b'8' } else { b'7' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(check(github, &other), Checked::No, "{at}");
        }
    }

    #[test]
    fn a_small_checksum_has_leading_zeros() {
        assert_eq!(in_base(0, BASE62, 6), b"000000");
        assert_eq!(in_base(61, BASE62, 6), b"00000z");
        assert_eq!(in_base(62, BASE62, 6), b"000010");
        assert_eq!(in_base(u32::MAX, BASE36, 7), b"1z141z3");
    }

    #[test]
    fn gitlabs_checksum_covers_prefix_version_and_length() {
        let summed = ["glpat-", &"Ab0_".repeat(10), ".01.14"].concat();
        let sum = in_base(crc32fast::hash(summed.as_bytes()), BASE36, 7);
        let token = summed.clone() + std::str::from_utf8(&sum).unwrap();
        assert_eq!(check(gitlab_routable, &token), Checked::Sure);
        assert_eq!(
            check(gitlab_routable, &token.replace("glpat", "glrt")),
            Checked::No
        );
        assert_eq!(check(gitlab_routable, &(summed + "0000000")), Checked::No);
    }

    #[test]
    fn grafanas_documented_example_fits() {
        let token = ["glsa", "_yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58a"].concat();
        assert_eq!(check(grafana, &token), Checked::Sure);
        assert_eq!(check(grafana, &token.replace("yscW", "yscw")), Checked::No);
    }

    #[test]
    fn what_is_too_short_is_no_token() {
        for text in ["", "_", "ghp_", "x_y", "ghp_é", "glpat-1"] {
            assert_eq!(check(github, text), Checked::No);
            assert_eq!(check(gitlab_routable, text), Checked::No);
            assert_eq!(check(grafana, text), Checked::No);
        }
    }
}
