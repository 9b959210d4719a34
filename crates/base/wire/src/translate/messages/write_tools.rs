//! Writes the tools of a request, and which of them may be called.

use std::borrow::Cow;

use super::{INPUT, Members, write_content::cache};
use crate::translate::{
    Feature, Inexpressible, Json, Request, Tool,
    talk::{Freeform, ToolChoice},
};

/// The longest name of a tool, in bytes.
const LONGEST_NAME: usize = 128;

pub(super) fn write<'r>(
    request: &'r Request<'_>,
    body: &mut Members<'r>,
) -> Result<(), Inexpressible> {
    if !request.tools.is_empty() {
        let tools: Result<Vec<_>, _> = request.tools.iter().map(tool).collect();
        body.put("tools", Json::Array(tools?));
    }
    if let Some(choice) = choice(request)? {
        body.put("tool_choice", choice);
    }
    Ok(())
}

/// A tool's name, where Anthropic takes it.
pub(super) fn name(name: &str) -> Result<&str, Inexpressible> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fits) {
        return Err(Inexpressible(Feature::ToolName));
    }
    Ok(name)
}

fn tool<'r>(tool: &'r Tool<'_>) -> Result<Json<'r>, Inexpressible> {
    let mut written = Members::default();
    written.text("name", name(&tool.name)?);
    let description = match &tool.freeform {
        None => tool.description.as_deref().map(Cow::Borrowed),
        Some(freeform) => Some(Cow::Owned(explained(tool, freeform))),
    };
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        written.text("description", description);
    }
    let schema = match &tool.freeform {
        None => schema(tool.schema.as_ref()),
        Some(_) => one_text(),
    };
    written.put("input_schema", schema);
    if tool.strict == Some(true) {
        written.put("strict", Json::Bool(true));
    }
    cache(tool.cache, &mut written);
    Ok(written.json())
}

/// A schema has to say that it is of an object.
pub(in crate::translate) fn schema<'r>(schema: Option<&'r Json<'_>>) -> Json<'r> {
    match schema {
        Some(Json::Object(members)) => {
            let mut written = Vec::with_capacity(members.len() + 1);
            if !members.iter().any(|(name, _)| name == "type") {
                written.extend(Members::of("object").0);
            }
            written.extend(members.iter().cloned());
            Json::Object(written)
        }
        _ => {
            let mut written = Members::of("object");
            written.put("properties", Json::Object(Vec::new()));
            written.json()
        }
    }
}

/// Of a tool that elsewhere takes any text.
pub(in crate::translate) fn one_text() -> Json<'static> {
    let mut properties = Members::default();
    properties.put(INPUT, Members::of("string").json());
    let mut written = Members::of("object");
    written.put("properties", properties.json());
    let required = vec![Json::String(Cow::Borrowed(INPUT))];
    written.put("required", Json::Array(required));
    written.put("additionalProperties", Json::Bool(false));
    written.json()
}

pub(in crate::translate) fn explained(tool: &Tool<'_>, freeform: &Freeform<'_>) -> String {
    let mut text = tool.description.as_deref().unwrap_or_default().to_owned();
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str("The string `input` is all of the tool's input, as plain text.");
    if let Some(grammar) = &freeform.grammar {
        text.push_str(" It has to keep to this grammar:\n");
        text.push_str(grammar);
    }
    text
}

fn choice<'r>(request: &'r Request<'_>) -> Result<Option<Json<'r>>, Inexpressible> {
    let one_at_a_time = request.parallel_tools == Some(false);
    let choice = match &request.tool_choice {
        None => None,
        Some(ToolChoice::AnyOf(names)) => Some(any_of(names, request)?),
        Some(choice) => Some(choice.clone()),
    };
    if request.tools.is_empty() {
        // Without tools there is nothing to choose, and Anthropic takes no choice.
        return match choice {
            None | Some(ToolChoice::Auto | ToolChoice::None) => Ok(None),
            Some(_) => Err(Inexpressible(Feature::ToolChoice)),
        };
    }
    let mut written = match choice {
        None if one_at_a_time => Members::of("auto"),
        None => return Ok(None),
        Some(ToolChoice::Auto) => Members::of("auto"),
        Some(ToolChoice::None) => return Ok(Some(Members::of("none").json())),
        Some(ToolChoice::Required | ToolChoice::AnyOf(_)) => Members::of("any"),
        Some(ToolChoice::Tool(tool)) => {
            name(&tool)?;
            let mut written = Members::of("tool");
            written.text("name", tool);
            written
        }
    };
    if one_at_a_time {
        written.put("disable_parallel_tool_use", Json::Bool(true));
    }
    Ok(Some(written.json()))
}

/// One of some tools is one of all, or this one, or cannot be said.
pub(in crate::translate) fn any_of<'r>(
    names: &'r [Cow<'_, str>],
    request: &Request<'_>,
) -> Result<ToolChoice<'r>, Inexpressible> {
    if let [name] = names {
        return Ok(ToolChoice::Tool(Cow::Borrowed(&**name)));
    }
    let known: std::collections::HashSet<&str> = names.iter().map(|name| &**name).collect();
    if request.tools.iter().all(|tool| known.contains(&*tool.name)) {
        Ok(ToolChoice::Required)
    } else {
        Err(Inexpressible(Feature::ToolChoice))
    }
}
