//! Which notification a notice takes the place of: a later one does not lie beside an earlier one that says
//! the same. How often something is said at all is the agent's to decide. Pure.

use std::{collections::VecDeque, num::NonZeroU32};

use crate::Notice;

/// Most notifications that are remembered; the oldest is forgotten.
const MOST: usize = 64;

/// What makes two notices the same one to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    uid: u32,
    app: String,
    server: Option<String>,
    reason: Option<String>,
    granted: Option<bool>,
}

#[derive(Debug, Default)]
pub(crate) struct Earlier(VecDeque<(Key, NonZeroU32)>);

impl Earlier {
    /// What the notification server called the one that says the same.
    pub(crate) fn of(&self, uid: u32, notice: &Notice) -> Option<NonZeroU32> {
        let key = key(uid, notice);
        let same = self.0.iter().find(|(held, _)| *held == key);
        same.map(|(_, id)| *id)
    }

    /// It was shown under this id.
    pub(crate) fn shown(&mut self, uid: u32, notice: &Notice, id: NonZeroU32) {
        let key = key(uid, notice);
        self.0.retain(|(held, _)| *held != key);
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((key, id));
    }
}

fn key(uid: u32, notice: &Notice) -> Key {
    Key {
        uid,
        app: notice.app.as_str().to_owned(),
        server: notice.server.clone(),
        reason: notice.reason.clone(),
        granted: notice.granted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(app: &str, server: Option<&str>, reason: Option<&str>) -> Notice {
        Notice {
            app: app.parse().unwrap(),
            server: server.map(str::to_owned),
            reason: reason.map(str::to_owned),
            ask: None,
            granted: None,
        }
    }

    #[test]
    fn only_what_says_the_same_is_replaced() {
        let mut earlier = Earlier::default();
        let first = notice("claude-code", Some("files"), Some("r"));
        assert_eq!(earlier.of(1000, &first), None);
        let (seven, nine) = (NonZeroU32::new(7).unwrap(), NonZeroU32::new(9).unwrap());
        earlier.shown(1000, &first, seven);
        assert_eq!(earlier.of(1000, &first), Some(seven));
        earlier.shown(1000, &first, nine);
        assert_eq!(earlier.of(1000, &first), Some(nine));
        assert_eq!(earlier.of(1001, &first), None);
        for other in [
            notice("codex", Some("files"), Some("r")),
            notice("claude-code", Some("mail"), Some("r")),
            notice("claude-code", None, Some("r")),
            notice("claude-code", Some("files"), None),
        ] {
            assert_eq!(earlier.of(1000, &other), None);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut earlier = Earlier::default();
        let id = NonZeroU32::new(1).unwrap();
        let nth = |number| notice(&format!("app-{number}"), None, None);
        (0..200).for_each(|number| earlier.shown(0, &nth(number), id));
        assert_eq!(earlier.0.len(), MOST);
        assert_eq!(earlier.of(0, &nth(199)), Some(id));
        assert_eq!(earlier.of(0, &nth(135)), None);
    }
}
