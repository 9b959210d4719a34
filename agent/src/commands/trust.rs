//! `tidegate-edge trust`: the organisation's CA in this machine's trust stores.

use std::process::ExitCode;

use crate::{cli::TrustAction, config::Config};

pub(super) fn trust(_: &Config, _: TrustAction) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
