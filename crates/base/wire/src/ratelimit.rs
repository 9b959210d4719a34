//! What is left of a rate limit, in the headers that each dialect's SDKs read.

use std::time::Duration;

use tidegate_types::Timestamp;

use crate::Dialect;

/// A limit's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many per window.
    pub limit: u64,
    /// How many are left.
    pub remaining: u64,
    /// How long until all are back.
    pub reset: Duration,
}

/// Names of one limit's three headers: limit, remaining, reset.
type Names = [&'static str; 3];

const OPENAI: [Names; 2] = [
    [
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ],
    [
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens",
    ],
];

const ANTHROPIC: [Names; 2] = [
    [
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ],
    [
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ],
];

/// Hands each header to `out`. Bedrock and Gemini have no headers
/// of their own and get `OpenAI`'s. A reset is
/// a duration for `OpenAI` (`6m0s`) and a time for Anthropic (RFC 3339, rounded up to a second).
pub fn headers(
    dialect: Dialect,
    requests: Option<Allowance>,
    tokens: Option<Allowance>,
    now: Timestamp,
    out: &mut impl FnMut(&'static str, String),
) {
    let names = match dialect {
        Dialect::Anthropic => ANTHROPIC,
        Dialect::Bedrock | Dialect::Gemini | Dialect::OpenAi => OPENAI,
    };
    for ([limit, remaining, reset], allowance) in names.into_iter().zip([requests, tokens]) {
        let Some(allowance) = allowance else { continue };
        out(limit, allowance.limit.to_string());
        out(remaining, allowance.remaining.to_string());
        let when = match dialect {
            Dialect::Anthropic => time(now.plus(allowance.reset)),
            Dialect::Bedrock | Dialect::Gemini | Dialect::OpenAi => duration(allowance.reset),
        };
        out(reset, when);
    }
}

/// Rounded up, so that a client that waits as told is not too early.
fn time(at: Timestamp) -> String {
    let seconds = at.plus(Duration::from_micros(999_999)).seconds();
    let mut text = Timestamp::from_micros(seconds.saturating_mul(1_000_000)).to_string();
    if let Some(point) = text.find('.') {
        text.truncate(point);
        text.push('Z');
    }
    text
}

/// `120ms`, `1s`, `6m0s`, `1h0m30s`; rounded up to a millisecond, above a second to a second.
fn duration(time: Duration) -> String {
    let millis = time.as_nanos().div_ceil(1_000_000);
    if millis < 1_000 {
        return format!("{millis}ms");
    }
    let seconds = millis.div_ceil(1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(dialect: Dialect, tokens: Option<Allowance>) -> Vec<(&'static str, String)> {
        let requests = Allowance {
            limit: 60,
            remaining: 59,
            reset: Duration::from_secs(1),
        };
        let now = "2026-01-31T12:00:00.25Z".parse().unwrap();
        let mut all = Vec::new();
        headers(dialect, Some(requests), tokens, now, &mut |name, value| {
            all.push((name, value))
        });
        all
    }

    #[test]
    fn openai_names_and_durations() {
        let tokens = Allowance {
            limit: 9,
            remaining: 0,
            reset: Duration::from_micros(119_001),
        };
        let expected = [
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "9"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "120ms"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(collect(Dialect::OpenAi, Some(tokens)), expected);
        assert_eq!(collect(Dialect::Gemini, Some(tokens)), expected);
    }

    #[test]
    fn anthropic_names_and_times_are_never_early() {
        let expected = [
            ("anthropic-ratelimit-requests-limit", "60"),
            ("anthropic-ratelimit-requests-remaining", "59"),
            ("anthropic-ratelimit-requests-reset", "2026-01-31T12:00:02Z"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(collect(Dialect::Anthropic, None), expected);
    }

    #[test]
    fn durations_read_like_gos() {
        for (millis, text) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_000, "1s"),
            (1_001, "2s"),
            (59_000, "59s"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
        assert_eq!(duration(Duration::from_secs(360)), "6m0s");
        assert_eq!(duration(Duration::from_secs(3_630)), "1h0m30s");
        assert_eq!(duration(Duration::from_nanos(999_999_999)), "1s");
    }
}
