//! `tidegate-edge status`: how the running agent is doing, for people and for scripts. What is said first,
//! and as `summary` in JSON, is what the tray shows too.

use std::process::ExitCode;

use serde_json::{Value, json};
use tidegate_agent_core::{Face, View};
use tidegate_types::{Clock, SystemClock};

use super::say;
use crate::{config::Config, control};

pub(super) fn status(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let now = SystemClock::default().now();
    let answer = match runtime.block_on(control::ask(&config.agent.socket)) {
        Ok(answer) => answer,
        Err(error) => {
            let face = Face::of(None, now);
            let reason = format!("{error:#}");
            say(&match json {
                true => serde_json::to_string_pretty(
                    &json!({ "connected": false, "reason": reason, "summary": face }),
                )?,
                false => format!("{}\n{reason}", face.to_string().trim_end()),
            });
            return Ok(ExitCode::FAILURE);
        }
    };
    let view: Option<View> = serde_json::from_value(answer.clone())?;
    let face = match &view {
        Some(view) => Face::of(Some(view), now),
        None => Face::of(None, now),
    };
    say(&if json {
        serde_json::to_string_pretty(&with_summary(answer.clone(), &face)?)?
    } else {
        let details = view.map_or_else(String::new, |view| format!("\n{view}"));
        format!("{face}{details}").trim_end().to_owned()
    });
    let good = answer["connected"] == true && answer["redirection"]["effective"] == true;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The agent's answer as it is, and the summary beside it.
fn with_summary(answer: Value, face: &Face) -> serde_json::Result<Value> {
    let mut whole = match answer {
        Value::Object(fields) => fields,
        // It is starting.
        _ => serde_json::Map::new(),
    };
    whole.insert("summary".into(), serde_json::to_value(face)?);
    Ok(Value::Object(whole))
}
