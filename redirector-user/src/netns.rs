//! Listeners in a network namespace, ours or another's: 127.0.0.1 is each namespace's own.

use std::{
    collections::HashSet,
    fs::{self, File},
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::fs::MetadataExt,
    },
    path::{Path, PathBuf},
    thread,
};

use nix::{
    sched::{CloneFlags, setns},
    sys::socket::{
        AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, listen, setsockopt,
        socket, sockopt,
    },
};
use tidegate_redirect::RedirectError;
use tidegate_redirect_abi::Served;

use crate::{os, own};

/// Connections that wait while the agent is busy; the kernel's own default limit.
const BACKLOG: i32 = 4096;

/// Which network namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespace {
    /// That of a process.
    Process(u32),
    /// One by its file, as under `/run/netns`.
    Path(PathBuf),
}

impl Namespace {
    fn open(&self) -> io::Result<File> {
        match self {
            Self::Process(pid) => File::open(format!("/proc/{pid}/ns/net")),
            Self::Path(path) => File::open(path),
        }
    }
}

/// The file that stands for a namespace: device and inode.
pub(crate) type Identity = (u64, u64);

/// Two listeners of one namespace.
pub(crate) struct Listeners {
    pub(crate) cookie: u64,
    pub(crate) identity: Identity,
    pub(crate) v4: TcpListener,
    /// None where the namespace has no IPv6.
    pub(crate) v6: Option<TcpListener>,
}

impl Listeners {
    /// Their ports, as the kernel programs look for them.
    pub(crate) fn served(&self) -> io::Result<Served> {
        Ok(Served {
            port4: self.v4.local_addr()?.port().into(),
            port6: match &self.v6 {
                Some(listener) => listener.local_addr()?.port().into(),
                None => 0,
            },
        })
    }
}

/// Listens in the calling thread's namespace.
pub(crate) fn listen_here() -> Result<Listeners, RedirectError> {
    let v4 =
        open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(os("listening on 127.0.0.1"))?;
    let cookie = own::netns_cookie(&v4).map_err(|error| {
        RedirectError::Unsupported(format!(
            "the kernel does not tell network namespaces apart (needs Linux 5.14): {error}"
        ))
    })?;
    let v6 = open(SocketAddr::from((Ipv6Addr::LOCALHOST, 0)))
        .inspect_err(|error| tracing::info!(%error, "no listener on ::1"))
        .ok();
    let identity = identity(Path::new("/proc/thread-self/ns/net"))
        .map_err(os("the network namespace's file"))?;
    Ok(Listeners {
        cookie,
        identity,
        v4,
        v6,
    })
}

/// Listens in another namespace, by way of a thread that goes there and ends there.
pub(crate) fn listen_in(namespace: &Namespace) -> Result<Listeners, RedirectError> {
    let file = namespace
        .open()
        .map_err(os(format!("opening the network namespace {namespace:?}")))?;
    let inside = thread::Builder::new()
        .name("netns".into())
        .spawn(move || {
            setns(file, CloneFlags::CLONE_NEWNET)
                .map_err(|error| os("entering a network namespace")(error.into()))?;
            listen_here()
        })
        .map_err(os("a thread for a network namespace"))?;
    inside.join().unwrap_or_else(|_| {
        Err(RedirectError::Unsupported(
            "the thread in the network namespace died".into(),
        ))
    })
}

pub(crate) fn identity(path: &Path) -> io::Result<Identity> {
    let file = fs::metadata(path)?;
    Ok((file.dev(), file.ino()))
}

/// The namespaces that some process is in.
pub(crate) fn inhabited() -> io::Result<HashSet<Identity>> {
    let mut found = HashSet::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let is_process = entry
            .file_name()
            .as_encoded_bytes()
            .first()
            .is_some_and(u8::is_ascii_digit);
        // Threads may be elsewhere than their process.
        let Some(tasks) = is_process
            .then(|| fs::read_dir(entry.path().join("task")).ok())
            .flatten()
        else {
            continue;
        };
        found.extend(
            tasks
                .flatten()
                .filter_map(|task| identity(&task.path().join("ns/net")).ok()),
        );
    }
    Ok(found)
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let family = if address.is_ipv4() {
        AddressFamily::Inet
    } else {
        AddressFamily::Inet6
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd: OwnedFd = socket(family, SockType::Stream, flags, None)?;
    if address.is_ipv6() {
        setsockopt(&fd, sockopt::Ipv6V6Only, &true)?;
    }
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    // Loopback has no congestion, and a machine whose usual control paces (BBR) would have apps wait for
    // timers: bytes passed at half the speed. Every kernel has Reno; accepted connections inherit it.
    if let Err(error) = setsockopt(&fd, sockopt::TcpCongestion, &"reno".into()) {
        tracing::debug!(%error, "the usual congestion control stays");
    }
    listen(&fd, Backlog::new(BACKLOG)?)?;
    Ok(TcpListener::from(fd))
}
