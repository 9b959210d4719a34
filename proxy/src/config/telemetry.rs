//! `[telemetry]`: logs, and where spans are exported.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use http::{HeaderName, header};
use tidegate_pipeline::Settings;
use tidegate_provider::{ClearText, Endpoint};
use tidegate_types::Secret;

use super::{provider::header_value, section::Section};

/// `[telemetry]`
#[derive(Debug)]
pub struct Telemetry {
    /// Log as JSON lines, or as text for people.
    pub json: bool,
    /// A `tracing` filter, like `info` or `info,tidegate=debug`.
    pub level: String,
    /// Where spans are exported, if somewhere.
    pub otlp: Option<OtlpSection>,
}

/// The part of `[telemetry]` about OTLP.
#[derive(Debug, Clone)]
pub struct OtlpSection {
    /// The collector's base URL, without a slash at its end.
    pub url: String,
    /// What is sent there.
    pub signals: Signals,
    /// How often metrics are pushed.
    pub interval: Duration,
    /// The part of the traces that begin here which is exported, 0 to 1.
    pub sample: f64,
    /// Headers that the collector wants.
    pub headers: Vec<(HeaderName, Secret<String>)>,
    /// A CA bundle that its certificate must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
}

/// What is sent to a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signals {
    /// A span for each call.
    pub traces: bool,
    /// What is counted and measured.
    pub metrics: bool,
    /// The process's own log.
    pub logs: bool,
}

/// The section, and how much of prompts and answers is kept.
pub(super) fn read(mut section: Section<'_>, base: &Path) -> (Telemetry, usize) {
    let json = section.choice("log", &[("json", true), ("text", false)], true);
    let level = section.string("level").unwrap_or_else(|| "info".into());
    let kept = section.bytes("content_limit", Settings::default().content_limit as u64);
    let otlp = otlp(&mut section, base);
    section.finish();
    let telemetry = Telemetry { json, level, otlp };
    (telemetry, usize::try_from(kept).unwrap_or(usize::MAX))
}

fn otlp(section: &mut Section<'_>, base: &Path) -> Option<OtlpSection> {
    let url = section.string("otlp");
    let sample = section.fraction("otlp_sample", 1.0);
    let signals = signals(section);
    let interval = section.duration("otlp_interval", Duration::from_secs(60));
    if interval < Duration::from_secs(1) {
        section.note("otlp_interval", "must be at least \"1s\"");
    }
    let anywhere = section.bool("otlp_allow_insecure_http", false);
    let ca = section.bundle("otlp_ca", base);
    let headers = headers(section, base);
    let url = url?;
    let clear_text = if anywhere {
        ClearText::Anywhere
    } else {
        ClearText::Loopback
    };
    if let Err(error) = Endpoint::parse(&url, clear_text) {
        section.note("otlp", error.to_string());
        return None;
    }
    Some(OtlpSection {
        url: url.trim_end_matches('/').to_owned(),
        signals,
        interval,
        sample,
        headers,
        ca,
    })
}

/// Those that are named; traces where none is.
fn signals(section: &mut Section<'_>) -> Signals {
    let named = section.strings("otlp_signals");
    let mut signals = Signals {
        traces: named.is_empty(),
        metrics: false,
        logs: false,
    };
    for name in named {
        match name.as_str() {
            "traces" => signals.traces = true,
            "metrics" => signals.metrics = true,
            "logs" => signals.logs = true,
            _ => section.note(
                "otlp_signals",
                format!("has \"{name}\"; there are \"traces\", \"metrics\", \"logs\""),
            ),
        }
    }
    signals
}

/// Headers, their values named as credentials are. What the exporter says itself is not to be said here.
fn headers(section: &mut Section<'_>, base: &Path) -> Vec<(HeaderName, Secret<String>)> {
    const OURS: &[HeaderName] = &[
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::HOST,
        header::TRANSFER_ENCODING,
    ];
    let mut headers = Vec::new();
    for (name, value) in section.texts("otlp_headers") {
        let key = format!("otlp_headers.{name}");
        match HeaderName::try_from(&name) {
            Ok(name) if !OURS.contains(&name) => {
                let value = header_value(section, &key, &value, base);
                headers.extend(value.map(|value| (name, value)));
            }
            Ok(_) => section.note(&key, "is a header that the exporter writes itself"),
            Err(_) => section.note(&key, "is no name of a header"),
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    use super::*;

    fn parsed(telemetry: &str, base: &Path) -> Result<Telemetry, String> {
        let text = format!(
            "[store]\nurl = \"sqlite:t.db\"\n[[providers]]\nname = \"o\"\ndialect = \"openai\"\nbase_url = \
             \"http://127.0.0.1:1\"\n[telemetry]\n{telemetry}"
        );
        let config = Config::parse(&text, base);
        config
            .map(|config| config.telemetry)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn without_an_address_nothing_is_exported() {
        let telemetry = parsed("", Path::new(".")).unwrap();
        assert!(telemetry.otlp.is_none() && telemetry.json);
    }

    #[test]
    fn a_collector_has_headers_that_are_named_and_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), "Bearer abc\n").unwrap();
        let text = "otlp = \"https://otlp.example.com/v2/\"\notlp_sample = 0.25\n\
                    otlp_headers = { authorization = \"file:token\" }";
        let otlp = parsed(text, dir.path()).unwrap().otlp.unwrap();
        assert_eq!(
            (&*otlp.url, otlp.sample),
            ("https://otlp.example.com/v2", 0.25)
        );
        let (traces, metrics, logs) = (true, false, false);
        let usual = Signals {
            traces,
            metrics,
            logs,
        };
        assert_eq!((otlp.signals, otlp.interval.as_secs()), (usual, 60));
        let [(name, value)] = &*otlp.headers else {
            panic!("{otlp:?}");
        };
        assert_eq!(
            (name, &**value.expose()),
            (&header::AUTHORIZATION, "Bearer abc")
        );
        assert!(!format!("{otlp:?}").contains("abc"));
    }

    #[test]
    fn what_is_wrong_is_said_by_its_key() {
        let near = "otlp = \"http://127.0.0.1:4318\"\n";
        for (text, said) in [
            ("otlp = \"http://collector:4318\"", "telemetry.otlp: "),
            ("otlp = \"collector\"", "telemetry.otlp: "),
            (
                "otlp_sample = 1.5",
                "telemetry.otlp_sample: must be a number",
            ),
            (
                "otlp_sample = \"all\"",
                "telemetry.otlp_sample: must be a number",
            ),
            (
                "otlp_headers = { x = \"secret\" }",
                "telemetry.otlp_headers.x: holds a literal",
            ),
            (
                "otlp_headers = { Host = \"env:PATH\" }",
                "telemetry.otlp_headers.Host: is a header",
            ),
            (
                "otlp_headers = { \"a b\" = \"env:PATH\" }",
                "telemetry.otlp_headers.a b: is no name",
            ),
            (
                "otlp_headers = 3",
                "telemetry.otlp_headers: must be a table",
            ),
            ("otlp_ca = \"nowhere.pem\"", "telemetry.otlp_ca: no file"),
            (
                "otlp_signals = [\"spans\"]",
                "telemetry.otlp_signals: has \"spans\"",
            ),
            (
                "otlp_interval = \"10ms\"",
                "telemetry.otlp_interval: must be at least",
            ),
            ("otlp_url = \"x\"", "telemetry.otlp_url: is not a key"),
        ] {
            let whole = if text.starts_with("otlp =") {
                text.to_owned()
            } else {
                format!("{near}{text}")
            };
            let problems = parsed(&whole, Path::new(".")).unwrap_err();
            assert!(problems.contains(said), "{text}: {problems}");
        }
        let anywhere = "otlp = \"http://collector:4318\"\notlp_allow_insecure_http = true";
        assert!(parsed(anywhere, Path::new(".")).is_ok());
    }
}
