//! Requests of Chat clients.

use std::borrow::Cow;

use super::{
    super::{
        fields::{Fields, wrong},
        talk::{Effort, Format, Sampling, Thinking},
    },
    Json, Refused, Request, read_messages, read_tools,
};
use crate::translate::Path;

/// Labels, where and how fast it is served, what is kept of it and for how long it is cached, how wordy it had
/// better be, and a guess at the answer that only makes it faster: the answer to the same question without them
/// means the same.
const ADVICE: &[&str] = &[
    "metadata",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "service_tier",
    "store",
    "verbosity",
];

/// Padding against who counts bytes on the wire.
const STREAM_ADVICE: &[&str] = &["include_obfuscation"];

pub(super) fn read(json: Json<'_>) -> Result<Request<'_>, Refused> {
    if !matches!(json, Json::Object(_)) {
        return Err(wrong(&Path::TOP, "an object", &json));
    }
    let mut fields = Fields::new(Path::TOP, json)?;
    fields.advice(ADVICE);
    usual(&mut fields)?;
    let mut request = Request {
        model: fields.required("model")?.into_owned(),
        parallel_tools: fields.bool("parallel_tool_calls")?,
        sampling: sampling(&mut fields)?,
        format: format(&mut fields)?,
        thinking: thinking(&mut fields)?,
        stream: fields.bool("stream")?.unwrap_or_default(),
        stream_usage: stream_usage(&mut fields)?,
        user: user(&mut fields)?,
        ..Request::default()
    };
    (request.instructions, request.turns) = read_messages::read(&mut fields)?;
    request.tools = read_tools::tools(&mut fields)?;
    request.tool_choice = read_tools::choice(&mut fields, &mut request.tools)?;
    fields.close()?;
    Ok(request)
}

/// What asks for something else than one answer of text, where it is set to what holds anyway.
fn usual(fields: &mut Fields<'_>) -> Result<(), Refused> {
    let text = || Json::Array(vec![Json::String("text".into())]);
    fields.only("logit_bias", &Json::Object(Vec::new()))?;
    fields.only("logprobs", &Json::Bool(false))?;
    fields.only("modalities", &text())?;
    fields.only("n", &Json::Number(1.into()))?;
    fields.only("top_logprobs", &Json::Number(0.into()))
}

fn sampling<'a>(fields: &mut Fields<'a>) -> Result<Sampling<'a>, Refused> {
    let old = fields.count("max_tokens")?;
    let new = fields.count("max_completion_tokens")?;
    Ok(Sampling {
        // Both are bounds.
        max_output: new.into_iter().chain(old).min(),
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.count("top_k")?,
        stop: stop(fields)?,
        presence_penalty: fields.number("presence_penalty")?,
        frequency_penalty: fields.number("frequency_penalty")?,
        seed: fields.number("seed")?,
    })
}

fn stop<'a>(fields: &mut Fields<'a>) -> Result<Vec<Cow<'a, str>>, Refused> {
    let path = fields.at("stop");
    let one = |value: Json<'a>| match value {
        Json::String(sequence) => Ok(sequence),
        other => Err(wrong(&path, "a string or an array of strings", &other)),
    };
    match fields.take("stop") {
        None => Ok(Vec::new()),
        Some(Json::Array(list)) => list.into_iter().map(one).collect(),
        Some(other) => one(other).map(|sequence| vec![sequence]),
    }
}

fn format<'a>(fields: &mut Fields<'a>) -> Result<Format<'a>, Refused> {
    let Some(mut format) = fields.object("response_format")? else {
        return Ok(Format::Text);
    };
    let read = match &*format.required("type")? {
        "text" => Format::Text,
        "json_object" => Format::Json,
        "json_schema" => {
            let path = format.at("json_schema");
            let mut schema = format
                .object("json_schema")?
                .ok_or_else(|| Refused::invalid(path, "is missing"))?;
            let read = Format::Schema {
                name: schema.string("name")?,
                description: schema.string("description")?,
                strict: schema.bool("strict")?,
                // Without one any object will do.
                schema: schema.take("schema").unwrap_or(Json::Object(Vec::new())),
            };
            schema.close()?;
            read
        }
        _ => return Err(Refused::unsupported(format.at("type"))),
    };
    format.close()?;
    Ok(read)
}

fn thinking(fields: &mut Fields<'_>) -> Result<Option<Thinking>, Refused> {
    let Some(word) = fields.string("reasoning_effort")? else {
        return Ok(None);
    };
    let effort = Effort::of_word(&word).ok_or_else(|| {
        Refused::invalid(
            fields.at("reasoning_effort"),
            "must be none, minimal, low, medium, high, xhigh or max",
        )
    })?;
    Ok(Some(Thinking {
        on: Some(effort != Effort::None),
        effort: Some(effort),
        ..Thinking::default()
    }))
}

fn stream_usage(fields: &mut Fields<'_>) -> Result<bool, Refused> {
    let Some(mut options) = fields.object("stream_options")? else {
        return Ok(false);
    };
    options.advice(STREAM_ADVICE);
    let usage = options.bool("include_usage")?;
    options.close()?;
    Ok(usage.unwrap_or_default())
}

fn user<'a>(fields: &mut Fields<'a>) -> Result<Option<Cow<'a, str>>, Refused> {
    let old = fields.string("user")?;
    Ok(fields.string("safety_identifier")?.or(old))
}
