//! `tidegate-edge login`: enrols this device.

use std::{io::Read, process::ExitCode, sync::Arc};

use anyhow::ensure;

use super::say;
use crate::{
    config::Config,
    device_api::{self, DeviceApi, NothingRedirected},
    enrol,
    state::State,
};

/// Longer is no token.
const LONGEST: u64 = 4_096;

pub(super) fn login(config: &Config, token: &str) -> anyhow::Result<ExitCode> {
    let mut token = token.to_owned();
    if token == "-" {
        token.clear();
        std::io::stdin().take(LONGEST).read_to_string(&mut token)?;
    }
    let state = State::open(&config.agent.state)?;
    let _only = state.lock()?;
    if let Some(identity) = state.identity()? {
        ensure!(
            false,
            "this device is enrolled already, as {}",
            identity.device_id
        );
    }
    let tls = device_api::roots(config.authorities()?)?;
    let api = DeviceApi::new(&config.gateway.url, tls, Arc::new(NothingRedirected))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let token = token.trim().to_owned();
    let identity = runtime.block_on(enrol::enrol(&api, &state, token))?;
    say(&format!("enrolled as {}", identity.device_id));
    Ok(ExitCode::SUCCESS)
}
