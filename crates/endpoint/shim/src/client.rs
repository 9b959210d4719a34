//! Bytes to the client: what the server says, and between its lines what the shim says itself.

use std::{
    fs::File,
    io::Write,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Answers that wait for the end of a line. One that does not fit was asked for by a client that asks
/// without listening.
const MOST_WAITING: usize = 1_024;

/// The way to the client. Both directions and the shim's own control write to it.
pub(crate) struct ToClient {
    way: Mutex<Way>,
    /// What is said before hanging up, by whoever does it. Nobody holds it while he waits for the client.
    last: Mutex<Vec<String>>,
}

struct Way {
    file: Option<File>,
    /// Part of a line has been written.
    midway: bool,
    waiting: Vec<String>,
}

impl ToClient {
    pub(crate) fn new(file: File) -> Self {
        Self {
            way: Mutex::new(Way {
                file: Some(file),
                midway: false,
                waiting: Vec::new(),
            }),
            last: Mutex::default(),
        }
    }

    /// Passes bytes on; false, when the client does not take any more.
    pub(crate) fn pass(&self, bytes: &[u8]) -> bool {
        let mut way = self.way();
        let open = way.write(bytes);
        if let Some(last) = bytes.last() {
            way.midway = *last != b'\n';
        }
        if !way.midway {
            for answer in std::mem::take(&mut way.waiting) {
                way.write_line(&answer);
            }
        }
        open
    }

    /// Says something of our own, as a line of its own.
    pub(crate) fn answer(&self, message: &str) {
        let mut way = self.way();
        if !way.midway {
            way.write_line(message);
        } else if way.waiting.len() < MOST_WAITING {
            way.waiting.push(message.to_owned());
        }
    }

    /// What is to be said before anybody hangs up. Does not wait for the client.
    pub(crate) fn leave(&self, messages: Vec<String>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = messages;
    }

    /// Says the last things and hangs up. A line that was begun never ends otherwise, so it is ended where
    /// something follows.
    pub(crate) fn hang_up(&self) {
        let mut way = self.way();
        let last = std::mem::take(&mut *self.last.lock().unwrap_or_else(PoisonError::into_inner));
        for message in std::mem::take(&mut way.waiting).iter().chain(&last) {
            if std::mem::take(&mut way.midway) {
                way.write(b"\n");
            }
            way.write_line(message);
        }
        way.file = None;
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way {
    fn write_line(&mut self, message: &str) {
        self.write(format!("{message}\n").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) -> bool {
        if let Some(file) = &mut self.file
            && file.write_all(bytes).is_err()
        {
            self.file = None;
        }
        self.file.is_some()
    }
}
