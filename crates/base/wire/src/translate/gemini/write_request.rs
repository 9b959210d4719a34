//! Writes a request for Gemini.

use super::super::{
    Feature, Inexpressible, Json, Request,
    talk::{Effort, Format, Freeform, Sampling, Thinking, Tool, ToolChoice},
};
use super::{object, string, write_contents};

/// Stop sequences that Gemini takes at the most.
const STOPS: usize = 5;

/// A name's length that Gemini takes at the most.
const LONGEST_NAME: usize = 128;

/// Thoughts in tokens that Gemini takes at the most: its Pro models, and the others.
const BUDGETS: (u64, u64) = (32_768, 24_576);

pub(in super::super) fn write_request(request: &Request<'_>) -> Result<Vec<u8>, Inexpressible> {
    let mut body = Vec::new();
    let (instructions, contents) = write_contents::all(request)?;
    if let Some(instructions) = instructions {
        body.push(("systemInstruction", instructions));
    }
    body.push(("contents", contents));
    if !request.tools.is_empty() {
        let declared: Vec<_> = request.tools.iter().map(tool).collect::<Result<_, _>>()?;
        let tools = object(vec![("functionDeclarations", Json::Array(declared))]);
        body.push(("tools", Json::Array(vec![tools])));
        if let Some(choice) = &request.tool_choice {
            let calling = object(vec![("functionCallingConfig", calling(choice))]);
            body.push(("toolConfig", calling));
        }
    }
    let mut config = sampling(&request.sampling)?;
    format(&request.format, &mut config);
    if let Some(thinking) = &request.thinking {
        let thinking = thinking_config(thinking, &request.model);
        if !thinking.is_empty() {
            config.push(("thinkingConfig", object(thinking)));
        }
    }
    if !config.is_empty() {
        body.push(("generationConfig", object(config)));
    }
    Ok(object(body).bytes())
}

fn tool<'a>(tool: &'a Tool<'_>) -> Result<Json<'a>, Inexpressible> {
    if !is_name(&tool.name) {
        return Err(Inexpressible(Feature::ToolName));
    }
    let mut members = vec![("name", string(&tool.name))];
    let description = tool.description.as_deref();
    match &tool.freeform {
        Some(Freeform { grammar }) => {
            if let Some(text) = explained(description, grammar.as_deref()) {
                members.push(("description", Json::String(text.into())));
            }
            members.push(("parametersJsonSchema", input_schema()));
        }
        None => {
            if let Some(text) = description {
                members.push(("description", string(text)));
            }
            if let Some(schema) = &tool.schema {
                members.push(("parametersJsonSchema", schema.clone()));
            }
        }
    }
    Ok(object(members))
}

/// Letters, digits and `_.:-`, from a letter or `_` on.
fn is_name(name: &str) -> bool {
    let begins = |first: u8| first.is_ascii_alphabetic() || first == b'_';
    let goes_on = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    name.len() <= LONGEST_NAME
        && name.bytes().next().is_some_and(begins)
        && name.bytes().all(goes_on)
}

/// What a freeform tool takes, for a model that knows no such tools.
fn explained(description: Option<&str>, grammar: Option<&str>) -> Option<String> {
    match (description, grammar) {
        (None, None) => None,
        (Some(text), None) => Some(text.to_owned()),
        (text, Some(grammar)) => Some(format!(
            "{}{}`input` has to keep to this grammar:\n{grammar}",
            text.unwrap_or_default(),
            text.map_or("", |_| "\n\n"),
        )),
    }
}

/// One text, `input`.
fn input_schema() -> Json<'static> {
    let input = object(vec![("type", string("string"))]);
    object(vec![
        ("type", string("object")),
        ("properties", object(vec![("input", input)])),
        ("required", Json::Array(vec![string("input")])),
    ])
}

fn calling<'a>(choice: &'a ToolChoice<'_>) -> Json<'a> {
    let (mode, names): (_, &[_]) = match choice {
        ToolChoice::Auto => ("AUTO", &[]),
        ToolChoice::None => ("NONE", &[]),
        ToolChoice::Required => ("ANY", &[]),
        ToolChoice::Tool(name) => ("ANY", std::slice::from_ref(name)),
        ToolChoice::AnyOf(names) => ("ANY", names),
    };
    let mut members = vec![("mode", string(mode))];
    if !names.is_empty() {
        let names = names.iter().map(|name| string(name)).collect();
        members.push(("allowedFunctionNames", Json::Array(names)));
    }
    object(members)
}

fn sampling<'a>(
    sampling: &'a Sampling<'_>,
) -> Result<Vec<(&'static str, Json<'a>)>, Inexpressible> {
    let mut config = Vec::new();
    let counts = [
        ("maxOutputTokens", sampling.max_output),
        ("topK", sampling.top_k),
    ];
    for (name, count) in counts {
        config.extend(count.map(|count| (name, Json::Number(count.into()))));
    }
    if let Some(seed) = &sampling.seed {
        // The others take 64 bits.
        let fits = seed
            .as_i64()
            .is_some_and(|seed| i32::try_from(seed).is_ok());
        if !fits {
            return Err(Inexpressible(Feature::Seed));
        }
    }
    let numbers = [
        ("temperature", &sampling.temperature),
        ("topP", &sampling.top_p),
        ("presencePenalty", &sampling.presence_penalty),
        ("frequencyPenalty", &sampling.frequency_penalty),
        ("seed", &sampling.seed),
    ];
    for (name, number) in numbers {
        config.extend(number.clone().map(|number| (name, Json::Number(number))));
    }
    if sampling.stop.len() > STOPS {
        return Err(Inexpressible(Feature::Stop));
    }
    if !sampling.stop.is_empty() {
        let stop = sampling.stop.iter().map(|text| string(text)).collect();
        config.push(("stopSequences", Json::Array(stop)));
    }
    Ok(config)
}

fn format<'a>(format: &'a Format<'_>, config: &mut Vec<(&'static str, Json<'a>)>) {
    if !matches!(format, Format::Text) {
        config.push(("responseMimeType", string("application/json")));
    }
    if let Format::Schema { schema, .. } = format {
        config.push(("responseJsonSchema", schema.clone()));
    }
}

/// A budget, since every model that thinks takes one, and levels only some.
fn thinking_config(thinking: &Thinking, model: &str) -> Vec<(&'static str, Json<'static>)> {
    let most = if model.contains("-pro") {
        BUDGETS.0
    } else {
        BUDGETS.1
    };
    let asked = thinking.budget.or(thinking.effort.map(Effort::budget));
    let budget = match (thinking.on, asked) {
        (Some(false), _) => Some(0.into()),
        (_, Some(tokens)) => Some(tokens.min(most).into()),
        // As much as the model finds right.
        (Some(true), None) => Some((-1).into()),
        (None, None) => None,
    };
    let mut config = Vec::new();
    config.extend(budget.map(|budget| ("thinkingBudget", Json::Number(budget))));
    let shown = thinking.shown.filter(|_| thinking.on != Some(false));
    config.extend(shown.map(|shown| ("includeThoughts", Json::Bool(shown))));
    config
}
