//! One end of a pair of sockets that keeps frames apart, and carries files with them (unix(7),
//! `SOCK_SEQPACKET`, `SCM_RIGHTS`).

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
        SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
        sendmsg, socketpair,
        sockopt::{Timeout, set_socket_timeout},
    },
};
use tokio::io::{Interest, unix::AsyncFd};

use crate::{LONGEST_ANSWER, MOST_FILES, wire::Malformed};

/// How long a frame may wait for room in the other's queue, where the sender cannot do anything else
/// meanwhile.
const PATIENCE: Timespec = Timespec {
    tv_sec: 2,
    tv_nsec: 0,
};

/// Why nothing can be said or heard.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The other process is gone.
    #[error("the other process is gone")]
    Gone,
    /// What came is no frame of ours.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A system call failed.
    #[error("speaking with the other process: {0}")]
    Io(#[from] io::Error),
}

/// A frame as it came.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) files: Vec<OwnedFd>,
}

/// One end, with a runtime.
#[derive(Debug)]
pub struct Link(AsyncFd<OwnedFd>);

impl Link {
    /// Two ends: one to serve, one to give to a child process.
    ///
    /// # Errors
    /// The system has no more sockets. Must be called within a tokio runtime.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = pair()?;
        Ok((Self::new(ours)?, theirs))
    }

    /// An end that was handed over.
    ///
    /// # Errors
    /// It is no socket. Must be called within a tokio runtime.
    #[expect(
        deprecated,
        reason = "its successor is unsafe; an owned socket stays open and the same while it is held"
    )]
    pub fn new(socket: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        AsyncFd::with_interest(socket, interest).map(Self)
    }

    /// Says something, when there is room for it.
    pub(crate) async fn send(
        &self,
        frame: &[u8],
        files: &[BorrowedFd<'_>],
    ) -> Result<(), LinkError> {
        let sent = self
            .0
            .async_io(Interest::WRITABLE, |socket| send(socket, frame, files));
        sent.await.map_err(gone)
    }

    /// Says something if there is room for it now; whether there was.
    pub(crate) fn offer(&self, frame: &[u8], files: &[BorrowedFd<'_>]) -> Result<bool, LinkError> {
        match send(self.0.get_ref(), frame, files) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(gone(error)),
        }
    }

    /// Says something, and blocks for as long as there is no room for it: a moment, as a rule.
    pub(crate) fn send_now(&self, frame: &[u8], files: &[BorrowedFd<'_>]) -> Result<(), LinkError> {
        while !self.offer(frame, files)? {
            let mut waited = [PollFd::new(self.0.get_ref(), PollFlags::OUT)];
            if poll(&mut waited, Some(&PATIENCE)).map_err(io::Error::from)? == 0 {
                return Err(LinkError::Io(io::ErrorKind::TimedOut.into()));
            }
        }
        Ok(())
    }

    /// The next frame, read into `buffer`.
    pub(crate) async fn receive<'a>(&self, buffer: &'a mut [u8]) -> Result<Frame<'a>, LinkError> {
        let got = self
            .0
            .async_io(Interest::READABLE, |socket| receive(socket, buffer))
            .await?;
        let (length, files) = got?;
        Ok(Frame {
            bytes: &buffer[..length],
            files,
        })
    }
}

/// Where one answer goes: made for a question, used once.
#[derive(Debug)]
pub(crate) struct Reply(OwnedFd);

impl Reply {
    /// The end that waits, and the one that goes with the question.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = pair()?;
        Ok((Self(ours), theirs))
    }

    /// Waits for the answer, and blocks.
    pub(crate) fn wait(self, patience: Duration) -> Result<Vec<u8>, LinkError> {
        set_socket_timeout(&self.0, Timeout::Recv, Some(patience)).map_err(io::Error::from)?;
        let mut buffer = vec![0; LONGEST_ANSWER];
        let (length, _files) = receive(&self.0, &mut buffer)??;
        buffer.truncate(length);
        Ok(buffer)
    }
}

fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags,
        None,
    )?)
}

/// Says something on a socket, and never waits.
pub(crate) fn send(socket: impl AsFd, frame: &[u8], files: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() && !control.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // Without the flag a peer that is gone would be a signal.
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    // Frames are kept apart: all of it goes, or nothing.
    sendmsg(socket, &[IoSlice::new(frame)], &mut control, flags)?;
    Ok(())
}

/// What was heard: a frame's length and files, or why it is none.
type Heard = Result<(usize, Vec<OwnedFd>), LinkError>;

/// The outer error is the system's, such as that nothing is there.
fn receive(socket: &OwnedFd, buffer: &mut [u8]) -> io::Result<Heard> {
    // One file more than may be, so that too many are seen, and closed.
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES + 1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut slices = [IoSliceMut::new(buffer)];
    let got = recvmsg(socket, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let mut files = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(more) = message {
            files.extend(more);
        }
    }
    Ok(if got.bytes == 0 {
        // Nobody sends empty frames; this is the end.
        Err(LinkError::Gone)
    } else if got.flags.contains(ReturnFlags::TRUNC) {
        Err(Malformed::Long.into())
    } else if got.flags.contains(ReturnFlags::CTRUNC) || files.len() > MOST_FILES {
        Err(Malformed::Files(files.len()).into())
    } else {
        Ok((got.bytes, files))
    })
}

fn gone(error: io::Error) -> LinkError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => LinkError::Gone,
        _ => LinkError::Io(error),
    }
}
