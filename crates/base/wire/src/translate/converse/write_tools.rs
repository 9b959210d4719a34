//! Writes the tools of a request, and which of them may be called.

use std::{borrow::Cow, collections::HashSet};

use super::{
    models::Maker,
    names,
    write_content::{Message, cache},
};
use crate::translate::{
    Feature, Inexpressible, Json, Request, Tool,
    build::{object, text},
    messages::{Said, any_of, explained, one_text, schema},
    talk::ToolChoice,
};

/// Describes a tool of an earlier turn that the request does not have any more.
const GONE: &str = "This tool was there before, and cannot be called any more.";

/// The tools and the choice, where there are any.
///
/// # Errors
/// A name or a choice cannot be said.
pub(super) fn config<'r>(
    request: &'r Request<'_>,
    maker: Maker,
    messages: &[Message<'r>],
) -> Result<Option<Json<'r>>, Inexpressible> {
    let choice = match &request.tool_choice {
        None => None,
        Some(ToolChoice::AnyOf(names)) => Some(any_of(names, request)?),
        Some(choice) => Some(choice.clone()),
    };
    let called = messages.iter().flat_map(|message| &message.called);
    let talked_of = messages.iter().any(Said::has_results) || called.clone().next().is_some();
    if request.tools.is_empty() {
        return match choice {
            // Without tools there is nothing to choose.
            None | Some(ToolChoice::Auto | ToolChoice::None) => Ok(gone(called)),
            Some(_) => Err(Inexpressible(Feature::ToolChoice)),
        };
    }
    let choice = match choice {
        None => None,
        // That none may be called is said by leaving them out, which Bedrock takes only where nothing in the
        // conversation speaks of them.
        Some(ToolChoice::None) if talked_of => return Err(Inexpressible(Feature::ToolChoice)),
        Some(ToolChoice::None) => return Ok(None),
        Some(ToolChoice::Auto) => Some(object([("auto", object([]))])),
        Some(ToolChoice::Required | ToolChoice::AnyOf(_)) => Some(object([("any", object([]))])),
        Some(ToolChoice::Tool(name)) => {
            let name = names::tool(&name)?.into_owned();
            Some(object([("tool", object([("name", text(name))]))]))
        }
    };
    let mut tools = Vec::with_capacity(request.tools.len());
    for known in &request.tools {
        tools.push(tool(known)?);
        cache(known.cache, maker, &mut tools);
    }
    let mut config = vec![("tools", Json::Array(tools))];
    config.extend(choice.map(|choice| ("toolChoice", choice)));
    Ok(Some(object(config)))
}

fn tool<'r>(tool: &'r Tool<'_>) -> Result<Json<'r>, Inexpressible> {
    let mut spec = vec![("name", text(names::tool(&tool.name)?))];
    let description = match &tool.freeform {
        None => tool.description.as_deref().map(Cow::Borrowed),
        Some(freeform) => Some(Cow::Owned(explained(tool, freeform))),
    };
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        spec.push(("description", text(description)));
    }
    let schema = match &tool.freeform {
        None => schema(tool.schema.as_ref()),
        Some(_) => one_text(),
    };
    spec.push(("inputSchema", object([("json", schema)])));
    if tool.strict == Some(true) {
        spec.push(("strict", Json::Bool(true)));
    }
    Ok(object([("toolSpec", object(spec))]))
}

/// Bedrock takes no conversation with calls in which no tool is declared: those that were called are.
fn gone<'m, 'r: 'm>(called: impl Iterator<Item = &'m Cow<'r, str>>) -> Option<Json<'r>> {
    let mut seen = HashSet::new();
    let mut tools = Vec::new();
    for name in called.filter(|name| seen.insert(&**name)) {
        let spec = object([
            ("name", text(name.clone())),
            ("description", text(GONE)),
            ("inputSchema", object([("json", schema(None))])),
        ]);
        tools.push(object([("toolSpec", spec)]));
    }
    (!tools.is_empty()).then(|| object([("tools", Json::Array(tools))]))
}
