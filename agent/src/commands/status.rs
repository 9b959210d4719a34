//! `tidegate-edge status`: how the running agent is doing, for people and for scripts.

use std::process::ExitCode;

use tidegate_agent_core::View;

use super::say;
use crate::{config::Config, control};

pub(super) fn status(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let view = runtime.block_on(control::ask(&config.agent.socket))?;
    say(&if json {
        serde_json::to_string_pretty(&view)?
    } else {
        let view: View = serde_json::from_value(view.clone())?;
        view.to_string().trim_end().to_owned()
    });
    let good = view["connected"] == true && view["redirection"]["effective"] == true;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
