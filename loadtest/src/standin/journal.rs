//! What the stand-in saw: the last requests with their bodies and how each ended, and
//! counters, so that a test can tell what really reached the provider.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Larger bodies are remembered by length and hash alone, which bounds the memory.
const KEEP_BODY: usize = 128 << 10;

/// How an exchange ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still being answered.
    Answering,
    /// The peer went away, or reset the stream, before the answer ended.
    Cancelled,
    /// The stand-in broke the answer off itself, as asked.
    Cut,
    /// The whole answer was handed to the connection.
    Finished,
}

/// One remembered request.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// Counts up from 1 over all requests.
    pub number: u64,
    /// Which connection it came on, from 1.
    pub connection: u64,
    /// Method.
    pub method: String,
    /// Path with its query.
    pub path: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// Header fields in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Length of the body in bytes; `None` when it was not read to its end.
    pub body_length: Option<usize>,
    /// SHA-256 of the body in lower-case hex.
    pub body_sha256: Option<String>,
    /// The body itself when it is not larger than 128 KiB.
    pub body_base64: Option<String>,
    /// Status it was answered with, once known.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Seen {
    /// The value of the first header of that (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The body, where it was small enough to keep.
    #[must_use]
    pub fn body(&self) -> Option<Vec<u8>> {
        self.body_base64
            .as_ref()
            .and_then(|b| STANDARD.decode(b).ok())
    }
}

/// Counters since the start (or the last clear, for none of them).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Stats {
    /// Requests received.
    pub requests: u64,
    /// Requests being read or answered now.
    pub in_flight: u64,
    /// Requests whose peer left before the answer ended.
    pub cancelled: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Connections open now.
    pub open: u64,
}

#[derive(Debug)]
enum Kept {
    Whole(Bytes),
    Hash(usize, String),
}

#[derive(Debug)]
struct Entry {
    number: u64,
    connection: u64,
    method: String,
    path: String,
    version: String,
    headers: Vec<(String, String)>,
    body: OnceLock<Kept>,
    status: AtomicU16,
    outcome: AtomicU8,
}

const ANSWERING: u8 = 0;
const CANCELLED: u8 = 1;
const CUT: u8 = 2;
const FINISHED: u8 = 3;

/// The journal of one stand-in.
#[derive(Debug)]
pub(super) struct Journal {
    remember: usize,
    entries: Mutex<VecDeque<Arc<Entry>>>,
    requests: AtomicU64,
    in_flight: AtomicU64,
    cancelled: AtomicU64,
    connections: AtomicU64,
    open: AtomicU64,
}

impl Journal {
    pub(super) fn new(remember: usize) -> Self {
        Self {
            remember,
            entries: Mutex::default(),
            requests: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            open: AtomicU64::new(0),
        }
    }

    /// Counts a new connection and numbers it.
    pub(super) fn connected(&self) -> u64 {
        self.open.fetch_add(1, Relaxed);
        self.connections.fetch_add(1, Relaxed) + 1
    }

    pub(super) fn disconnected(&self) {
        self.open.fetch_sub(1, Relaxed);
    }

    /// Starts the record of a request. The watch it returns notes how the request ends.
    pub(super) fn open(self: &Arc<Self>, connection: u64, parts: &Parts) -> Watch {
        let number = self.requests.fetch_add(1, Relaxed) + 1;
        self.in_flight.fetch_add(1, Relaxed);
        let entry = (self.remember > 0).then(|| {
            let headers = parts.headers.iter().map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            });
            let entry = Arc::new(Entry {
                number,
                connection,
                method: parts.method.to_string(),
                path: parts
                    .uri
                    .path_and_query()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                version: format!("{:?}", parts.version),
                headers: headers.collect(),
                body: OnceLock::new(),
                status: AtomicU16::new(0),
                outcome: AtomicU8::new(ANSWERING),
            });
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            while entries.len() >= self.remember {
                entries.pop_front();
            }
            entries.push_back(Arc::clone(&entry));
            entry
        });
        Watch {
            journal: Arc::clone(self),
            entry,
            ended: false,
        }
    }

    /// The last `last` requests, oldest first.
    pub(super) fn seen(&self, last: usize) -> Vec<Seen> {
        let entries: Vec<_> = {
            let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries
                .iter()
                .skip(entries.len().saturating_sub(last))
                .cloned()
                .collect()
        };
        entries.iter().map(|entry| entry.seen()).collect()
    }

    pub(super) fn clear(&self) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            requests: self.requests.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            cancelled: self.cancelled.load(Relaxed),
            connections: self.connections.load(Relaxed),
            open: self.open.load(Relaxed),
        }
    }
}

impl Entry {
    fn seen(&self) -> Seen {
        let (body_length, body_sha256, body_base64) = match self.body.get() {
            None => (None, None, None),
            Some(Kept::Whole(body)) => (
                Some(body.len()),
                Some(sha256(body)),
                Some(STANDARD.encode(body)),
            ),
            Some(Kept::Hash(length, hash)) => (Some(*length), Some(hash.clone()), None),
        };
        let status = self.status.load(Relaxed);
        Seen {
            number: self.number,
            connection: self.connection,
            method: self.method.clone(),
            path: self.path.clone(),
            version: self.version.clone(),
            headers: self.headers.clone(),
            body_length,
            body_sha256,
            body_base64,
            status: (status != 0).then_some(status),
            outcome: match self.outcome.load(Relaxed) {
                CANCELLED => Outcome::Cancelled,
                CUT => Outcome::Cut,
                FINISHED => Outcome::Finished,
                _ => Outcome::Answering,
            },
        }
    }
}

/// Follows one request to its end. Dropped before an end was noted, it was cancelled:
/// hyper drops the handler or the body when the peer goes away.
#[derive(Debug)]
pub(super) struct Watch {
    journal: Arc<Journal>,
    entry: Option<Arc<Entry>>,
    ended: bool,
}

impl Watch {
    pub(super) fn body(&self, body: &Bytes) {
        let Some(entry) = &self.entry else { return };
        entry.body.get_or_init(|| {
            if body.len() <= KEEP_BODY {
                Kept::Whole(body.clone())
            } else {
                Kept::Hash(body.len(), sha256(body))
            }
        });
    }

    pub(super) fn status(&self, status: u16) {
        if let Some(entry) = &self.entry {
            entry.status.store(status, Relaxed);
        }
    }

    pub(super) fn finished(&mut self) {
        self.end(FINISHED);
    }

    pub(super) fn cut(&mut self) {
        self.end(CUT);
    }

    fn end(&mut self, outcome: u8) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        if outcome == CANCELLED {
            self.journal.cancelled.fetch_add(1, Relaxed);
        }
        self.journal.in_flight.fetch_sub(1, Relaxed);
        if let Some(entry) = &self.entry {
            entry.outcome.store(outcome, Relaxed);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end(CANCELLED);
    }
}

fn sha256(body: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('?');
    Sha256::digest(body)
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
