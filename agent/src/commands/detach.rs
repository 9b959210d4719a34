//! `tidegate-edge detach`: the kill switch.

use std::process::ExitCode;

use super::say;
use crate::{backend, config::Config};

pub(super) fn detach(config: Option<&Config>) -> anyhow::Result<ExitCode> {
    let removed = backend::detach(config)?;
    say(&if removed == 0 {
        "nothing was pinned; stopping the agent is enough".to_owned()
    } else {
        format!("{removed} kernel programs were taken away; connections go where they want to")
    });
    Ok(ExitCode::SUCCESS)
}
