//! `tidegate-edge login`: a person signs in on this device, or root enrols it with a token. The running
//! agent does what takes its network and its state; this process runs as whoever started it.

use std::{io::Read, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::say;
use crate::{
    config::Config,
    control,
    device_api::{self, DeviceApi, NothingRedirected},
    enrol,
    sign_in::{Step, Stepped},
    state::State,
};

mod person;

/// Longer is no token.
const LONGEST: u64 = 4_096;

/// How to log in.
#[derive(Debug, Args)]
pub struct LoginOptions {
    /// An administrator's one-time token, instead of a person's sign-in (as root); `-` reads it from standard
    /// input
    #[arg(long, conflicts_with = "device_code")]
    pub token: Option<String>,
    /// Show a code to be typed in a browser elsewhere, instead of opening one here
    #[arg(long)]
    pub device_code: bool,
    /// The browser to open, instead of the session's
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["token", "device_code"])]
    pub browser: Option<PathBuf>,
}

/// As a person. Where they cannot read the configuration, the agent listens where it does by default.
pub(super) fn person(config: &Config, options: &LoginOptions) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(person::login(config, options))?;
    Ok(ExitCode::SUCCESS)
}

/// With an administrator's token.
pub(super) fn with_token(config: &Config, options: LoginOptions) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let token = options.token.unwrap_or_default();
    runtime.block_on(enrol_with(config, token))?;
    Ok(ExitCode::SUCCESS)
}

/// `tidegate-edge logout`.
pub(super) fn logout(config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match runtime.block_on(control::sign_in(&config.agent.socket, Step::Out {}))? {
        Stepped::Out => {
            say("signed out: this device is nobody's, and stays enrolled");
            Ok(ExitCode::SUCCESS)
        }
        Stepped::Refused { reason, .. } => bail!("not signed out: {reason}"),
        _ => bail!("the agent answered something else"),
    }
}

async fn enrol_with(config: &Config, mut token: String) -> anyhow::Result<()> {
    if token == "-" {
        token.clear();
        std::io::stdin().take(LONGEST).read_to_string(&mut token)?;
    }
    let token = token.trim().to_owned();
    // An agent that runs holds the state, and waits for this.
    if control::ask(&config.agent.socket).await.is_ok() {
        let step = Step::Enrol { token };
        return match control::sign_in(&config.agent.socket, step).await? {
            Stepped::In { device, .. } => {
                say(&format!("enrolled as {device}"));
                Ok(())
            }
            Stepped::Refused { reason, .. } => bail!("{reason}"),
            _ => bail!("the agent answered something else"),
        };
    }
    let state = State::open(&config.agent.state)?;
    let _only = state.lock().context("an agent runs, and does not answer")?;
    if let Some(identity) = state.identity()? {
        let device = identity.device_id;
        ensure!(false, "this device is enrolled already, as {device}");
    }
    let tls = device_api::roots(config.authorities()?)?;
    let api = DeviceApi::new(&config.gateway.url, tls, Arc::new(NothingRedirected))?;
    let identity = enrol::enrol(&api, &state, token).await?;
    say(&format!("enrolled as {}", identity.device_id));
    Ok(())
}
