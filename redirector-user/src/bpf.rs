//! Commands of `bpf(2)` that the library has no call for: asking what runs for a cgroup, opening a
//! pinned link, swapping a link's program without a gap, and detaching it at once.
#![allow(
    unsafe_code,
    reason = "a system call with structures that the library does not offer"
)]

use std::{
    ffi::CString,
    io,
    os::{
        fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
};

const OBJ_GET: libc::c_int = 7;
const OBJ_GET_INFO_BY_FD: libc::c_int = 15;
const PROG_QUERY: libc::c_int = 16;
const LINK_UPDATE: libc::c_int = 29;
const LINK_DETACH: libc::c_int = 34;
const QUERY_EFFECTIVE: u32 = 1;
/// More programs than anybody attaches to one hook; the kernel's own limit is 64.
const MOST_PROGRAMS: usize = 64;

/// Calls `bpf(2)` with an attribute structure of the kernel's layout.
fn call<T>(command: libc::c_int, attributes: &mut T) -> io::Result<libc::c_long> {
    // SAFETY: the structures below are prefixes of the kernel's `union bpf_attr` of their command, are
    // fully initialised, and outlive the call, as does what they point to.
    let result = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            command,
            std::ptr::from_mut(attributes),
            size_of::<T>(),
        )
    };
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

#[repr(C)]
struct Query {
    target: u32,
    attach_type: u32,
    query_flags: u32,
    attach_flags: u32,
    ids: u64,
    count: u32,
    reserved: u32,
}

/// The ids of the programs that really run at a hook for tasks of a cgroup, its ancestors' included.
pub(crate) fn effective(cgroup: BorrowedFd<'_>, attach_type: u32) -> io::Result<Vec<u32>> {
    let mut ids = [0_u32; MOST_PROGRAMS];
    let mut query = Query {
        target: cgroup.as_raw_fd() as u32,
        attach_type,
        query_flags: QUERY_EFFECTIVE,
        attach_flags: 0,
        ids: ids.as_mut_ptr() as u64,
        count: MOST_PROGRAMS as u32,
        reserved: 0,
    };
    call(PROG_QUERY, &mut query)?;
    let count = usize::try_from(query.count).unwrap_or(0).min(ids.len());
    Ok(ids.get(..count).unwrap_or_default().to_vec())
}

#[repr(C)]
struct Get {
    path: u64,
    fd: u32,
    flags: u32,
}

/// Opens what is pinned at a path.
pub(crate) fn open_pinned(path: &Path) -> io::Result<OwnedFd> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mut get = Get {
        path: path.as_ptr() as u64,
        fd: 0,
        flags: 0,
    };
    let fd = call(OBJ_GET, &mut get)?;
    // SAFETY: the kernel has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

#[repr(C)]
struct Info {
    fd: u32,
    length: u32,
    info: u64,
}

/// The kernel's `bpf_link_info` of a cgroup link, as far as it is asked for.
#[repr(C)]
#[derive(Default)]
struct LinkInfo {
    kind: u32,
    id: u32,
    program: u32,
    reserved: u32,
    cgroup: u64,
    attach_type: u32,
    reserved2: u32,
}

/// Which cgroup a link is attached to, by its inode; 0 when that cgroup is gone.
pub(crate) fn link_cgroup(link: BorrowedFd<'_>) -> io::Result<u64> {
    let mut details = LinkInfo::default();
    let mut info = Info {
        fd: link.as_raw_fd() as u32,
        length: size_of::<LinkInfo>() as u32,
        info: std::ptr::from_mut(&mut details) as u64,
    };
    call(OBJ_GET_INFO_BY_FD, &mut info)?;
    Ok(details.cgroup)
}

#[repr(C)]
struct Update {
    link: u32,
    program: u32,
    flags: u32,
    old_program: u32,
}

/// Puts another program in a link's place, in one step.
pub(crate) fn update_link(link: BorrowedFd<'_>, program: BorrowedFd<'_>) -> io::Result<()> {
    let mut update = Update {
        link: link.as_raw_fd() as u32,
        program: program.as_raw_fd() as u32,
        flags: 0,
        old_program: 0,
    };
    call(LINK_UPDATE, &mut update).map(drop)
}

/// Detaches a link's program now. Removing the last reference does too, but some time later.
/// Linux 5.9.
pub(crate) fn detach_link(link: BorrowedFd<'_>) -> io::Result<()> {
    let mut link = link.as_raw_fd() as u32;
    call(LINK_DETACH, &mut link).map(drop)
}
