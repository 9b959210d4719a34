//! The lines of `/proc/PID/stat` and `/proc/PID/status` that matter.

use crate::StartTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) parent: u32,
    pub(crate) start: StartTime,
    /// It has ended, and waits for its parent to notice.
    pub(crate) ended: bool,
}

/// Reads `stat`. The name in brackets may hold anything, brackets, spaces and line ends too, so the
/// fields begin after the last closing one.
pub(crate) fn stat(text: &[u8]) -> Option<Stat> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    Some(Stat {
        ended: matches!(state, "Z" | "X" | "x"),
        parent: fields.next()?.parse().ok()?,
        // Field 22; 3 and 4 are taken.
        start: StartTime(fields.nth(17)?.parse().ok()?),
    })
}

/// The real user in `status`.
pub(crate) fn real_uid(text: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_forge_fields() {
        let tail = "1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 1";
        let line = format!("42 (x) Z 7 (S) S {tail}");
        let read = stat(line.as_bytes()).unwrap();
        assert_eq!(
            (read.parent, read.start, read.ended),
            (1, StartTime(98765), false)
        );
        assert!(stat(format!("42 (x) Z {tail}").as_bytes()).unwrap().ended);
        for bad in ["", "42 (x", "42 (x) S", "42 (x) S one", "42 (x) S 1 2 3"] {
            assert_eq!(stat(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn the_first_id_is_the_real_one() {
        assert_eq!(real_uid(b"Name:\tUid:\nUid:\t1000\t0\t0\t0\n"), Some(1000));
        assert_eq!(real_uid(b"Name:\tx\n"), None);
    }
}
