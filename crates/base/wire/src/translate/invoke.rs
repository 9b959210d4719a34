//! Bedrock's `InvokeModel` and `InvokeModelWithResponseStream` with a body of Anthropic's, as a client's language: a
//! Messages request whose model and stream are in the path, and a stream whose events are wrapped in AWS' messages
//! (`PayloadPart` of the service model of botocore 1.44.8, `bedrock-runtime`, 2023-09-30). No provider is asked in it:
//! Bedrock itself takes such a call as it is, or Converse.

use std::borrow::Cow;

use ::base64::prelude::{BASE64_STANDARD, Engine as _};

use super::{
    Asked, Event, Json, Path, Refused, Request, WriteStream, betas,
    blocks::TOO_MUCH,
    fields::{Fields, wrong},
    messages,
};
use crate::{
    Dialect, error,
    eventstream::{self, Kind},
};

/// What Messages has in its body and this language in its path. Bedrock refuses it in a body, too.
const IN_PATH: [&str; 2] = ["model", "stream"];

/// Reads a request. The model is the path's, which the caller knows.
pub(super) fn read_request(json: Json<'_>, stream: bool) -> Result<Request<'_>, Refused> {
    if !matches!(json, Json::Object(_)) {
        return Err(wrong(&Path::TOP, "an object", &json));
    }
    let mut body = Fields::new(Path::TOP, json)?;
    // Which one is for Bedrock to judge: clients name `bedrock-2023-05-31`, and Anthropic's newer SDKs a later date.
    if body.string("anthropic_version")?.is_none() {
        let why = "is needed, as `bedrock-2023-05-31`: only bodies of Anthropic's models are translated for other \
                   providers";
        return Err(Refused::invalid("anthropic_version", why));
    }
    let betas = betas::read(&mut body)?;
    if let Some(name) = IN_PATH.into_iter().find(|name| body.get(name).is_some()) {
        return Err(Refused::invalid(name, "is said by the path"));
    }
    let mut members = body.rest();
    let model = Json::String(Cow::Borrowed(""));
    members.push((Cow::Borrowed("model"), model));
    let request = messages::read_request(Json::Object(members))?;
    Ok(Request {
        betas,
        stream,
        stream_usage: stream,
        ..request
    })
}

/// Writes the events of Messages, each in a message of AWS'.
pub(super) struct StreamWriter {
    events: messages::StreamWriter,
    /// What those are written to first; kept, for it is needed at each step.
    written: Vec<u8>,
}

impl StreamWriter {
    pub(super) fn new(asked: Asked) -> Self {
        Self {
            events: messages::StreamWriter::new(asked),
            written: Vec::new(),
        }
    }
}

impl WriteStream for StreamWriter {
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        self.events.event(event, &mut self.written);
        // An event of ours is a line with its name, one with its data, and an empty one.
        for line in self.written.split(|byte| *byte == b'\n') {
            if line == b"event: error" {
                // The only one that its writer says by itself.
                out.extend(error::render_event(Dialect::Bedrock, &TOO_MUCH));
                break;
            }
            if let Some(data) = line.strip_prefix(b"data: ") {
                let payload = format!(r#"{{"bytes":"{}"}}"#, BASE64_STANDARD.encode(data));
                eventstream::write(out, Kind::Event, "chunk", payload.as_bytes());
            }
        }
        self.written.clear();
    }
}

#[cfg(test)]
mod tests;
