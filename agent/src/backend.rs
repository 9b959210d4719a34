//! The only place that knows which OS this is.

use std::sync::Arc;

use tidegate_redirect::RedirectError;
use tidegate_redirector_user::{DEFAULT_PINS, KernelLog, Linux, Options};

use crate::config::{self, Config};

/// This system's redirector.
pub type Backend = Linux;

/// Starts it.
///
/// # Errors
/// The system or the privileges do not suffice; says what is missing.
pub fn start(config: &Config) -> Result<Arc<Backend>, RedirectError> {
    let options = Options {
        cgroup: config.linux.cgroup.clone(),
        pins: config.linux.pin.clone(),
        learn_private: config.linux.learn_private,
        kernel_log: match config.linux.kernel_log {
            config::KernelLog::Off => KernelLog::Off,
            config::KernelLog::Error => KernelLog::Error,
            config::KernelLog::Info => KernelLog::Info,
            config::KernelLog::Debug => KernelLog::Debug,
            config::KernelLog::Trace => KernelLog::Trace,
        },
        ..Options::default()
    };
    let linux = Linux::start(options).map(Arc::new)?;
    let following = Arc::clone(&linux).follow_namespaces();
    tokio::spawn(async move {
        let error = following.await;
        tracing::error!(%error, "containers that are new from here on are not served");
    });
    Ok(linux)
}

/// Takes pinned programs away, without an agent.
///
/// # Errors
/// They are there and cannot be removed.
pub fn detach(config: Option<&Config>) -> Result<usize, RedirectError> {
    let configured = config.and_then(|config| config.linux.pin.clone());
    tidegate_redirector_user::detach(&configured.unwrap_or_else(|| DEFAULT_PINS.into()))
}
