//! Bytes that go from socket to socket through a pipe, without being copied to us and back: `splice(2)`.

use std::{
    cell::RefCell,
    io,
    os::fd::{AsFd, OwnedFd},
};

use nix::{
    fcntl::{FcntlArg, OFlag, SpliceFFlags, fcntl, splice},
    unistd::pipe2,
};
use tokio::{io::Interest, net::TcpStream};

/// What a pipe is asked to hold, in bytes; the most that users may have by default.
const SIZE: usize = 1 << 20;
/// Empty pipes that a thread keeps.
const KEPT: usize = 4;

thread_local! {
    static EMPTY: RefCell<Vec<Pipe>> = const { RefCell::new(Vec::new()) };
}

struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
}

impl Pipe {
    /// None where no more files can be opened: the usual way works without.
    fn take() -> Option<Self> {
        if let Some(kept) = EMPTY.with_borrow_mut(Vec::pop) {
            return Some(kept);
        }
        let (read, write) = pipe2(OFlag::O_NONBLOCK | OFlag::O_CLOEXEC).ok()?;
        if let Err(error) = fcntl(&write, FcntlArg::F_SETPIPE_SZ(SIZE as i32)) {
            tracing::trace!(%error, "a pipe of the usual size");
        }
        Some(Self { read, write })
    }

    /// Keeps a pipe that is empty for the next one.
    fn keep(self) {
        EMPTY.with_borrow_mut(|kept| {
            if kept.len() < KEPT {
                kept.push(self);
            }
        });
    }
}

fn shift(from: impl AsFd, to: impl AsFd, most: usize) -> io::Result<usize> {
    let flags = SpliceFFlags::SPLICE_F_MOVE | SpliceFFlags::SPLICE_F_NONBLOCK;
    Ok(splice(from, None, to, None, most, flags)?)
}

/// Moves what the source has ready, until it has no more for now or at all: how many bytes that were.
pub(super) async fn bulk(from: &TcpStream, to: &TcpStream) -> io::Result<usize> {
    let Some(pipe) = Pipe::take() else {
        return Ok(0);
    };
    let mut moved = 0;
    loop {
        // The pipe is empty here, so that a refusal is the source's.
        let mut left = match from.try_io(Interest::READABLE, || shift(from, &pipe.write, SIZE)) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if passing(&error) => break,
            Err(error) => return Err(error),
        };
        moved += left;
        while left > 0 {
            match to.try_io(Interest::WRITABLE, || shift(&pipe.read, to, left)) {
                Ok(count) => left -= count,
                Err(error) if passing(&error) => to.writable().await?,
                Err(error) => return Err(error),
            }
        }
        tokio::task::coop::consume_budget().await;
    }
    pipe.keep();
    Ok(moved)
}

/// Whether the usual way, or a second try, goes on from here.
fn passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
