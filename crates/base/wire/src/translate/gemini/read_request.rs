//! Reads a client's request.

use super::super::{Json, Refused, Request, fields::missing};
use super::{proto, read_config, read_contents, read_tools};
use crate::translate::Path;

/// What makes no other answer: the model stands in the path and is put there again by the gateway; labels, the
/// tier and whether it is kept are for the books; and `safetySettings` turn Google's own filter up or down,
/// which no other provider has.
const ADVICE: &[&str] = &["labels", "model", "safetySettings", "serviceTier", "store"];

pub(in super::super) fn read_request(
    json: Json<'_>,
    streams: bool,
) -> Result<Request<'_>, Refused> {
    let mut body = proto::message(Path::TOP, json)?;
    body.advice(ADVICE);
    let mut request = Request {
        stream: streams,
        // Gemini's streams always end with their usage.
        stream_usage: streams,
        ..Request::default()
    };
    if let Some(content) = proto::take_message(&mut body, "systemInstruction")? {
        request.instructions = read_contents::instructions(content)?;
    }
    request.turns = read_contents::turns(proto::take_messages(&mut body, "contents")?)?;
    if request.turns.is_empty() {
        return Err(missing(&body.at("contents")));
    }
    request.tools = read_tools::tools(proto::take_messages(&mut body, "tools")?)?;
    if let Some(config) = proto::take_message(&mut body, "toolConfig")? {
        request.tool_choice = read_tools::choice(config, &mut request.tools)?;
    }
    if let Some(config) = proto::take_message(&mut body, "generationConfig")? {
        read_config::read(config, &mut request)?;
    }
    body.close()?;
    Ok(request)
}
