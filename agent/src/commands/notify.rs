//! `tidegate-edge notify`: the agent's child at a person's desktop. It runs as that person, so it may not
//! be able to read the configuration, and needs none of it.

use std::{io, process::ExitCode};

pub(super) fn notify() -> anyhow::Result<ExitCode> {
    tidegate_notice::child::serve(io::stdin().lock(), io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
