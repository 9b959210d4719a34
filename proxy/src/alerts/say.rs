//! Alerts in the words of those who are told.

use serde_json::{Value, json};

use super::Alert;

/// The application and the kind of message in syslog.
const APP: &str = "tidegate";
const MESSAGE: &str = "guardrail";
/// Facility 13 (log audit) and severity 4 (warning): RFC 5424 §6.2.1.
const PRIORITY: u8 = 13 * 8 + 4;
/// An id of structured data needs a private enterprise number; this one is for examples (RFC 5612).
const DATA: &str = "tidegate@32473";

/// For a program.
pub(super) fn json(alert: &Alert) -> Value {
    let applied = &alert.applied;
    let about: serde_json::Map<String, Value> = alert
        .about
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    json!({
        "type": "guardrail",
        "at": alert.at.to_string(),
        "request": alert.request.to_string(),
        "guardrail": applied.guardrail,
        "detector": applied.detector,
        "phase": applied.phase.name(),
        "action": applied.action,
        "error": applied.error,
        "count": applied.count,
        "calls": alert.calls,
        "call": about,
    })
}

/// For a person, in a sentence.
pub(super) fn sentence(alert: &Alert) -> String {
    let applied = &alert.applied;
    let place = match applied.phase.name() {
        "answer" => "an answer",
        _ => "a prompt",
    };
    let what = match (&applied.error, applied.action.as_str()) {
        (Some(error), "refused") => format!("refused {place} that it could not look at ({error})"),
        (Some(error), _) => format!("let {place} pass that it could not look at ({error})"),
        (None, "block") => format!("blocked {place}: {}", applied.detector),
        (None, _) => format!("flagged {place}: {}", applied.detector),
    };
    let calls = if alert.calls > 1 {
        format!(" ({} calls)", alert.calls)
    } else {
        String::new()
    };
    let about = alert
        .about
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    let about = about.collect::<Vec<_>>().join(", ");
    format!(
        "Guardrail \"{}\" {what}{calls}. {about}, request {}",
        applied.guardrail, alert.request
    )
}

/// For Slack: text in which nothing is markup.
pub(super) fn slack(alert: &Alert) -> Value {
    let text = sentence(alert);
    json!({"text": text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")})
}

/// For syslog: one message of RFC 5424.
pub(super) fn syslog(alert: &Alert, host: &str) -> String {
    let mut data = format!("[{DATA}");
    let applied = &alert.applied;
    let fields = [
        ("guardrail", applied.guardrail.as_str()),
        ("detector", &applied.detector),
        ("phase", applied.phase.name()),
        ("action", &applied.action),
    ];
    let about = alert
        .about
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    for (name, value) in fields.into_iter().chain(about) {
        data.push_str(&format!(" {name}=\"{}\"", escaped(value)));
    }
    data.push(']');
    let text = sentence(alert).replace(['\n', '\r'], " ");
    let host = if host.is_empty() { "-" } else { host };
    format!(
        "<{PRIORITY}>1 {} {host} {APP} - {MESSAGE} {data} {text}",
        alert.at
    )
}

/// A value of structured data (RFC 5424 §6.3.3).
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::tests::alert;

    #[test]
    fn each_is_told_in_their_way() {
        let mut told = alert("no \"keys\" <here>");
        told.calls = 3;
        assert_eq!(json(&told)["calls"], 3);
        assert_eq!(json(&told)["call"]["model"], "gpt-4o");
        let text = sentence(&told);
        assert!(
            text.starts_with(
                "Guardrail \"no \"keys\" <here>\" blocked a prompt: github-pat (3 calls). key key_1"
            ),
            "{text}"
        );
        let slack = slack(&told)["text"]
            .as_str()
            .map(str::to_owned)
            .unwrap_or_default();
        assert!(
            slack.contains("&lt;here&gt;") && !slack.contains('<'),
            "{slack}"
        );
        let line = syslog(&told, "gw-1");
        assert!(line.starts_with("<108>1 2026-11-26T12:00:00"), "{line}");
        assert!(line.contains(r#" gw-1 tidegate - guardrail [tidegate@32473 guardrail="no \"keys\" <here>" detector="github-pat""#), "{line}");
        told.applied.error = Some("binary".into());
        told.applied.action = "bypassed".into();
        assert!(sentence(&told).contains("let a prompt pass that it could not look at (binary)"));
    }
}
