//! The Linux redirector: loads the kernel programs of `redirector-ebpf` (the object is embedded, so
//! building this needs no BPF toolchain), owns their maps, and hands over the connections they send.
//!
//! `Linux` is the whole of it. An app's `connect()` to a governed address is rewritten in the kernel
//! to the agent's listener on loopback; `accept` finds out where it was going. Programs can be pinned:
//! then they outlive the agent, and the kernel decides by itself, from the listener and from
//! questions that the agent answers, whether it serves. `detach` takes them away without an agent.
#![warn(missing_docs)]

mod bpf;
mod cgroup;
mod descent;
mod event;
pub mod exec;
mod executions;
mod health;
mod kernel_types;
mod lines;
mod linux;
mod listener;
mod load;
mod maps;
mod namespaces;
mod netns;
mod own;
mod pins;
mod probe;
mod reader;
mod record;
mod sock_diag;
mod tables;

pub use cgroup::find_root;
pub use event::Event;
pub use lines::KernelLog;
pub use linux::{Linux, Options};
pub use netns::Namespace;
pub use pins::{DEFAULT_PINS, detach};
pub use tidegate_redirect_abi::EventKind;

use tidegate_redirect::RedirectError;

/// What was tried, and what the OS said.
pub(crate) fn os(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> RedirectError {
    let what = what.into();
    move |error| RedirectError::Os { what, error }
}

/// The same for what the BPF library says.
pub(crate) fn bpf_error<E: std::error::Error>(
    what: impl Into<String>,
) -> impl FnOnce(E) -> RedirectError {
    let what = what.into();
    move |error| {
        let mut text = error.to_string();
        let mut errno = None;
        let mut source = error.source();
        while let Some(inner) = source {
            errno = inner
                .downcast_ref::<std::io::Error>()
                .and_then(std::io::Error::raw_os_error)
                .or(errno);
            text = format!("{text}: {inner}");
            source = inner.source();
        }
        let kind = errno.map_or(std::io::ErrorKind::Other, |number| {
            std::io::Error::from_raw_os_error(number).kind()
        });
        RedirectError::Os {
            what,
            error: std::io::Error::new(kind, text),
        }
    }
}
