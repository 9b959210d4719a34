//! Names of counters and limitations live as long as the process. Backends have them in their code; what
//! comes over the wire is kept once for each name.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// More than all backends have together. Whoever sends others gets no memory for them.
const MOST: usize = 256;

/// The name, kept for good.
pub(crate) fn kept(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    if names.len() >= MOST {
        return "other";
    }
    let kept: &'static str = Box::leak(name.into());
    names.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_not_without_end() {
        let first = kept("redirected");
        assert!(std::ptr::eq(first, kept(&String::from("redirected"))));
        let all: BTreeSet<_> = (0..1000).map(|n| kept(&format!("name-{n}"))).collect();
        assert!(all.len() <= MOST && all.contains("other"));
        assert_eq!(kept("redirected"), "redirected");
    }
}
