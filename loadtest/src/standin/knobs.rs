//! What a request may ask the stand-in to do: `[[knob:value]]` in its prompt, or
//! `x-standin: knob=value,knob` in its header. The README lists them.

use std::time::Duration;

use serde_json::Value;

/// An answer may be told to wait no longer than this.
const LONGEST: f64 = 3600.0;
/// An answer may be told to be no larger than this, in bytes.
const LARGEST: usize = 256 << 20;

/// `status:CODE[:TIMES[:TOKEN]]`: fail, always or the first TIMES times for that token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    pub(super) code: u16,
    pub(super) times: Option<u32>,
    pub(super) token: Option<String>,
}

/// `usage:cached=10,…`: token counts that replace or add to the derived ones.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct UsageKnobs {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cached: u64,
    pub(super) write5m: u64,
    pub(super) write1h: u64,
    pub(super) reasoning: u64,
    pub(super) audio_in: u64,
    pub(super) audio_out: u64,
    pub(super) tier: Option<String>,
}

/// All knobs of one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Knobs {
    pub(super) fault: Option<Fault>,
    pub(super) retry_after: Option<String>,
    pub(super) delay: Option<Duration>,
    pub(super) pause: Option<Duration>,
    pub(super) cut: bool,
    pub(super) early: bool,
    pub(super) hang: bool,
    pub(super) stall: bool,
    pub(super) size: Option<usize>,
    /// Answers in one piece though a stream was asked for.
    pub(super) whole: bool,
    pub(super) usage: UsageKnobs,
}

impl Knobs {
    /// Adds the knobs of an `x-standin` header.
    pub(super) fn header(&mut self, value: &str) {
        for item in value.split(',') {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            self.set(name.trim(), value.trim());
        }
    }

    /// Adds the `[[…]]` markers of a prompt. Unknown ones are text like any other.
    pub(super) fn text(&mut self, prompt: &str) {
        for (_, rest) in markers(prompt) {
            let Some(end) = rest.find("]]") else { continue };
            let (name, value) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
            if name == "usage" {
                self.header(value);
            } else {
                self.set(name, value);
            }
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        let usage = &mut self.usage;
        let count = || value.parse::<u64>().unwrap_or(0);
        match name {
            "audio_in" => usage.audio_in = count(),
            "audio_out" => usage.audio_out = count(),
            "cached" => usage.cached = count(),
            "cut" => self.cut = true,
            "delay" => self.delay = seconds(value),
            "early" => self.early = true,
            "hang" => self.hang = true,
            "input" => usage.input = value.parse().ok(),
            "output" => usage.output = value.parse().ok(),
            "pause" => self.pause = seconds(value),
            "reasoning" => usage.reasoning = count(),
            "retry-after" => self.retry_after = Some(value.to_owned()),
            "size" => self.size = value.parse().ok().map(|size: usize| size.min(LARGEST)),
            "stall" => self.stall = true,
            "status" => self.fault = fault(value),
            "whole" => self.whole = true,
            "tier" => usage.tier = Some(value.to_owned()),
            "write1h" => usage.write1h = count(),
            "write5m" => usage.write5m = count(),
            _ => {}
        }
    }
}

/// The tool calls a prompt asks for: `[[tool:NAME {json arguments}]]`, any number of them.
pub(super) fn tool_calls(prompt: &str) -> Vec<(String, Value)> {
    let mut calls = Vec::new();
    for (_, rest) in markers(prompt) {
        let Some(rest) = rest.strip_prefix("tool:") else {
            continue;
        };
        let end = rest.find([' ', ']']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        // Arguments may hold `]]` themselves, so the JSON parser finds their end.
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let arguments = match values.next() {
            Some(Ok(arguments)) => arguments,
            _ => Value::Object(serde_json::Map::new()),
        };
        calls.push((name.to_owned(), arguments));
    }
    calls
}

/// Every place after a `[[`, with the text that follows it.
fn markers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    memchr::memmem::find_iter(text.as_bytes(), b"[[").map(move |at| (at, &text[at + 2..]))
}

fn seconds(value: &str) -> Option<Duration> {
    let seconds = value
        .parse::<f64>()
        .ok()
        .filter(|s| s.is_finite() && *s >= 0.0)?;
    Some(Duration::from_secs_f64(seconds.min(LONGEST)))
}

fn fault(value: &str) -> Option<Fault> {
    let mut parts = value.splitn(3, ':');
    let code = parts
        .next()?
        .parse()
        .ok()
        .filter(|code| (400..=599).contains(code))?;
    let times = parts.next().and_then(|times| times.parse().ok());
    Some(Fault {
        code,
        times,
        token: parts.next().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_every_kind_of_marker() {
        let mut knobs = Knobs::default();
        knobs.text("a [[delay:1.5]] [[status:500:2:abc]][[cut]][[whole]] [[usage:cached=10,write5m=7]] [[nope]] [[size:9");
        assert_eq!(knobs.delay, Some(Duration::from_millis(1500)));
        assert_eq!(
            knobs.fault,
            Some(Fault {
                code: 500,
                times: Some(2),
                token: Some("abc".into())
            })
        );
        assert!(knobs.cut && knobs.whole && !knobs.stall);
        assert_eq!(
            (knobs.usage.cached, knobs.usage.write5m, knobs.size),
            (10, 7, None)
        );
    }

    #[test]
    fn header_and_text_say_the_same() {
        let (mut header, mut text) = (Knobs::default(), Knobs::default());
        header.header("status=429, pause=0.2,reasoning=5,stall");
        text.text("[[status:429]][[pause:0.2]][[usage:reasoning=5]][[stall]]");
        assert_eq!(header, text);
    }

    #[test]
    fn tool_arguments_may_hold_the_closing_mark() {
        let calls = tool_calls(r#"[[tool:Grid {"rows":[[1],[2]]}]] and [[tool:Now]]"#);
        assert_eq!(
            calls,
            [
                ("Grid".to_owned(), json!({"rows": [[1], [2]]})),
                ("Now".to_owned(), json!({})),
            ]
        );
    }

    #[test]
    fn hostile_values_are_bounded() {
        let mut knobs = Knobs::default();
        knobs.text("[[delay:1e99]][[pause:-1]][[status:99]][[size:99999999999]]");
        assert_eq!(knobs.delay, Some(Duration::from_secs(3600)));
        assert_eq!(
            (knobs.pause, knobs.fault, knobs.size),
            (None, None, Some(LARGEST))
        );
    }
}
