//! Reads a request.

use super::{read_content, read_model, read_tools};
use crate::translate::{
    Json, Path, Refused, Request,
    fields::{Fields, missing, wrong},
    messages,
    talk::{Effort, Format, Sampling, Speaker, Thinking, Turn},
};

/// Of a request. Labels of the caller's own, and how soon and at which price it is answered.
const ADVICE: &[&str] = &[
    "performanceConfig",
    "projectIdentifier",
    "requestMetadata",
    "serviceTier",
];

/// The model and whether the answer is a stream stand in the path.
pub(in crate::translate) fn read_request(
    json: Json<'_>,
    stream: bool,
) -> Result<Request<'_>, Refused> {
    if !matches!(json, Json::Object(_)) {
        return Err(wrong(&Path::TOP, "an object", &json));
    }
    let mut body = Fields::new(Path::TOP, json)?;
    let instructions = read_content::instructions(&mut body)?;
    let turns = turns(&mut body)?;
    let mut sampling = sampling(&mut body)?;
    let (tools, tool_choice) = read_tools::config(&mut body)?;
    let (format, effort) = output(&mut body)?;
    let extra = read_model::fields(&mut body)?;
    sampling.top_k = extra.top_k;
    let thinking = match (extra.thinking, effort.or(extra.effort)) {
        (None, None) => None,
        (Some(thinking), level) => Some(Thinking {
            effort: thinking.effort.or(level),
            ..thinking
        }),
        (None, level) => Some(Thinking {
            effort: level,
            ..Thinking::default()
        }),
    };
    // Of none there are no answers to leave out.
    body.only(
        "additionalModelResponseFieldPaths",
        &Json::Array(Vec::new()),
    )?;
    body.only("promptVariables", &Json::Object(Vec::new()))?;
    body.advice(ADVICE);
    body.close()?;
    Ok(Request {
        model: String::new(),
        betas: extra.betas,
        instructions,
        turns,
        tools,
        tool_choice,
        parallel_tools: None,
        sampling,
        format,
        thinking,
        stream,
        stream_usage: stream,
        user: None,
    })
}

fn turns<'a>(body: &mut Fields<'a>) -> Result<Vec<Turn<'a>>, Refused> {
    let mut turns = Vec::new();
    for (path, value) in body.list("messages")? {
        let mut message = Fields::new(path, value)?;
        let role = message.required("role")?;
        let speaker = match &*role {
            "assistant" => Speaker::Assistant,
            "system" => Speaker::System,
            "user" => Speaker::User,
            _ => {
                let why = "must be `user`, `assistant` or `system`";
                return Err(Refused::invalid(message.at("role"), why));
            }
        };
        let blocks = read_content::blocks(&mut message, speaker)?;
        message.close()?;
        turns.push(Turn { speaker, blocks });
    }
    Ok(turns)
}

fn sampling<'a>(body: &mut Fields<'a>) -> Result<Sampling<'a>, Refused> {
    let Some(mut config) = body.object("inferenceConfig")? else {
        return Ok(Sampling::default());
    };
    let mut stop = Vec::new();
    for (path, value) in config.list("stopSequences")? {
        match value {
            Json::String(text) => stop.push(text),
            other => return Err(wrong(&path, "a string", &other)),
        }
    }
    let sampling = Sampling {
        max_output: config.count("maxTokens")?,
        temperature: config.number("temperature")?,
        top_p: config.number("topP")?,
        stop,
        ..Sampling::default()
    };
    config.close()?;
    Ok(sampling)
}

/// Both stand in `outputConfig`.
fn output<'a>(body: &mut Fields<'a>) -> Result<(Format<'a>, Option<Effort>), Refused> {
    let Some(mut output) = body.object("outputConfig")? else {
        return Ok((Format::Text, None));
    };
    let effort = match output.string("effort")? {
        None => None,
        Some(word) => Some(messages::effort(&word).ok_or_else(|| {
            let why = "must be `low`, `medium`, `high`, `xhigh` or `max`";
            Refused::invalid(output.at("effort"), why)
        })?),
    };
    let format = match output.object("textFormat")? {
        None => Format::Text,
        Some(format) => self::format(format)?,
    };
    output.close()?;
    Ok((format, effort))
}

fn format(mut format: Fields<'_>) -> Result<Format<'_>, Refused> {
    if format.required("type")? != "json_schema" {
        return Err(Refused::unsupported(format.at("type")));
    }
    let path = format.at("structure");
    let mut structure = format.object("structure")?.ok_or_else(|| missing(&path))?;
    let path = structure.at("jsonSchema");
    let definition = structure.object("jsonSchema")?;
    let mut definition = definition.ok_or_else(|| missing(&path))?;
    let path = definition.at("schema");
    let text = definition.required("schema")?;
    let schema = Json::read(text.as_bytes());
    let schema = schema
        .map(Json::into_owned)
        .map_err(|error| Refused::invalid(path, format!("is no JSON Schema: {error}")))?;
    let read = Format::Schema {
        name: definition.string("name")?,
        description: definition.string("description")?,
        schema,
        // Bedrock's answers always keep to it.
        strict: Some(true),
    };
    definition.close()?;
    structure.close()?;
    format.close()?;
    Ok(read)
}
