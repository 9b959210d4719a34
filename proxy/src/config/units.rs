//! Durations, sizes, and how near two words are.

use std::time::Duration;

/// `500ms`, `30s`, `10m`, `2h`, `90d`; above zero.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok().filter(|&number| number > 0)?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3_600)?)),
        "d" => Some(Duration::from_secs(number.checked_mul(86_400)?)),
        _ => None,
    }
}

/// `4096`, `64KiB`, `32MiB`, `1GiB`; above zero.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok().filter(|&number| number > 0)?;
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Whether two words differ by at most two single-character edits: a typo.
pub(super) fn similar(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().is_some_and(|&edits| edits <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units() {
        assert_eq!(duration("10m"), Some(Duration::from_secs(600)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(
            (
                duration("10"),
                duration("0s"),
                duration("s"),
                duration("-1s")
            ),
            (None, None, None, None)
        );
        assert_eq!(
            (bytes("32MiB"), bytes("5"), bytes("5MB")),
            (Some(32 << 20), Some(5), None)
        );
    }

    #[test]
    fn knows_typos() {
        assert!(similar("base_url", "baseurl"));
        assert!(similar("control", "contrl"));
        assert!(!similar("control", "data"));
    }
}
