//! What a process has started already, by `/proc`. From the moment it is denied the kernel programs see
//! for themselves what is started; this is for what was there before.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// A process: its id and its start (proc(5), `stat` field 22), which together are never used twice.
pub(crate) type Process = (u32, u64);

/// The processes that descend from some, each with that one. Those whose parent has ended belong to
/// nobody any more.
pub(crate) fn descendants(roots: &BTreeSet<u32>) -> BTreeMap<Process, u32> {
    let mut children: BTreeMap<u32, Vec<Process>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|pid| pid.parse().ok());
        if let Some(pid) = pid
            && let Some(stat) = Stat::of(pid)
        {
            children
                .entry(stat.parent)
                .or_default()
                .push((pid, stat.start));
        }
    }
    below(&children, roots)
}

fn below(children: &BTreeMap<u32, Vec<Process>>, roots: &BTreeSet<u32>) -> BTreeMap<Process, u32> {
    let mut found = BTreeMap::new();
    let mut next: Vec<(u32, u32)> = roots.iter().map(|root| (*root, *root)).collect();
    while let Some((parent, root)) = next.pop() {
        for &child in children.get(&parent).into_iter().flatten() {
            // A root is its own; and ids that are used again while this is read may form a circle.
            if !roots.contains(&child.0) && found.insert(child, root).is_none() {
                next.push((child.0, root));
            }
        }
    }
    found
}

/// Whether it still runs.
pub(crate) fn runs((pid, start): Process) -> bool {
    Stat::of(pid).is_some_and(|stat| stat.start == start && !stat.ended)
}

/// What matters of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    start: u64,
    ended: bool,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name in brackets may hold anything, so the fields begin after the last closing one.
    fn parse(text: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(text);
        let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
        Some(Self {
            ended: matches!(fields.next()?, "Z" | "X" | "x"),
            parent: fields.next()?.parse().ok()?,
            // Fields 3 and 4 are taken.
            start: fields.nth(17)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_below_belongs_to_the_root_above_it() {
        let tree = BTreeMap::from([
            (1, vec![(10, 1), (20, 1)]),
            (10, vec![(11, 2), (12, 2)]),
            (11, vec![(13, 3), (20, 1)]),
            // A circle.
            (13, vec![(11, 2)]),
            (20, vec![(21, 4)]),
        ]);
        let found = below(&tree, &BTreeSet::from([10, 20]));
        let expected = [(11, 2, 10), (12, 2, 10), (13, 3, 10), (21, 4, 20)];
        let expected = expected.map(|(pid, start, root)| ((pid, start), root));
        assert_eq!(found, BTreeMap::from(expected));
    }

    #[test]
    fn a_name_cannot_forge_fields() {
        let tail = "1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 1";
        let parsed = Stat::parse(format!("42 (x) Z 7 (S) S {tail}").as_bytes());
        let expected = Stat {
            parent: 1,
            start: 98765,
            ended: false,
        };
        assert_eq!(parsed, Some(expected));
        for bad in ["", "42 (x", "42 (x) S", "42 (x) S one", "42 (x) S 1 2 3"] {
            assert_eq!(Stat::parse(bad.as_bytes()), None, "{bad}");
        }
        assert!(runs((
            std::process::id(),
            Stat::of(std::process::id()).unwrap().start
        )));
        assert!(!runs((std::process::id(), 0)));
    }
}
