//! `tidegate-edge status`: how the running agent is doing, for people and for scripts.

use std::{fmt::Write, process::ExitCode};

use serde_json::Value;

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
        shown(&view)
    });
    let good = view["connected"] == true && view["redirection"]["effective"] == true;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The view as text.
fn shown(view: &Value) -> String {
    let mut out = String::new();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".into(),
        other => other.to_string(),
    };
    let mut line = |label: &str, value: String| {
        // Writing to a string cannot fail.
        let _written = writeln!(out, "{label:<14} {value}");
    };
    let state = if view["connected"] == true {
        "connected".to_owned()
    } else {
        format!("not connected: {}", text(&view["reason"]))
    };
    line("gateway", format!("{} ({state})", text(&view["gateway"])));
    line("device", text(&view["device"]));
    let redirection = &view["redirection"];
    line(
        "redirection",
        if redirection["effective"] == true {
            "in force".into()
        } else {
            format!("not in force: {}", text(&redirection["problem"]))
        },
    );
    let policy = &view["policy"];
    if policy.is_object() {
        line(
            "policy",
            format!(
                "revision {}, {} hosts, fails {}",
                policy["revision"],
                policy["governed_hosts"],
                text(&policy["fail"])
            ),
        );
    }
    line("certificate", text(&view["certificate"]["valid_until"]));
    line("last check-in", text(&view["last_check_in"]));
    for app in view["apps"].as_array().into_iter().flatten() {
        let counts = &app["counts"];
        line(
            "app",
            format!(
                "{} ({}): {} relayed, {} refused, {} pinned",
                text(&app["app"]),
                text(&app["decision"]),
                counts["relayed"],
                counts["denied"],
                counts["pinned"]
            ),
        );
    }
    for denied in view["denied"].as_array().into_iter().flatten() {
        line(
            "denied",
            format!(
                "{}: {}. {}",
                text(&denied["app"]),
                text(&denied["reason"]),
                text(&denied["ask"])
            ),
        );
    }
    for limitation in view["limitations"].as_array().into_iter().flatten() {
        line("limitation", text(&limitation["effect"]));
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_sees_what_is_wrong_and_what_to_do() {
        let text = shown(&json!({
            "connected": false, "reason": "no answer", "gateway": "https://tide.example.com",
            "device": "dev_1", "redirection": {"effective": false, "problem": "detached"},
            "denied": [{"app": "codex", "reason": "not reviewed", "ask": "Ask Ada."}],
        }));
        for part in [
            "not connected: no answer",
            "not in force: detached",
            "codex: not reviewed. Ask Ada.",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
