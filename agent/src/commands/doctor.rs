//! `tidegate-edge doctor`: what keeps the apps of this machine from working, and what to do about it.

use std::process::ExitCode;

use tidegate_types::{Clock, SystemClock};

use super::say;
use crate::{
    config::Config,
    doctor::{self, Check, Diagnosis},
};

pub(super) fn doctor(config: anyhow::Result<Config>, json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let problem = config.as_ref().err().map(|error| format!("{error:#}"));
    let config = config.unwrap_or_default();
    let now = SystemClock::default().now();
    let mut diagnosis: Diagnosis = runtime.block_on(doctor::examine(&config, now));
    if let Some(problem) = problem {
        let todo = "repair the file, or have management push it";
        let check = Check::problem("configuration", problem, todo);
        diagnosis.checks.insert(0, check);
    }
    say(&if json {
        serde_json::to_string_pretty(&diagnosis)?
    } else {
        diagnosis.shown()
    });
    Ok(if diagnosis.is_fine() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
