//! The two directions: read, judge, write. Each blocks in a thread of its own.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    calls::Calls,
    client::ToClient,
    lines::{Judge, Lines},
    listing::Listing,
    session::Session,
};

/// As much as a pipe holds.
const PIECE: usize = 64 * 1024;

/// From the client to the server, until either has had enough. Dropping the files tells the other side.
pub(crate) fn to_server(from: File, to: File, session: &Session, client: &ToClient) {
    let mut to = Some(to);
    let mut calls = Calls { session, client };
    pump(from, &mut calls, |bytes| match &mut to {
        Some(file) if session.ended().is_none() => file.write_all(bytes).is_ok(),
        // Nothing reaches a server that was denied; what is asked is answered all the same.
        _ => {
            to = None;
            session.ended().is_some()
        }
    });
}

/// From the server to the client. `moved` counts what was read and what was written.
pub(crate) fn to_client(from: File, session: &Session, client: &ToClient, moved: &Moved) {
    let mut listing = Listing { session };
    let counted = Counted { from, moved };
    pump(counted, &mut listing, |bytes| {
        if session.ended().is_some() {
            return true;
        }
        client.pass(bytes)
    });
}

fn pump(mut from: impl Read, judge: &mut impl Judge, mut write: impl FnMut(&[u8]) -> bool) {
    let mut lines = Lines::default();
    let mut piece = vec![0; PIECE];
    let mut out = Vec::with_capacity(PIECE);
    loop {
        let bytes = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => piece.get(..count).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        if lines.all_passed() && judge.looks_on() {
            if !write(bytes) {
                return;
            }
            lines.saw(bytes, judge, &mut out);
            continue;
        }
        lines.feed(bytes, judge, &mut out);
        if !out.is_empty() && !write(&out) {
            return;
        }
        out.clear();
        out.shrink_to(4 * PIECE);
    }
    lines.finish(judge, &mut out);
    if !out.is_empty() {
        write(&out);
    }
}

/// How often something was read and written: while the two differ, bytes are under way.
#[derive(Default)]
pub(crate) struct Moved {
    read: AtomicU64,
    written: AtomicU64,
}

impl Moved {
    /// A number that changes with every step.
    pub(crate) fn steps(&self) -> u64 {
        self.read.load(Ordering::Relaxed) + self.written.load(Ordering::Relaxed)
    }

    /// Something was read and is still being written.
    pub(crate) fn under_way(&self) -> bool {
        self.read.load(Ordering::Relaxed) > self.written.load(Ordering::Relaxed)
    }
}

struct Counted<'a> {
    from: File,
    moved: &'a Moved,
}

impl Read for Counted<'_> {
    fn read(&mut self, piece: &mut [u8]) -> std::io::Result<usize> {
        // What was read before has been written by now, or kept back.
        let read = self.moved.read.load(Ordering::Relaxed);
        self.moved.written.store(read, Ordering::Relaxed);
        let count = self.from.read(piece)?;
        self.moved.read.fetch_add(1, Ordering::Relaxed);
        Ok(count)
    }
}
