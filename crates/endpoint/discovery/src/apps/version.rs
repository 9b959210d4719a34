//! Versions, as far as they have to be compared: which of several folders is the newest.

use std::cmp::Ordering;

/// Compares number by number, so that 2.10 comes after 2.9; text where there are no numbers.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (pieces(a), pieces(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (a, b) => a.cmp(&b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Numbers without leading zeros by length, then by digits: no number is too large. Text sorts below a
/// number, so that 2.0 comes after 2.beta.
fn pieces(version: &str) -> impl Iterator<Item = (usize, &str)> {
    let parts = version.split(|c: char| !c.is_ascii_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(|part| {
        if part.bytes().all(|c| c.is_ascii_digit()) {
            let digits = part.trim_start_matches('0');
            (digits.len() + 1, digits)
        } else {
            (0, part)
        }
    })
}

/// The newest of several names that begin with a number.
pub(super) fn newest<'a>(names: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let numbered = |name: &&String| name.starts_with(|c: char| c.is_ascii_digit());
    let names = names.into_iter().filter(numbered);
    names.max_by(|a, b| compare(a, b))
}

/// A version as it stands in a name, without the platform (`0.158.0-x86_64-unknown-linux-musl`).
pub(super) fn without_platform(name: &str) -> String {
    let platforms = ["-x86_64", "-aarch64", "-arm64", "-x64", "-linux", "-darwin"];
    let cut = platforms
        .iter()
        .filter_map(|platform| name.find(platform))
        .min();
    name.get(..cut.unwrap_or(name.len()))
        .unwrap_or(name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (small, large) in [
            ("2.9.0", "2.10.0"),
            ("1.0", "1.0.1"),
            ("2.beta", "2.0"),
            ("1.99999999999999999999998", "1.99999999999999999999999"),
            ("2026.05.28-418efe5", "2026.06.01-00aa"),
        ] {
            assert_eq!(compare(small, large), Ordering::Less, "{small} {large}");
        }
        let names = ["2.1.9", "latest", "2.1.10", "tmp"].map(str::to_owned);
        assert_eq!(newest(&names), Some(&names[2]));
        assert_eq!(newest(&["current".to_owned()]), None);
    }

    #[test]
    fn platforms_are_no_part_of_a_version() {
        assert_eq!(
            without_platform("0.158.0-x86_64-unknown-linux-musl"),
            "0.158.0"
        );
        assert_eq!(without_platform("2.1.3"), "2.1.3");
        assert_eq!(without_platform("-x64"), "");
    }
}
