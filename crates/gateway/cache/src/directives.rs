//! What a caller says about caching: `cache-control` as requests have it (RFC 9111 §5.2.1), and a switch of
//! the gateway's own.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header::CACHE_CONTROL};

use crate::Mode;

/// The switch in a request (`on`, `off`), and what became of it in an answer (`hit`, `semantic`, `miss`).
pub const SWITCH: HeaderName = HeaderName::from_static("x-tidegate-cache");

/// Directives beyond this many bytes are not read.
const LONGEST: usize = 1_024;

/// What a caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Directives {
    /// A kept answer is not wanted (`no-cache`). A new one may be kept in its place.
    pub no_cache: bool,
    /// What is answered now is not to be kept (`no-store`). One that is kept already may be given.
    pub no_store: bool,
    /// The age at which an answer is too old (`max-age`).
    pub max_age: Option<Duration>,
    /// For how long an answer must still hold (`min-fresh`).
    pub min_fresh: Option<Duration>,
    /// Nothing but a kept answer is wanted (`only-if-cached`).
    pub only_if_cached: bool,
}

impl Directives {
    /// Reads a request's headers; `None` where the cache is to be left alone. Of what contradicts itself the
    /// stricter holds; what is no number forbids as zero does (§4.2.1).
    #[must_use]
    pub fn of(headers: &HeaderMap, mode: Mode) -> Option<Self> {
        let mut on = mode == Mode::All;
        for value in headers.get_all(SWITCH) {
            match value.as_bytes().trim_ascii() {
                word if word.eq_ignore_ascii_case(b"on") => on = true,
                // A word that is not known is rather taken for a wish to be left alone.
                _ => return None,
            }
        }
        if !on {
            return None;
        }
        let mut found = Self::default();
        for value in headers.get_all(CACHE_CONTROL) {
            let Ok(text) = value.to_str() else {
                // Not to be understood: nothing is given, nothing is kept.
                found.no_cache = true;
                found.no_store = true;
                continue;
            };
            for directive in text.get(..LONGEST).unwrap_or(text).split(',') {
                found.take(directive.trim());
            }
        }
        Some(found)
    }

    fn take(&mut self, directive: &str) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = || {
            let digits = value.trim().trim_matches('"');
            Duration::from_secs(digits.parse().unwrap_or(0))
        };
        let name = name.trim();
        let is = |known| name.eq_ignore_ascii_case(known);
        if is("no-cache") {
            self.no_cache = true;
        } else if is("no-store") {
            self.no_store = true;
        } else if is("only-if-cached") {
            self.only_if_cached = true;
        } else if is("max-age") {
            let given = seconds();
            self.max_age = Some(self.max_age.map_or(given, |known| known.min(given)));
        } else if is("min-fresh") {
            let digits = value.trim().trim_matches('"');
            let given = digits.parse().map_or(Duration::MAX, Duration::from_secs);
            self.min_fresh = Some(self.min_fresh.map_or(given, |known| known.max(given)));
        }
        // `max-stale` allows what is never done here; the others are not about caches like this one.
    }

    /// Whether an answer of this age may be given, of which none is given that is older than `ttl`.
    #[must_use]
    pub fn accept(&self, age: Duration, ttl: Duration) -> bool {
        !self.no_cache
            && age <= ttl
            && self
                .max_age
                .is_none_or(|limit| age <= limit && !limit.is_zero())
            && self.min_fresh.is_none_or(|fresh| ttl - age >= fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[(&'static str, &'static str)], mode: Mode) -> Option<Directives> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        Directives::of(&headers, mode)
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn the_switch_decides_and_what_is_no_word_of_it_leaves_the_cache_alone() {
        assert!(read(&[], Mode::All).is_some());
        assert!(read(&[], Mode::Asked).is_none());
        assert!(read(&[("x-tidegate-cache", "On")], Mode::Asked).is_some());
        for word in ["off", "no", "", "on, off"] {
            assert!(
                read(&[("x-tidegate-cache", word)], Mode::All).is_none(),
                "{word}"
            );
        }
        let both = [("x-tidegate-cache", "on"), ("x-tidegate-cache", "off")];
        assert!(read(&both, Mode::All).is_none());
    }

    #[test]
    fn directives_are_read_as_the_rfc_has_them() {
        let found = read(
            &[
                ("cache-control", "Max-Age=\"60\", NO-STORE , max-stale=9"),
                ("cache-control", "max-age=10,min-fresh = 5, only-if-cached"),
            ],
            Mode::All,
        )
        .unwrap();
        assert_eq!(found.max_age, Some(Duration::from_secs(10)));
        assert_eq!(found.min_fresh, Some(Duration::from_secs(5)));
        assert!(found.no_store && found.only_if_cached && !found.no_cache);
    }

    #[test]
    fn an_answer_is_given_only_as_fresh_as_it_is_wanted() {
        let accepts = |line: &'static str, age: u64| {
            let found = read(&[("cache-control", line)], Mode::All).unwrap();
            found.accept(Duration::from_secs(age), HOUR)
        };
        assert!(accepts("max-stale", 3_600) && !accepts("max-stale", 3_601));
        assert!(accepts("max-age=60", 60) && !accepts("max-age=60", 61));
        assert!(!accepts("max-age=0", 0), "a new answer is wanted");
        assert!(!accepts("max-age=soon", 0));
        assert!(!accepts("no-cache", 0));
        assert!(
            accepts("no-store", 0),
            "it says what not to keep, not what not to give"
        );
        assert!(accepts("min-fresh=600", 3_000) && !accepts("min-fresh=600", 3_001));
        assert!(!accepts("min-fresh=x", 0));
    }
}
