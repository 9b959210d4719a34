//! Whether the redirection is really in force: the programs run for the cgroup, and a connection of a
//! child process comes by. A flag that says "attached" has lied to others.
#![allow(
    unsafe_code,
    reason = "a child process that only makes system calls, and calls without a safe wrapper"
)]

use std::{
    ffi::CString,
    fs::File,
    os::{fd::AsFd, unix::ffi::OsStrExt},
    path::PathBuf,
};

use nix::{
    sys::wait::{WaitStatus, waitpid},
    unistd::{ForkResult, fork},
};
use tidegate_redirect::RedirectError;
use tidegate_redirect_abi::{CANARY, GOVERNED_PORT};

use crate::{bpf, cgroup, load::Attached, os};

/// How long a connection over loopback may take, in milliseconds.
const PATIENCE: libc::c_int = 1000;

/// What a health check needs, made beforehand.
pub(crate) struct Check {
    directory: File,
    attached: Vec<Attached>,
    /// The file by which the child joins the cgroup; none where every process is below it anyway.
    join: Option<CString>,
}

impl Check {
    pub(crate) fn new(path: PathBuf, attached: Vec<Attached>) -> Result<Self, RedirectError> {
        let directory =
            File::open(&path).map_err(os(format!("opening the cgroup {}", path.display())))?;
        let join = if cgroup::is_root(&path) {
            None
        } else {
            CString::new(path.join("cgroup.procs").as_os_str().as_bytes()).ok()
        };
        Ok(Self {
            directory,
            attached,
            join,
        })
    }

    /// Looks and tries.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub(crate) fn run(&self) -> Result<(), String> {
        for program in &self.attached {
            let running = bpf::effective(self.directory.as_fd(), program.hook)
                .map_err(|error| format!("asking what runs at {}: {error}", program.name))?;
            if !running.contains(&program.id) {
                return Err(format!(
                    "{} is not in force: something has detached it",
                    program.name
                ));
            }
        }
        match self.canary() {
            Ok(0) => Ok(()),
            Ok(step) => Err(format!(
                "a connection to a governed address was not redirected: {}",
                STEPS
                    .get(usize::try_from(step).unwrap_or(0))
                    .unwrap_or(&"the child died")
            )),
            Err(error) => Err(format!("no child process for the canary: {error}")),
        }
    }

    /// Connects to the canary's address from a child process; 0 or the step that failed.
    fn canary(&self) -> nix::Result<i32> {
        let join = self.join.as_deref().map(std::ffi::CStr::as_ptr);
        // SAFETY: between fork and exit the child makes system calls only, on memory of its own or
        // read-only; it allocates nothing and takes no lock.
        match unsafe { fork() }? {
            ForkResult::Child => {
                let step = canary(join);
                // SAFETY: ends the child without running anything of the parent's.
                unsafe { libc::_exit(step) }
            }
            ForkResult::Parent { child } => loop {
                match waitpid(child, None) {
                    Ok(WaitStatus::Exited(_, step)) => return Ok(step),
                    Err(nix::errno::Errno::EINTR) => {}
                    Ok(_) => return Ok(i32::MAX),
                    Err(error) => return Err(error),
                }
            },
        }
    }
}

/// The child's exit codes.
const STEPS: [&str; 6] = [
    "it was",
    "the child could not join the cgroup",
    "the child could not make a socket",
    "the connection failed",
    "it did not go to loopback",
    "the app would see the agent's address",
];

/// Runs in the child, so nothing but system calls.
fn canary(join: Option<*const libc::c_char>) -> i32 {
    // SAFETY: plain system calls; every buffer is on this stack and as long as is said; the path is
    // the parent's memory, copied by fork.
    unsafe {
        // A copy of the parent's sockets would keep them open for the other end.
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
        if let Some(path) = join {
            let file = libc::open(path, libc::O_WRONLY | libc::O_CLOEXEC);
            if file < 0 || libc::write(file, c"0".as_ptr().cast(), 1) != 1 {
                return 1;
            }
        }
        let flags = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        let socket = libc::socket(libc::AF_INET, flags, 0);
        if socket < 0 {
            return 2;
        }
        let to = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: GOVERNED_PORT.to_be(),
            sin_addr: libc::in_addr {
                s_addr: u32::from_ne_bytes(CANARY),
            },
            sin_zero: [0; 8],
        };
        let size = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        libc::connect(socket, (&raw const to).cast(), size);
        let mut wait = libc::pollfd {
            fd: socket,
            events: libc::POLLOUT,
            revents: 0,
        };
        libc::poll(&raw mut wait, 1, PATIENCE);
        let mut name = to;
        let mut length = size;
        if libc::getpeername(socket, (&raw mut name).cast(), &raw mut length) != 0 {
            return 3;
        }
        let peer = name.sin_addr.s_addr;
        length = size;
        libc::getsockname(socket, (&raw mut name).cast(), &raw mut length);
        if name.sin_addr.s_addr.to_ne_bytes()[0] != 127 {
            return 4;
        }
        if peer != to.sin_addr.s_addr {
            return 5;
        }
        0
    }
}
