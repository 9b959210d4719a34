//! Where the store lives, and how it is reached.

use std::path::PathBuf;

/// Settings of the store.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Directory of the recorder's journal, on local disk and used by one process at a time.
    /// Without one a crash loses the finished calls that were not yet committed.
    pub journal_dir: Option<PathBuf>,
    /// PostgreSQL connections at most, or SQLite readers: 1 to 64.
    pub connections: usize,
}

impl StoreConfig {
    /// The settings for `url`, without a journal and with four connections.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            journal_dir: None,
            connections: 4,
        }
    }

    /// The same with a journal in `dir`.
    #[must_use]
    pub fn with_journal(mut self, dir: impl Into<PathBuf>) -> Self {
        self.journal_dir = Some(dir.into());
        self
    }
}

/// The URL may hold a password, so it is not printed.
impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig")
            .field("scheme", &self.url.split(':').next().unwrap_or_default())
            .field("journal_dir", &self.journal_dir)
            .field("connections", &self.connections)
            .finish()
    }
}
