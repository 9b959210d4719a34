//! `tidegate-edge relay`: the part of the agent that has no privileges. `tidegate-edge run` starts it.

use std::process::ExitCode;

use crate::relay;

pub(super) fn relay() -> anyhow::Result<ExitCode> {
    relay::run()?;
    Ok(ExitCode::SUCCESS)
}
