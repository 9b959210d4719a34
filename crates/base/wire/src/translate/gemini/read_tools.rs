//! The functions that a client declares, and which of them it wants called: `tools` and `toolConfig`.

use std::borrow::Cow;

use super::super::{
    Json, Refused,
    fields::Fields,
    talk::{Tool, ToolChoice},
};
use super::{proto, schema};

/// What a function gives back. A model reads that from the result itself, when it comes.
const ADVICE: &[&str] = &["response", "responseJsonSchema"];

/// Reads the declarations. Tools that Google runs are refused by name.
///
/// # Errors
/// They cannot be translated.
pub(super) fn tools<'a>(lists: Vec<Fields<'a>>) -> Result<Vec<Tool<'a>>, Refused> {
    let mut tools = Vec::new();
    for mut list in lists {
        for declaration in proto::take_messages(&mut list, "functionDeclarations")? {
            tools.push(tool(declaration)?);
        }
        list.close()?;
    }
    Ok(tools)
}

fn tool<'a>(mut fields: Fields<'a>) -> Result<Tool<'a>, Refused> {
    fields.advice(ADVICE);
    let name = fields.required("name")?;
    let description = fields.string("description")?;
    let behavior = fields.at("behavior");
    if let Some(word) = proto::take_word(&mut fields, "behavior")?
        && word != "BLOCKING"
    {
        return Err(Refused::unsupported(behavior));
    }
    let path = fields.at("parameters");
    let openapi = fields.take("parameters");
    let json_schema = fields.take("parametersJsonSchema");
    fields.close()?;
    let schema = match (openapi, json_schema) {
        (Some(_), Some(_)) => {
            return Err(Refused::invalid(
                path,
                "stands beside `parametersJsonSchema`, and only one of them may be there",
            ));
        }
        (Some(openapi), None) => Some(schema::json_schema(&path, openapi)?),
        (None, json_schema) => json_schema,
    };
    Ok(Tool {
        name,
        description: description.filter(|text| !text.is_empty()),
        schema,
        strict: None,
        freeform: None,
        namespace: None,
        cache: None,
    })
}

/// Reads which functions are to be called. Of those that may be called but need not be, only they are left in
/// `tools`.
///
/// # Errors
/// It cannot be translated.
pub(super) fn choice<'a>(
    mut config: Fields<'a>,
    tools: &mut Vec<Tool<'a>>,
) -> Result<Option<ToolChoice<'a>>, Refused> {
    let calling = proto::take_message(&mut config, "functionCallingConfig")?;
    config.only("includeServerSideToolInvocations", &Json::Bool(false))?;
    config.close()?;
    let Some(mut calling) = calling else {
        return Ok(None);
    };
    let mode = proto::take_word(&mut calling, "mode")?;
    let allowed = calling.at("allowedFunctionNames");
    let names = proto::take_strings(&mut calling, "allowedFunctionNames")?;
    // Calls come whole, as they do where this is not asked for.
    calling.advice(&["streamFunctionCallArguments"]);
    let at = calling.at("mode");
    calling.close()?;
    Ok(match (mode.as_deref(), names.len()) {
        (None, 0) => None,
        (Some("AUTO"), 0) => Some(ToolChoice::Auto),
        (Some("NONE"), _) => Some(ToolChoice::None),
        (Some("ANY"), 0) => Some(ToolChoice::Required),
        (Some("ANY"), 1) => names.into_iter().next().map(ToolChoice::Tool),
        (Some("ANY"), _) => Some(ToolChoice::AnyOf(names)),
        (Some("VALIDATED"), 0) => Some(ToolChoice::Auto),
        (Some("VALIDATED"), _) => {
            let names: std::collections::HashSet<Cow<'_, str>> = names.into_iter().collect();
            tools.retain(|tool| names.contains(&tool.name));
            Some(ToolChoice::Auto)
        }
        (None | Some("AUTO"), _) => {
            return Err(Refused::invalid(
                allowed,
                "is only for the modes `ANY` and `VALIDATED`",
            ));
        }
        _ => {
            return Err(Refused::invalid(
                at,
                "must be `AUTO`, `ANY`, `NONE` or `VALIDATED`",
            ));
        }
    })
}
