//! The fixtures of the surfaces, read from their folders. Protocol Buffers are written down as
//! fields (`[number, value]`) and put into bytes here, so that a person can read them.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::{collections::BTreeMap, fs, io::Write, path::PathBuf};

use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;
use serde_json::Value;
use tidegate_wire::surface::Surface;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) surface: String,
    pub(crate) app: Option<String>,
    pub(crate) request_type: String,
    pub(crate) answer_type: String,
    pub(crate) prompt: Prompt,
    pub(crate) answer: Answer,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompt {
    pub(crate) model: Option<String>,
    pub(crate) chars: u64,
    /// Channel, text, whether it counts.
    pub(crate) pieces: Vec<(String, String, bool)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) model: Option<String>,
    pub(crate) chars: u64,
    pub(crate) texts: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) uncounted: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) finished: bool,
    #[serde(default)]
    pub(crate) failed: bool,
    #[serde(default)]
    pub(crate) moved: bool,
    pub(crate) usage: Option<Usage>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) cached: u64,
    pub(crate) output: u64,
}

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    pub(crate) request: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

impl Case {
    pub(crate) fn surface(&self) -> Surface {
        let surface = Surface::of(&self.expected.host, "POST", &self.expected.path).unwrap();
        surface.of_app(self.expected.app.as_deref().unwrap_or("firefox"))
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/surface");
    let mut cases: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| {
            let dir = entry.unwrap().path();
            let file = |name: &str| fs::read(dir.join(name)).ok();
            let frames = |name: &str| file(name).map(|text| frames_of(&text));
            let expected = file("expected.json").unwrap();
            Case {
                name: dir.file_name().unwrap().to_string_lossy().into_owned(),
                expected: serde_json::from_slice(&expected).unwrap(),
                request: file("request.json")
                    .or_else(|| frames("request.frames.json"))
                    .unwrap(),
                answer: file("answer.sse")
                    .or_else(|| frames("answer.frames.json"))
                    .unwrap(),
            }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() >= 10);
    cases
}

/// A list of frames: `fields` or `end` (a text), `gzip`, or `bare` for a message without frame.
fn frames_of(text: &[u8]) -> Vec<u8> {
    let frames: Vec<Value> = serde_json::from_slice(text).unwrap();
    let mut out = Vec::new();
    for frame in &frames {
        let (mut message, mut flags) = match frame["end"].as_str() {
            Some(end) => (end.as_bytes().to_vec(), 2),
            None => (message_of(&frame["fields"]), 0),
        };
        if frame["bare"] == true {
            out.extend(message);
            continue;
        }
        if frame["gzip"] == true {
            message = gzip(&message);
            flags |= 1;
        }
        out.push(flags);
        out.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        out.extend(message);
    }
    out
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A value is a number, a text, a list of fields, or fields in hexadecimal (`{"hex":[…]}`).
fn message_of(fields: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields.as_array().unwrap() {
        let number = field[0].as_u64().unwrap();
        let bytes = match &field[1] {
            Value::Number(value) => {
                varint(&mut out, number << 3);
                varint(&mut out, value.as_u64().unwrap());
                continue;
            }
            Value::String(text) => text.clone().into_bytes(),
            Value::Object(coded) => {
                let message = message_of(&coded["hex"]);
                let hex: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
                hex.into_bytes()
            }
            nested => message_of(nested),
        };
        varint(&mut out, number << 3 | 2);
        varint(&mut out, bytes.len() as u64);
        out.extend(bytes);
    }
    out
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}
