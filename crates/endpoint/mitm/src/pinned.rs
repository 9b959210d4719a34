//! Which apps accept no certificate but their own, by what they did with ours.
//!
//! An alert that says so is proof enough. A connection that is closed without a word is not: apps open
//! connections they do not use and give up on slow ones. So it takes several of them in a row, from an
//! app that has never used a connection to that host; see [`Hint`].
//!
//! What was learned is forgotten after a while, since the reason may pass: a process that was started
//! before the organisation's CA was installed distrusts it, and its successor does not. Where the CA was
//! installed or changed meanwhile, it is forgotten at once.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use tidegate_policy::{AppId, HostName};
use tokio::time::Instant;

/// Points that count as pinning.
const PROOF: u8 = 6;
/// The most that is remembered.
const MOST: usize = 1024;

/// What may be pinning, and may be nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Closed when the certificate was there, amid the handshake: three in a row are proof.
    Handshake,
    /// Closed soon after a handshake that went well, unused: six in a row are proof. Some apps check pins
    /// only then, and some just open more than they need.
    Unused,
}

/// What is known of apps and hosts.
#[derive(Debug)]
pub(crate) struct PinTable {
    known: Mutex<HashMap<(AppId, HostName), Entry>>,
    keep: Duration,
    /// Changes when the CA is installed.
    installed: Option<PathBuf>,
    /// How it was when that was last looked at.
    seen: Mutex<Option<Stamp>>,
}

/// Tells a file from what it was before: when it was written, and its length in bytes.
type Stamp = (SystemTime, u64);

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Since when this is known.
    at: Instant,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The app has used a connection: it trusts us.
    Trusts,
    /// Points for connections closed without a word.
    Silent(u8),
    Pins,
}

impl PinTable {
    /// That keeps what it learns for a while, or until that file changes.
    pub(crate) fn new(keep: Duration, installed: Option<PathBuf>) -> Self {
        Self {
            known: Mutex::default(),
            keep,
            seen: Mutex::new(installed.as_deref().and_then(stamp)),
            installed,
        }
    }

    /// Whether the app is known to refuse our certificate for that host.
    pub(crate) fn pins(&self, app: &AppId, host: &HostName) -> bool {
        self.with(app, host, |entry| entry.state == State::Pins) && !self.outdated()
    }

    /// Forgets everything if the CA was installed or changed since this was last asked. It is asked only
    /// where something is about to pass unread, so nothing has to watch the file.
    fn outdated(&self) -> bool {
        let now = self.installed.as_deref().and_then(stamp);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *seen != now;
        *seen = now;
        if changed {
            self.forget();
        }
        changed
    }

    /// The app said that it does not trust our certificate.
    pub(crate) fn distrusted(&self, app: &AppId, host: &HostName) {
        self.with(app, host, |entry| entry.state = State::Pins);
    }

    /// The app used a connection.
    pub(crate) fn trusted(&self, app: &AppId, host: &HostName) {
        self.with(app, host, |entry| {
            // Another process of the app may pin all the same, and has said so.
            if entry.state != State::Pins {
                entry.state = State::Trusts;
            }
        });
    }

    /// The app closed a connection without having used it. Returns whether that makes it pinned.
    pub(crate) fn hint(&self, app: &AppId, host: &HostName, hint: Hint) -> bool {
        let points = match hint {
            Hint::Handshake => 2,
            Hint::Unused => 1,
        };
        self.with(app, host, |entry| {
            if let State::Silent(before) = entry.state {
                entry.state = match before + points {
                    sum if sum >= PROOF => State::Pins,
                    sum => State::Silent(sum),
                };
                return entry.state == State::Pins;
            }
            false
        })
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
    }

    fn with<T>(&self, app: &AppId, host: &HostName, act: impl FnOnce(&mut Entry) -> T) -> T {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (app.clone(), host.clone());
        if known.len() >= MOST && !known.contains_key(&key) {
            known.retain(|_, entry| now - entry.at < self.keep);
            if known.len() >= MOST {
                let oldest = known.iter().min_by_key(|(_, entry)| entry.at);
                if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                    known.remove(&key);
                }
            }
        }
        let fresh = Entry {
            at: now,
            state: State::Silent(0),
        };
        let entry = known.entry(key).or_insert(fresh);
        if now - entry.at >= self.keep {
            *entry = fresh;
        }
        let before = entry.state;
        let result = act(entry);
        if entry.state != before {
            entry.at = now;
        }
        result
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> (PinTable, AppId, HostName) {
        (
            PinTable::new(Duration::from_secs(60), None),
            "cursor".parse().unwrap(),
            "api.anthropic.com".parse().unwrap(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn an_alert_pins_for_a_while() {
        let (table, app, host) = table();
        assert!(!table.pins(&app, &host));
        table.distrusted(&app, &host);
        assert!(table.pins(&app, &host));
        assert!(!table.pins(&"codex".parse().unwrap(), &host));
        assert!(!table.pins(&app, &"chatgpt.com".parse().unwrap()));
        table.forget();
        assert!(!table.pins(&app, &host));
        table.distrusted(&app, &host);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(table.pins(&app, &host));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!table.pins(&app, &host));
    }

    #[tokio::test(start_paused = true)]
    async fn a_ca_that_is_installed_is_a_new_chance() {
        let (_, app, host) = table();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let table = PinTable::new(Duration::from_secs(60), Some(file.clone()));
        for change in ["", "another CA", "a third one"] {
            table.distrusted(&app, &host);
            assert!(table.pins(&app, &host), "before {change:?}");
            fs::write(&file, change).unwrap();
            assert!(!table.pins(&app, &host), "after {change:?}");
            assert!(!table.pins(&app, &host));
        }
        table.distrusted(&app, &host);
        assert!(table.pins(&app, &host));
        fs::remove_file(&file).unwrap();
        assert!(!table.pins(&app, &host));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_pins_only_in_a_row_and_only_strangers() {
        let (table, app, host) = table();
        for (hint, times) in [(Hint::Handshake, 3), (Hint::Unused, 6)] {
            let host: HostName = format!("x{times}.example").parse().unwrap();
            for time in 1..times {
                assert!(!table.hint(&app, &host, hint), "{time}");
                assert!(!table.pins(&app, &host));
            }
            assert!(table.hint(&app, &host, hint));
            assert!(table.pins(&app, &host));
        }
        table.hint(&app, &host, Hint::Handshake);
        table.trusted(&app, &host);
        for _ in 0..10 {
            assert!(!table.hint(&app, &host, Hint::Handshake));
        }
        assert!(!table.pins(&app, &host));
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_the_oldest_goes() {
        let (table, app, _) = table();
        let host = |n: usize| format!("h{n}.example").parse::<HostName>().unwrap();
        for n in 0..=MOST {
            table.distrusted(&app, &host(n));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(table.known.lock().unwrap().len(), MOST);
        assert!(table.pins(&app, &host(MOST)));
        assert!(!table.pins(&app, &host(0)));
    }
}
