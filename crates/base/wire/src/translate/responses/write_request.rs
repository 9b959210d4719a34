//! Writes a request.

use crate::translate::build::{Members, count, members, object, text};
use std::borrow::Cow;

use super::{
    Feature, Inexpressible, Json, Request, names,
    talk::{Block, Effort, Format, Sampling, Thinking, Tool, ToolChoice},
    write_input, write_parts,
};

/// The least that the provider takes for `max_output_tokens`. A client that wants fewer gets up to as many.
const LEAST_OUTPUT: u64 = 16;

/// The longest name of a tool that the provider takes.
const LONGEST_TOOL: usize = 128;

/// What the names of models begin with that do not think, and for which the provider refuses to be asked for
/// encrypted thoughts.
const UNTHINKING: &[&str] = &["gpt-3", "gpt-4", "chatgpt-4o", "ft:gpt-3", "ft:gpt-4"];

pub(in super::super) fn write_request(request: &Request<'_>) -> Result<Vec<u8>, Inexpressible> {
    let instructions = instructions(&request.instructions)?;
    // Instructions alone are no request to this provider.
    let (instructions, input) = if request.turns.is_empty() {
        (String::new(), write_input::system(instructions))
    } else {
        (instructions, write_input::input(&request.turns)?)
    };
    let mut body = members([
        ("model", text(request.model.as_str())),
        ("input", input),
        ("store", Json::Bool(false)),
    ]);
    let mut say = |name: &'static str, value: Json<'static>| body.push((name.into(), value));
    if !UNTHINKING
        .iter()
        .any(|start| request.model.starts_with(start))
    {
        let seals = text("reasoning.encrypted_content");
        say("include", Json::Array(vec![seals]));
    }
    if !instructions.is_empty() {
        say("instructions", text(instructions));
    }
    if let Some(thinking) = request.thinking.as_ref().and_then(reasoning) {
        say("reasoning", thinking);
    }
    if let Some(format) = format(&request.format) {
        say("text", object([("format", format)]));
    }
    if !request.tools.is_empty() {
        let tools: Result<Vec<_>, _> = request.tools.iter().map(tool).collect();
        say("tools", Json::Array(tools?));
    }
    if let Some(choice) = &request.tool_choice {
        say("tool_choice", tool_choice(choice, &request.tools));
    }
    if let Some(parallel) = request.parallel_tools {
        say("parallel_tool_calls", Json::Bool(parallel));
    }
    if request.stream {
        say("stream", Json::Bool(true));
    }
    if let Some(user) = &request.user {
        let user = names::short(user, names::LONGEST).into_owned();
        say("safety_identifier", text(user));
    }
    sampling(&request.sampling, &mut body)?;
    Ok(Json::Object(body).bytes())
}

fn sampling<'a>(sampling: &Sampling<'_>, body: &mut Members<'a>) -> Result<(), Inexpressible> {
    let says = |number: &serde_json::Number| number.as_f64() != Some(0.0);
    for (said, feature) in [
        (sampling.top_k.is_some(), Feature::TopK),
        (!sampling.stop.is_empty(), Feature::Stop),
        (sampling.seed.is_some(), Feature::Seed),
        (
            sampling.presence_penalty.as_ref().is_some_and(says),
            Feature::PresencePenalty,
        ),
        (
            sampling.frequency_penalty.as_ref().is_some_and(says),
            Feature::FrequencyPenalty,
        ),
    ] {
        if said {
            return Err(Inexpressible(feature));
        }
    }
    if let Some(most) = sampling.max_output {
        body.push(("max_output_tokens".into(), count(most.max(LEAST_OUTPUT))));
    }
    for (name, number) in [
        ("temperature", &sampling.temperature),
        ("top_p", &sampling.top_p),
    ] {
        if let Some(number) = number {
            body.push((name.into(), Json::Number(number.clone())));
        }
    }
    Ok(())
}

fn instructions(blocks: &[Block<'_>]) -> Result<String, Inexpressible> {
    let mut joined = String::new();
    for block in blocks {
        let text = match block {
            Block::Text { text, .. } => text,
            Block::Media(media) => return Err(Inexpressible(write_parts::feature(media.kind))),
            _ => return Err(Inexpressible(Feature::SystemInConversation)),
        };
        if !joined.is_empty() && !text.is_empty() {
            joined.push_str("\n\n");
        }
        joined.push_str(text);
    }
    Ok(joined)
}

/// Where thinking is switched off and no effort is named, the model's own default stands: most models do not
/// take `none`, and of those that do it is the default.
fn reasoning(thinking: &Thinking) -> Option<Json<'static>> {
    let of_budget = |tokens: u64| match Effort::of_budget(tokens) {
        Effort::None => None,
        // The ends of the scale are not every model's.
        effort => Some(effort.clamp(Effort::Low, Effort::High)),
    };
    let mut said = Vec::new();
    if thinking.on == Some(false) && thinking.effort.is_none_or(|effort| effort != Effort::None) {
        return None;
    }
    if let Some(effort) = thinking.effort.or(thinking.budget.and_then(of_budget)) {
        said.push((Cow::Borrowed("effort"), text(effort.word())));
    }
    if thinking.shown.unwrap_or(thinking.on == Some(true)) {
        said.push((Cow::Borrowed("summary"), text("auto")));
    }
    (!said.is_empty()).then_some(Json::Object(said))
}

fn format(format: &Format<'_>) -> Option<Json<'static>> {
    let Format::Schema {
        name,
        description,
        schema,
        strict,
    } = format
    else {
        let json = matches!(format, Format::Json);
        return json.then(|| object([("type", text("json_object"))]));
    };
    let mut said = members([
        ("type", text("json_schema")),
        ("name", text(name.as_deref().unwrap_or("answer").to_owned())),
        ("schema", schema.clone().into_owned()),
    ]);
    if let Some(about) = description {
        said.push(("description".into(), text(about.to_string())));
    }
    if let Some(strict) = strict {
        said.push(("strict".into(), Json::Bool(*strict)));
    }
    Some(Json::Object(said))
}

fn tool(tool: &Tool<'_>) -> Result<Json<'static>, Inexpressible> {
    let known = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if tool.name.is_empty() || tool.name.len() > LONGEST_TOOL || !tool.name.chars().all(known) {
        return Err(Inexpressible(Feature::ToolName));
    }
    let name = text(tool.name.to_string());
    let grammar = tool.freeform.as_ref();
    let grammar = grammar.and_then(|freeform| freeform.grammar.as_deref());
    let about = [tool.description.as_deref(), grammar];
    let about: Vec<&str> = about.into_iter().flatten().collect();
    let kind = if tool.freeform.is_some() {
        "custom"
    } else {
        "function"
    };
    let mut said = members([("type", text(kind)), ("name", name)]);
    if !about.is_empty() {
        said.push(("description".into(), text(about.join("\n\n"))));
    }
    if tool.freeform.is_none() {
        let schema = tool.schema.clone().map(Json::into_owned);
        let none = || object([("type", text("object")), ("properties", object([]))]);
        said.push(("parameters".into(), schema.unwrap_or_else(none)));
        // What is not said is strict here, and nowhere else.
        let strict = tool.strict.unwrap_or_default();
        said.push(("strict".into(), Json::Bool(strict)));
    }
    Ok(Json::Object(said))
}

fn tool_choice(choice: &ToolChoice<'_>, tools: &[Tool<'_>]) -> Json<'static> {
    let one = |name: &str| {
        let tool = tools.iter().find(|tool| tool.name == name);
        let freeform = tool.is_some_and(|tool| tool.freeform.is_some());
        let kind = if freeform { "custom" } else { "function" };
        object([("type", text(kind)), ("name", text(name.to_owned()))])
    };
    match choice {
        ToolChoice::Auto => text("auto"),
        ToolChoice::None => text("none"),
        ToolChoice::Required => text("required"),
        ToolChoice::Tool(name) => one(name),
        ToolChoice::AnyOf(names) => object([
            ("type", text("allowed_tools")),
            ("mode", text("required")),
            (
                "tools",
                Json::Array(names.iter().map(|name| one(name)).collect()),
            ),
        ]),
    }
}
