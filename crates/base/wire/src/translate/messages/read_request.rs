//! Reads a request.

use super::{
    effort, read_content,
    read_content::Place,
    read_tools::{self, Choice},
};
use crate::translate::{
    Json, Path, Refused, Request,
    fields::{Fields, missing, wrong},
    talk::{Block, Effort, Format, Sampling, Speaker, Thinking, Turn},
};

/// Of a request. Hints about caching; what the provider may clear of a conversation that has become too
/// long, and what it is to report of that; and how soon and at which price it answers.
const ADVICE: &[&str] = &[
    "cache_control",
    "context_management",
    "diagnostics",
    "service_tier",
    "speed",
];

/// Of `output_config`. The model is told how many tokens its whole task may take, which bounds nothing.
const OUTPUT_ADVICE: &[&str] = &["task_budget"];

/// Of `thinking`. Whether Anthropic refuses thoughts that come back in another conversation than they were
/// thought in; other providers never see them.
const THINKING_ADVICE: &[&str] = &["block_binding"];

/// Claude Code's first words of each request, which say to Anthropic who pays. They are no instruction, and
/// as they change from request to request they would keep other providers from caching what follows.
const BILLING: &str = "x-anthropic-billing-header:";

pub(in crate::translate) fn read_request(json: Json<'_>) -> Result<Request<'_>, Refused> {
    if !matches!(json, Json::Object(_)) {
        return Err(wrong(&Path::TOP, "an object", &json));
    }
    let mut body = Fields::new(Path::TOP, json)?;
    let model = body.required("model")?.into_owned();
    let mut instructions = read_content::read(&mut body, "system", Place::System)?;
    instructions
        .retain(|block| !matches!(block, Block::Text { text, .. } if text.starts_with(BILLING)));
    let turns = turns(&mut body, &mut instructions)?;
    let (thinking, format) = thinking_and_format(&mut body)?;
    let tools = read_tools::tools(&mut body)?;
    let Choice { choice, parallel } = read_tools::choice(&mut body)?;
    let stream = body.bool("stream")?.unwrap_or(false);
    let request = Request {
        model,
        // A header's.
        betas: Vec::new(),
        instructions,
        turns,
        tools,
        tool_choice: choice,
        parallel_tools: parallel,
        sampling: sampling(&mut body)?,
        format,
        thinking,
        stream,
        stream_usage: stream,
        user: user(&mut body)?,
    };
    body.only("mcp_servers", &Json::Array(Vec::new()))?;
    // The others compute wherever their operator lets them, which is what this word says too.
    body.only("inference_geo", &Json::String("global".into()))?;
    body.advice(ADVICE);
    body.close()?;
    Ok(request)
}

fn turns<'a>(
    body: &mut Fields<'a>,
    instructions: &mut Vec<Block<'a>>,
) -> Result<Vec<Turn<'a>>, Refused> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for (path, value) in body.list("messages")? {
        let mut message = Fields::new(path, value)?;
        let role = message.required("role")?;
        let (speaker, place) = match &*role {
            "assistant" => (Speaker::Assistant, Place::Assistant),
            "system" => (Speaker::System, Place::System),
            "user" => (Speaker::User, Place::User),
            _ => {
                let why = "must be `user`, `assistant` or `system`";
                return Err(Refused::invalid(message.at("role"), why));
            }
        };
        let blocks = read_content::read(&mut message, "content", place)?;
        message.close()?;
        if speaker == Speaker::System && turns.is_empty() {
            instructions.extend(blocks);
        } else {
            turns.push(Turn { speaker, blocks });
        }
    }
    Ok(turns)
}

fn sampling<'a>(body: &mut Fields<'a>) -> Result<Sampling<'a>, Refused> {
    let mut stop = Vec::new();
    for (path, value) in body.list("stop_sequences")? {
        match value {
            Json::String(text) => stop.push(text),
            other => return Err(wrong(&path, "a string", &other)),
        }
    }
    Ok(Sampling {
        max_output: body.count("max_tokens")?,
        temperature: body.number("temperature")?,
        top_p: body.number("top_p")?,
        top_k: body.count("top_k")?,
        stop,
        ..Sampling::default()
    })
}

fn user<'a>(body: &mut Fields<'a>) -> Result<Option<std::borrow::Cow<'a, str>>, Refused> {
    let Some(mut metadata) = body.object("metadata")? else {
        return Ok(None);
    };
    let user = metadata.string("user_id")?;
    metadata.close()?;
    Ok(user)
}

/// Both stand in `output_config`, of which the effort says how hard to think.
fn thinking_and_format<'a>(
    body: &mut Fields<'a>,
) -> Result<(Option<Thinking>, Format<'a>), Refused> {
    let mut level = None;
    // The format's place before it was published.
    let mut described = body.object("output_format")?;
    if let Some(mut output) = body.object("output_config")? {
        if let Some(word) = output.string("effort")? {
            let known = effort(&word).ok_or_else(|| {
                let why = "must be `low`, `medium`, `high`, `xhigh` or `max`";
                Refused::invalid(output.at("effort"), why)
            })?;
            level = Some(known);
        }
        described = output.object("format")?.or(described);
        output.advice(OUTPUT_ADVICE);
        output.close()?;
    }
    let format = described.map_or(Ok(Format::Text), format)?;
    Ok((thinking(body, level)?, format))
}

fn format(mut described: Fields<'_>) -> Result<Format<'_>, Refused> {
    if described.required("type")? != "json_schema" {
        return Err(Refused::unsupported(described.at("type")));
    }
    let path = described.at("schema");
    let schema = described.take("schema").ok_or_else(|| missing(&path))?;
    described.close()?;
    Ok(Format::Schema {
        name: None,
        description: None,
        schema,
        // Anthropic's answers always keep to it.
        strict: Some(true),
    })
}

fn thinking(body: &mut Fields<'_>, level: Option<Effort>) -> Result<Option<Thinking>, Refused> {
    let Some(mut thinking) = body.object("thinking")? else {
        return Ok(level.map(|level| Thinking {
            effort: Some(level),
            ..Thinking::default()
        }));
    };
    let kind = thinking.required("type")?;
    let shown = match thinking.string("display")?.as_deref() {
        None => None,
        Some("summarized" | "updates") => Some(true),
        Some("omitted") => Some(false),
        Some(_) => {
            let why = "must be `summarized`, `updates` or `omitted`";
            return Err(Refused::invalid(thinking.at("display"), why));
        }
    };
    let read = match &*kind {
        "adaptive" => Thinking {
            on: Some(true),
            effort: level,
            budget: None,
            shown,
        },
        // Without thoughts, the effort only advises how much to write. Some models cannot think less than
        // between the calls of tools.
        "disabled" | "between_tools" => Thinking {
            on: Some(false),
            ..Thinking::default()
        },
        "enabled" => {
            let path = thinking.at("budget_tokens");
            Thinking {
                on: Some(true),
                effort: level,
                budget: Some(
                    thinking
                        .count("budget_tokens")?
                        .ok_or_else(|| missing(&path))?,
                ),
                shown,
            }
        }
        _ => {
            let why = "must be `adaptive`, `between_tools`, `disabled` or `enabled`";
            return Err(Refused::invalid(thinking.at("type"), why));
        }
    };
    thinking.advice(THINKING_ADVICE);
    thinking.close()?;
    Ok(Some(read))
}
