//! The kernel's end: the group of marks, and ending it from any thread at any time.
#![allow(
    unsafe_code,
    reason = "a descriptor is replaced while another thread may use it"
)]

use std::{
    fs::File,
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use nix::{
    errno::Errno,
    fcntl::AT_FDCWD,
    sys::eventfd::{EfdFlags, EventFd},
    sys::fanotify::{
        EventFFlags, Fanotify, FanotifyEvent, FanotifyResponse, InitFlags, MarkFlags, MaskFlags,
    },
};
use tidegate_redirect::RedirectError;

use super::{NotDenied, file::Found};
use crate::os;

/// What is asked about each marked file.
const ASKED: MaskFlags = MaskFlags::FAN_OPEN_EXEC_PERM.union(MaskFlags::FAN_OPEN_PERM);

/// The group, shared with the threads that serve it.
#[derive(Clone)]
pub(super) struct Closer(Arc<Inner>);

struct Inner {
    fanotify: Fanotify,
    /// What takes the group's place when it is closed.
    nothing: File,
    open: AtomicBool,
    /// Wakes the thread that waits for questions: as long as it waits, the group lives.
    closing: EventFd,
}

impl Closer {
    /// Ends the asking: whoever waits is let through, and nobody is asked about any more. The descriptor's
    /// number stays taken, so that a thread that still uses it meets `/dev/null` and no stranger's file. A
    /// child that has not executed its program yet keeps the group for as long.
    pub(super) fn close(&self) {
        self.0.open.store(false, Ordering::Release);
        let (from, to) = (self.0.nothing.as_raw_fd(), self.0.fanotify.as_raw_fd());
        // SAFETY: both numbers are open descriptors that live as long as `Inner`. The one that is replaced
        // stays owned by `fanotify`, which closes it once, whatever it is by then.
        if unsafe { libc::dup3(from, to, libc::O_CLOEXEC) } < 0 {
            tracing::error!(error = %io::Error::last_os_error(), "denied apps may hang until the agent ends");
        }
        if let Err(error) = self.0.closing.write(1) {
            tracing::debug!(%error, "the thread that answers is not woken");
        }
    }

    /// Readable when it is closed.
    pub(super) fn closing(&self) -> BorrowedFd<'_> {
        self.0.closing.as_fd()
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.open.load(Ordering::Acquire)
    }

    /// What waits for an answer; nothing at all when it was closed.
    pub(super) fn events(&self) -> Result<Vec<FanotifyEvent>, Errno> {
        self.0.fanotify.read_events()
    }

    pub(super) fn answer(&self, response: FanotifyResponse<'_>) -> Result<(), Errno> {
        self.0.fanotify.write_response(response)
    }
}

impl AsFd for Closer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.fanotify.as_fd()
    }
}

/// The group; dropping it closes it.
pub(super) struct Group(Closer);

impl Group {
    pub(super) fn open() -> Result<Self, RedirectError> {
        let fanotify = Fanotify::init(
            InitFlags::FAN_CLASS_CONTENT | InitFlags::FAN_CLOEXEC | InitFlags::FAN_NONBLOCK,
            EventFFlags::O_RDONLY | EventFFlags::O_LARGEFILE | EventFFlags::O_CLOEXEC,
        )
        .map_err(|errno| match errno {
            Errno::EPERM => RedirectError::Unsupported(
                "to keep denied apps from starting the agent needs CAP_SYS_ADMIN".into(),
            ),
            Errno::ENOSYS | Errno::EINVAL => RedirectError::Unsupported(
                "this kernel has no fanotify permission events; denied apps start, and cannot connect".into(),
            ),
            _ => os("asking the kernel to ask (fanotify)")(errno.into()),
        })?;
        let nothing = File::open("/dev/null").map_err(os("/dev/null"))?;
        let closing = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)
            .map_err(|errno| os("an eventfd")(errno.into()))?;
        let open = AtomicBool::new(true);
        let inner = Inner {
            fanotify,
            nothing,
            open,
            closing,
        };
        Ok(Self(Closer(Arc::new(inner))))
    }

    pub(super) fn closer(&self) -> Closer {
        self.0.clone()
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.is_open()
    }

    pub(super) fn add(&self, found: &Found) -> Result<(), NotDenied> {
        self.mark(MarkFlags::FAN_MARK_ADD, found)
            .map_err(|errno| NotDenied::Os {
                what: "marking it",
                error: errno.into(),
            })
    }

    pub(super) fn remove(&self, found: &Found) {
        if let Err(error) = self.mark(MarkFlags::FAN_MARK_REMOVE, found) {
            tracing::debug!(%error, "a mark went by itself");
        }
    }

    /// By the open file, so that it is the very one that was looked at.
    fn mark(&self, flags: MarkFlags, found: &Found) -> Result<(), Errno> {
        let itself = format!("/proc/self/fd/{}", found.file.as_raw_fd());
        self.0
            .0
            .fanotify
            .mark(flags, ASKED, AT_FDCWD, Some(Path::new(&itself)))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.0.close();
    }
}
