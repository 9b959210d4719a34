//! The kernel programs' debug channel: their lines become events of `tracing`, target
//! `tidegate::kernel`. Off unless asked for, and then not there: the kernel throws away what a constant
//! level switches off when it verifies the programs.
#![allow(unsafe_code, reason = "the runtime's promise about a file descriptor")]

use aya::Ebpf;
use aya_log::EbpfLogger;
use log::{Level, Log, Metadata, Record};
use tidegate_redirect::RedirectError;
use tokio::{
    io::{Interest, unix::AsyncFd},
    runtime::Handle,
    task::JoinHandle,
};

use crate::os;

/// How much the kernel programs say of what they decide. Each level includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum KernelLog {
    /// Nothing, at no cost.
    #[default]
    Off = 0,
    /// What failed in the kernel: a map that is full, no memory.
    Error = 1,
    /// Also that the agent does not answer or listen, and packets that were dropped.
    Info = 3,
    /// Also each decision about a governed destination.
    Debug = 4,
    /// Also each connection that is none of ours.
    Trace = 5,
}

/// Hands lines on.
struct Forward;

impl Log for Forward {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = record.args();
        match record.level() {
            Level::Error => tracing::error!(target: "tidegate::kernel", "{line}"),
            Level::Warn => tracing::warn!(target: "tidegate::kernel", "{line}"),
            Level::Info => tracing::info!(target: "tidegate::kernel", "{line}"),
            Level::Debug => tracing::debug!(target: "tidegate::kernel", "{line}"),
            Level::Trace => tracing::trace!(target: "tidegate::kernel", "{line}"),
        }
    }

    fn flush(&self) {}
}

/// Reads the lines of a loaded object for as long as the task runs; none where nothing is said.
pub(crate) fn read(
    object: &mut Ebpf,
    level: KernelLog,
    runtime: &Handle,
) -> Result<Option<JoinHandle<()>>, RedirectError> {
    if level == KernelLog::Off {
        return Ok(None);
    }
    let lines = EbpfLogger::init_with_logger(object, Forward).map_err(|error| {
        RedirectError::Unsupported(format!("the kernel programs' log: {error}"))
    })?;
    // SAFETY: the logger owns its ring buffer's descriptor and keeps it for as long as it lives, which is
    // as long as the registration.
    let mut lines = unsafe { AsyncFd::register_with_interest(lines, Interest::READABLE) }
        .map_err(|error| os("the kernel programs' log")(error.into()))?;
    Ok(Some(runtime.spawn(async move {
        loop {
            match lines.readable_mut().await {
                Ok(mut ready) => {
                    // What comes between the last look and the clearing wakes again.
                    ready.clear_ready();
                    ready.get_inner_mut().flush();
                }
                Err(error) => {
                    tracing::error!(%error, "the kernel programs' log cannot be read any more");
                    return;
                }
            }
            tokio::task::yield_now().await;
        }
    })))
}
