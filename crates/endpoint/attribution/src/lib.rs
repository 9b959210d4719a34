//! Which app, script, unit and user opened a connection, read from Linux's `/proc` (proc(5)).
//!
//! A process is told by its executable, and for interpreters by the script that it runs; by the package
//! that program belongs to; by the cgroup that the service manager put it in. The thread's name
//! (`comm`) decides nothing, since every process sets it as it likes.
//!
//! Reading another process's files may block, on a network or FUSE file system for instance, so call
//! this from a thread that may block and put a deadline around it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod bounded;
mod cgroup;
mod clients;
mod fingerprint;
pub mod fuzzing;
mod identity;
mod interpreter;
mod kin;
mod npm;
mod proc;
mod process;
mod python;
mod stat;
mod users;
mod view;

pub use cgroup::Origin;
pub use clients::Clients;
pub use fingerprint::{LARGEST_FILE, Sha256Hex};
pub use kin::{Executed, Kin, Processes};
pub use proc::Proc;
pub use process::{Attribution, FileId, Gone, GoneWhy, Parent, Process, Seen, StartTime, User};
