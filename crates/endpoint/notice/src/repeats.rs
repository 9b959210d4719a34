//! What was said lately: an app that tries a hundred times is told of once, and a later notice takes the
//! place of the earlier one instead of lying beside it. Pure.

use std::{collections::HashMap, num::NonZeroU32, time::Duration};

use crate::Notice;

/// How long a notice stays said.
pub const QUIET: Duration = Duration::from_secs(60);
/// Most notices that are remembered.
const MOST: usize = 64;

/// What makes two notices the same one to a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    uid: u32,
    app: String,
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Said {
    /// Since the notifier began.
    at: Duration,
    /// What the notification server called it.
    id: Option<NonZeroU32>,
}

/// A notice that is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct News {
    /// The notification that it takes the place of.
    pub(crate) replaces: Option<NonZeroU32>,
}

#[derive(Debug, Default)]
pub(crate) struct Repeats(HashMap<Key, Said>);

impl Repeats {
    /// Whether to say it now; then it counts as said, whether it is seen or not: a desktop that fails
    /// is not asked more often than one that does not. `now` is since the notifier began.
    pub(crate) fn is_news(&mut self, uid: u32, notice: &Notice, now: Duration) -> Option<News> {
        let key = key(uid, notice);
        let fresh = |said: &Said| now.saturating_sub(said.at) < QUIET;
        let known = self.0.get(&key).copied();
        if known.is_some_and(|said| fresh(&said)) {
            return None;
        }
        if known.is_none() && self.0.len() >= MOST {
            self.0.retain(|_, said| fresh(said));
            if self.0.len() >= MOST {
                return None;
            }
        }
        let id = known.and_then(|said| said.id);
        self.0.insert(key, Said { at: now, id });
        Some(News { replaces: id })
    }

    /// It was shown under this id.
    pub(crate) fn shown(&mut self, uid: u32, notice: &Notice, id: NonZeroU32) {
        if let Some(said) = self.0.get_mut(&key(uid, notice)) {
            said.id = Some(id);
        }
    }
}

fn key(uid: u32, notice: &Notice) -> Key {
    Key {
        uid,
        app: notice.app.as_str().to_owned(),
        reason: notice.reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(app: &str, reason: Option<&str>) -> Notice {
        Notice {
            app: app.parse().unwrap(),
            reason: reason.map(str::to_owned),
            ask: None,
        }
    }

    #[test]
    fn a_notice_is_news_once_in_a_while() {
        let mut repeats = Repeats::default();
        let claude = notice("claude-code", Some("r"));
        let second = Duration::from_secs(1);
        let first = Some(News { replaces: None });
        assert_eq!(repeats.is_news(1000, &claude, Duration::ZERO), first);
        let id = NonZeroU32::new(7).unwrap();
        repeats.shown(1000, &claude, id);
        assert_eq!(repeats.is_news(1000, &claude, QUIET - second), None);
        // Another person, another app, another reason.
        assert_eq!(repeats.is_news(1001, &claude, second), first);
        assert_eq!(
            repeats.is_news(1000, &notice("codex", Some("r")), second),
            first
        );
        assert_eq!(
            repeats.is_news(1000, &notice("claude-code", None), second),
            first
        );
        let again = Some(News { replaces: Some(id) });
        assert_eq!(repeats.is_news(1000, &claude, QUIET), again);
        assert_eq!(repeats.is_news(1000, &claude, QUIET + second), None);
    }

    #[test]
    fn memory_is_bounded_and_old_notices_make_room() {
        let mut repeats = Repeats::default();
        for number in 0..200 {
            let app = notice(&format!("app-{number}"), None);
            let news = repeats.is_news(0, &app, Duration::ZERO).is_some();
            assert_eq!(news, number < MOST, "{number}");
        }
        assert_eq!(repeats.0.len(), MOST);
        assert!(repeats.is_news(0, &notice("late", None), QUIET).is_some());
        assert_eq!(repeats.0.len(), 1);
    }
}
