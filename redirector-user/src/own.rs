//! Small questions to the kernel about ourselves.
#![allow(unsafe_code, reason = "two calls that no safe wrapper has")]

use std::{io, os::fd::AsRawFd, sync::OnceLock};

/// The boot clock, in nanoseconds: it goes on while the machine sleeps.
pub(crate) fn boot_ns() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure is writable; the clock exists on every Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut now) };
    u64::try_from(now.tv_sec)
        .unwrap_or(0)
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::try_from(now.tv_nsec).unwrap_or(0))
}

/// Nanoseconds in clock ticks, as proc(5) tells times: by the kernel's own arithmetic, so that both are
/// the same number.
pub(crate) fn ticks(nanoseconds: u64) -> u64 {
    static LENGTH: OnceLock<u64> = OnceLock::new();
    let length = LENGTH.get_or_init(|| {
        // SAFETY: no pointers.
        let each_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
        let hundred = 100;
        1_000_000_000 / u64::try_from(each_second).unwrap_or(hundred).max(1)
    });
    nanoseconds / length
}

/// The cookie of a socket's network namespace (`SO_NETNS_COOKIE`, Linux 5.14).
pub(crate) fn netns_cookie(socket: &impl AsRawFd) -> io::Result<u64> {
    let mut cookie = 0_u64;
    let mut length = size_of::<u64>() as libc::socklen_t;
    // SAFETY: the buffer has the length that is passed.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NETNS_COOKIE,
            (&raw mut cookie).cast(),
            &raw mut length,
        )
    };
    if result == 0 {
        Ok(cookie)
    } else {
        Err(io::Error::last_os_error())
    }
}
