//! Reads a request's tools, and which of them may be called.

use std::borrow::Cow;

use super::read_content::cache;
use crate::translate::{
    Json, Path, Refused, Tool,
    fields::{Fields, missing, wrong},
    talk::ToolChoice,
};

/// Of a tool. When it is shown to the model and in which pieces its input comes: it is shown at once, and
/// the pieces mean the same.
const ADVICE: &[&str] = &["defer_loading", "eager_input_streaming"];

pub(super) fn tools<'a>(body: &mut Fields<'a>) -> Result<Vec<Tool<'a>>, Refused> {
    let tools = body.list("tools")?;
    tools
        .into_iter()
        .map(|(path, value)| tool(path, value))
        .collect()
}

fn tool(path: Path, value: Json<'_>) -> Result<Tool<'_>, Refused> {
    let mut fields = Fields::new(path, value)?;
    // Any other type is a tool that Anthropic runs, or one whose form only its own models know.
    if let Some(kind) = fields.string("type")?.filter(|kind| kind != "custom") {
        let why = format!(
            "is `{kind}`, a tool of Anthropic's own, which the provider that serves this model does not have"
        );
        return Err(Refused::invalid(fields.at("type"), why));
    }
    let name = fields.required("name")?;
    let path = fields.at("input_schema");
    let schema = match fields.take("input_schema") {
        Some(schema @ Json::Object(_)) => schema,
        Some(other) => return Err(wrong(&path, "an object", &other)),
        None => return Err(missing(&path)),
    };
    let examples = fields.list("input_examples")?;
    let description = described(fields.string("description")?, &examples);
    callers(&mut fields)?;
    let tool = Tool {
        name,
        description,
        schema: Some(schema),
        strict: fields.bool("strict")?,
        freeform: None,
        namespace: None,
        cache: cache(&mut fields)?,
    };
    fields.advice(ADVICE);
    fields.close()?;
    Ok(tool)
}

/// Examples have no place of their own elsewhere.
fn described<'a>(
    description: Option<Cow<'a, str>>,
    examples: &[(Path, Json<'_>)],
) -> Option<Cow<'a, str>> {
    if examples.is_empty() {
        return description;
    }
    let mut text = description.unwrap_or_default().into_owned();
    text.push_str("\n\nExamples of its input:");
    for (_, example) in examples {
        text.push('\n');
        text.push_str(&example.text());
    }
    Some(Cow::Owned(text))
}

/// A tool that only code run by Anthropic may call, no other provider's model can call.
fn callers(fields: &mut Fields<'_>) -> Result<(), Refused> {
    let callers = fields.list("allowed_callers")?;
    let direct = |(_, caller): &(Path, Json<'_>)| caller.as_str() == Some("direct");
    if callers.is_empty() || callers.iter().any(direct) {
        Ok(())
    } else {
        Err(Refused::unsupported(fields.at("allowed_callers")))
    }
}

/// Which tools may be called, and whether several at once.
#[derive(Debug, Default)]
pub(super) struct Choice<'a> {
    pub(super) choice: Option<ToolChoice<'a>>,
    pub(super) parallel: Option<bool>,
}

pub(super) fn choice<'a>(body: &mut Fields<'a>) -> Result<Choice<'a>, Refused> {
    let Some(mut fields) = body.object("tool_choice")? else {
        return Ok(Choice::default());
    };
    let kind = fields.required("type")?;
    let choice = match &*kind {
        "any" => ToolChoice::Required,
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Tool(fields.required("name")?),
        _ => {
            let why = "must be `auto`, `any`, `tool` or `none`";
            return Err(Refused::invalid(fields.at("type"), why));
        }
    };
    let disabled = fields.bool("disable_parallel_tool_use")?;
    fields.close()?;
    Ok(Choice {
        choice: Some(choice),
        parallel: disabled.map(|disabled| !disabled),
    })
}
