//! Requests to Chat providers.

use crate::translate::build::{count, object, text};
use std::borrow::Cow;

use super::{
    super::talk::{Effort, Format, Thinking, Tool, ToolChoice},
    Feature, Inexpressible, Json, Request,
    shape::{as_function, put},
    write_messages,
};

/// More stop sequences than `OpenAI` takes.
const MOST_STOPS: usize = 4;

/// A longer id of a user `OpenAI` does not take.
const LONGEST_USER: usize = 64;

/// A longer name of a tool or a schema `OpenAI` does not take.
const LONGEST_NAME: usize = 64;

type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

pub(super) fn write(request: &Request<'_>) -> Result<Vec<u8>, Inexpressible> {
    let messages = write_messages::messages(request)?;
    let mut body = Vec::new();
    put(&mut body, "model", text(&request.model));
    put(&mut body, "messages", Json::Array(messages));
    tools(request, &mut body)?;
    sampling(request, &mut body)?;
    format(&request.format, &mut body);
    if let Some(word) = request.thinking.as_ref().and_then(effort) {
        put(&mut body, "reasoning_effort", text(word));
    }
    if request.stream {
        put(&mut body, "stream", Json::Bool(true));
        let options = object([("include_usage", Json::Bool(true))]);
        put(&mut body, "stream_options", options);
    }
    // It only tells users apart. A longer one would have the request refused.
    if let Some(user) = request.user.as_deref()
        && user.len() <= LONGEST_USER
    {
        put(&mut body, "user", text(user));
    }
    Ok(Json::Object(body).bytes())
}

fn sampling<'a>(request: &'a Request<'_>, body: &mut Members<'a>) -> Result<(), Inexpressible> {
    let sampling = &request.sampling;
    if sampling.top_k.is_some() {
        return Err(Inexpressible(Feature::TopK));
    }
    if sampling.stop.len() > MOST_STOPS {
        return Err(Inexpressible(Feature::Stop));
    }
    if let Some(most) = sampling.max_output {
        put(body, "max_completion_tokens", count(most));
    }
    for (name, number) in [
        ("temperature", &sampling.temperature),
        ("top_p", &sampling.top_p),
        ("presence_penalty", &sampling.presence_penalty),
        ("frequency_penalty", &sampling.frequency_penalty),
        ("seed", &sampling.seed),
    ] {
        if let Some(number) = number {
            put(body, name, Json::Number(number.clone()));
        }
    }
    if !sampling.stop.is_empty() {
        let stop = sampling.stop.iter().map(|sequence| text(&**sequence));
        put(body, "stop", Json::Array(stop.collect()));
    }
    Ok(())
}

fn format<'a>(format: &'a Format<'_>, body: &mut Members<'a>) {
    let format = match format {
        Format::Text => return,
        Format::Json => object([("type", text("json_object"))]),
        Format::Schema {
            name,
            description,
            schema,
            strict,
        } => {
            let mut inner = Vec::new();
            put(&mut inner, "name", text(schema_name(name.as_deref())));
            if let Some(description) = description {
                put(&mut inner, "description", text(&**description));
            }
            put(&mut inner, "schema", schema.clone());
            if let Some(strict) = strict {
                put(&mut inner, "strict", Json::Bool(*strict));
            }
            object([
                ("type", text("json_schema")),
                ("json_schema", Json::Object(inner)),
            ])
        }
    };
    put(body, "response_format", format);
}

/// A schema has to have a name, of few letters; it is a label.
fn schema_name(name: Option<&str>) -> String {
    let name = name.filter(|name| !name.is_empty()).unwrap_or("answer");
    let fit = name.chars().take(LONGEST_NAME);
    fit.map(|letter| if in_name(letter) { letter } else { '_' })
        .collect()
}

const fn in_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

/// A tool's name, as `OpenAI` and most others take it.
pub(super) fn tool_name(name: &str) -> Result<&str, Inexpressible> {
    let fits = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(in_name);
    fits.then_some(name).ok_or(Inexpressible(Feature::ToolName))
}

/// How hard to think, where the request says so. A level that stands for a number of tokens is one that every
/// model that thinks knows; the outer ones some models refuse, so they are named only where they were asked for.
const fn effort(thinking: &Thinking) -> Option<&'static str> {
    if let Some(false) = thinking.on {
        return Some("none");
    }
    match (thinking.effort, thinking.budget) {
        (Some(Effort::Max), _) => Some(Effort::ExtraHigh.word()),
        (Some(effort), _) => Some(effort.word()),
        (None, Some(budget)) => Some(match Effort::of_budget(budget) {
            Effort::None => "none",
            Effort::Minimal | Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High | Effort::ExtraHigh | Effort::Max => "high",
        }),
        // To think at all: some models do not where nothing is said.
        (None, None) if matches!(thinking.on, Some(true)) => Some("medium"),
        (None, None) => None,
    }
}

fn tools<'a>(request: &'a Request<'_>, body: &mut Members<'a>) -> Result<(), Inexpressible> {
    let (offered, choice) = choice(request)?;
    if offered.is_empty() {
        // `OpenAI` refuses a choice among none.
        return Ok(());
    }
    let list = offered.into_iter().map(tool).collect::<Result<_, _>>()?;
    put(body, "tools", Json::Array(list));
    if let Some(choice) = choice {
        put(body, "tool_choice", choice);
    }
    if let Some(parallel) = request.parallel_tools {
        put(body, "parallel_tool_calls", Json::Bool(parallel));
    }
    Ok(())
}

fn tool<'a>(tool: &'a Tool<'_>) -> Result<Json<'a>, Inexpressible> {
    let mut function = Vec::new();
    put(&mut function, "name", text(tool_name(&tool.name)?));
    let (description, schema) = match &tool.freeform {
        Some(freeform) => {
            let (description, schema) = as_function(tool, freeform);
            (Some(Cow::Owned(description)), schema)
        }
        None => {
            let nothing = || {
                object([
                    ("type", text("object")),
                    ("properties", Json::Object(Vec::new())),
                ])
            };
            let description = tool.description.as_deref().map(Cow::Borrowed);
            (description, tool.schema.clone().unwrap_or_else(nothing))
        }
    };
    if let Some(description) = description.filter(|said| !said.is_empty()) {
        put(&mut function, "description", Json::String(description));
    }
    put(&mut function, "parameters", schema);
    if let Some(strict) = tool.strict {
        put(&mut function, "strict", Json::Bool(strict));
    }
    Ok(object([
        ("type", text("function")),
        ("function", Json::Object(function)),
    ]))
}

/// What is offered of the tools, and which may be called. Only `OpenAI` itself knows a choice among some tools,
/// so the others are left out instead.
fn choice<'a>(
    request: &'a Request<'_>,
) -> Result<(Vec<&'a Tool<'a>>, Option<Json<'a>>), Inexpressible> {
    let mut offered: Vec<&Tool<'_>> = request.tools.iter().collect();
    let impossible = Err(Inexpressible(Feature::ToolChoice));
    let choice = match &request.tool_choice {
        None => None,
        Some(ToolChoice::Auto) => Some(text("auto")),
        Some(ToolChoice::None) => Some(text("none")),
        Some(_) if offered.is_empty() => return impossible,
        Some(ToolChoice::Required) => Some(text("required")),
        Some(ToolChoice::Tool(name)) => Some(object([
            ("type", text("function")),
            ("function", object([("name", text(&**name))])),
        ])),
        Some(ToolChoice::AnyOf(names)) => {
            offered.retain(|tool| names.contains(&tool.name));
            if offered.is_empty() {
                return impossible;
            }
            Some(text("required"))
        }
    };
    Ok((offered, choice))
}
