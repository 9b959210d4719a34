//! System calls that the standard library has no word for.
#![allow(unsafe_code, reason = "system calls without a safe wrapper")]

use std::{
    io,
    net::{SocketAddr, TcpStream},
    os::fd::{AsRawFd, OwnedFd},
};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, SockaddrStorage, bind, connect, sendto, socket,
};

/// A TCP socket that is not connected yet.
pub(crate) fn tcp(like: SocketAddr) -> io::Result<OwnedFd> {
    let family = if like.is_ipv4() {
        AddressFamily::Inet
    } else {
        AddressFamily::Inet6
    };
    Ok(socket(
        family,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?)
}

/// One of any kind: `kind` may carry flags.
pub(crate) fn any(family: i32, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
    // SAFETY: no pointers; the descriptor is ours when it is one.
    unsafe {
        let fd = libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(std::os::fd::FromRawFd::from_raw_fd(fd))
    }
}

pub(crate) fn connect_to(fd: &OwnedFd, to: SocketAddr) -> io::Result<()> {
    Ok(connect(fd.as_raw_fd(), &SockaddrStorage::from(to))?)
}

pub(crate) fn bind_to(fd: &OwnedFd, to: SocketAddr) -> io::Result<()> {
    Ok(bind(fd.as_raw_fd(), &SockaddrStorage::from(to))?)
}

/// `connect()` with `AF_UNSPEC`: the socket is as good as new.
pub(crate) fn disconnect(fd: &OwnedFd) -> io::Result<()> {
    // SAFETY: a zeroed address of the size that is passed; its family is `AF_UNSPEC`.
    let result = unsafe {
        let nowhere: libc::sockaddr = std::mem::zeroed();
        libc::connect(
            fd.as_raw_fd(),
            &raw const nowhere,
            size_of::<libc::sockaddr>() as libc::socklen_t,
        )
    };
    outcome(result)
}

pub(crate) fn set(fd: &impl AsRawFd, level: i32, name: i32, value: &[u8]) -> io::Result<()> {
    // SAFETY: the buffer has the length that is passed.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            value.as_ptr().cast(),
            value.len() as libc::socklen_t,
        )
    };
    outcome(result)
}

pub(crate) fn set_number(fd: &impl AsRawFd, level: i32, name: i32, value: i32) -> io::Result<()> {
    set(fd, level, name, &value.to_ne_bytes())
}

/// `sendto()` that connects by itself.
pub(crate) fn fast_open(fd: &OwnedFd, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
    sendto(
        fd.as_raw_fd(),
        bytes,
        &SockaddrStorage::from(to),
        MsgFlags::from_bits_retain(libc::MSG_FASTOPEN),
    )?;
    Ok(())
}

pub(crate) fn stream(fd: OwnedFd) -> TcpStream {
    TcpStream::from(fd)
}

fn outcome(result: i32) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
