//! Reads a request.

use std::borrow::Cow;

use super::{
    Echo, Json, Refused,
    fields::{Fields, elements, wrong},
    names::Known,
    read_input, read_tools,
    talk::{Block, Effort, Format, Request, Sampling, Thinking, ToolChoice},
};
use crate::translate::Path;

/// Labels, hints for caches, and the class of service: an answer says the same without them. Nothing is stored
/// whatever `store` says, and answers say so.
const ADVICE: &[&str] = &[
    "client_metadata",
    "metadata",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "service_tier",
    "store",
    "stream_options",
];

/// How many words an answer has is a matter of taste.
const TEXT_ADVICE: &[&str] = &["verbosity"];

/// What is to be seen of stored turns, of which there are none.
const REASONING_ADVICE: &[&str] = &["context"];

/// Members of items that no answer to this request has, and the reasoning's seal, which always comes.
const HARMLESS: &[&str] = &[
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
];

/// What answers repeat.
const REPEATED: &[&str] = &[
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "user",
];

pub(in super::super) fn read_request(json: Json<'_>) -> Result<(Request<'_>, Echo), Refused> {
    let echo = echo(&json);
    let mut fields = Fields::new(Path::TOP, json)?;
    // The gateway has read it before.
    fields.required("model")?;
    fields.advice(ADVICE);
    fields.only("background", &Json::Bool(false))?;
    fields.only("truncation", &Json::String("disabled".into()))?;
    fields.only("top_logprobs", &Json::Number(0.into()))?;
    include(&mut fields)?;
    let user = fields.string("user")?;
    let user = fields.string("safety_identifier")?.or(user);
    let stream = fields.bool("stream")?.unwrap_or_default();
    let parallel_tools = fields.bool("parallel_tool_calls")?;
    let sampling = Sampling {
        max_output: fields.count("max_output_tokens")?,
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        ..Sampling::default()
    };
    let mut tools = read_tools::tools(&mut fields)?;
    let known = Known::of(&tools);
    let tool_choice = read_tools::choice(&mut fields, &mut tools, &known)?;
    if tools.is_empty()
        && !matches!(
            tool_choice,
            None | Some(ToolChoice::Auto | ToolChoice::None)
        )
    {
        return Err(Refused::unsupported("tool_choice"));
    }
    let instructions = fields.string("instructions")?;
    let mut said = read_input::input(&mut fields, known)?;
    if let Some(text) = instructions {
        said.instructions
            .insert(0, Block::Text { text, cache: None });
    }
    let format = format(&mut fields)?;
    let thinking = thinking(&mut fields)?;
    fields.close()?;
    let request = Request {
        model: String::new(),
        betas: Vec::new(),
        instructions: said.instructions,
        turns: said.turns,
        tools,
        tool_choice,
        parallel_tools,
        sampling,
        format,
        thinking,
        stream,
        // This dialect's streams always end with it.
        stream_usage: stream,
        user,
    };
    Ok((request, echo))
}

fn echo(json: &Json<'_>) -> Echo {
    let repeated = |name: &&'static str| {
        let value = match (*name, json.get(name)?.clone()) {
            (_, Json::Null) => return None,
            ("tools", Json::Array(tools)) => {
                Json::Array(tools.into_iter().filter(read_tools::is_offered).collect())
            }
            (_, value) => value,
        };
        Some((Cow::Borrowed(*name), value.into_owned()))
    };
    REPEATED.iter().filter_map(repeated).collect()
}

fn include(fields: &mut Fields<'_>) -> Result<(), Refused> {
    for (path, value) in fields.list("include")? {
        match value {
            Json::String(word) if HARMLESS.contains(&&*word) => {}
            Json::String(_) => return Err(Refused::unsupported(path)),
            other => return Err(wrong(&path, "a string", &other)),
        }
    }
    Ok(())
}

fn format<'a>(fields: &mut Fields<'a>) -> Result<Format<'a>, Refused> {
    let Some(mut text) = fields.object("text")? else {
        return Ok(Format::Text);
    };
    text.advice(TEXT_ADVICE);
    let format = text.object("format")?;
    text.close()?;
    let Some(mut format) = format else {
        return Ok(Format::Text);
    };
    let read = match &*format.required("type")? {
        "text" => Format::Text,
        "json_object" => Format::Json,
        "json_schema" => {
            let path = format.at("schema");
            Format::Schema {
                name: format.string("name")?,
                description: format.string("description")?,
                schema: match format.take("schema") {
                    Some(schema @ Json::Object(_)) => schema,
                    Some(other) => return Err(wrong(&path, "an object", &other)),
                    None => return Err(super::fields::missing(&path)),
                },
                strict: format.bool("strict")?,
            }
        }
        _ => return Err(Refused::unsupported(format.at("type"))),
    };
    format.close()?;
    Ok(read)
}

fn thinking(fields: &mut Fields<'_>) -> Result<Option<Thinking>, Refused> {
    let Some(mut reasoning) = fields.object("reasoning")? else {
        return Ok(None);
    };
    reasoning.advice(REASONING_ADVICE);
    reasoning.only("mode", &Json::String("standard".into()))?;
    let effort = reasoning.string("effort")?;
    let effort = match effort.as_deref().map(Effort::of_word) {
        Some(None) => return Err(Refused::unsupported(reasoning.at("effort"))),
        Some(known) => known,
        None => None,
    };
    let summary = reasoning.string("summary")?;
    let summary = reasoning.string("generate_summary")?.or(summary);
    reasoning.close()?;
    Ok(Some(Thinking {
        on: effort.map(|effort| effort != Effort::None),
        effort,
        budget: None,
        shown: Some(summary.is_some_and(|word| word != "none")),
    }))
}

/// The elements of a value that has to be a list.
pub(super) fn list<'a>(path: &Path, value: Json<'a>) -> Result<Vec<(Path, Json<'a>)>, Refused> {
    match value {
        Json::Array(list) => Ok(elements(path, list)),
        other => Err(wrong(path, "an array", &other)),
    }
}
