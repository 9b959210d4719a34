//! Tools that a Chat client offers, and which of them may be called.

use std::borrow::Cow;

use super::{
    super::{
        fields::{Fields, missing, wrong},
        talk::{Freeform, Tool, ToolChoice},
    },
    Json, Refused,
    read_content::cache,
};

pub(super) fn tools<'a>(fields: &mut Fields<'a>) -> Result<Vec<Tool<'a>>, Refused> {
    let list = fields.list("tools")?.into_iter();
    list.map(|(path, value)| tool(Fields::new(path, value)?))
        .collect()
}

fn tool(mut fields: Fields<'_>) -> Result<Tool<'_>, Refused> {
    let cache = cache(&mut fields)?;
    let kind = fields.string("type")?.unwrap_or(Cow::Borrowed("function"));
    let mut inner = match &*kind {
        "custom" => part(&mut fields, "custom")?,
        "function" => part(&mut fields, "function")?,
        _ => return Err(Refused::unsupported(fields.at("type"))),
    };
    fields.close()?;
    let mut tool = Tool {
        name: inner.required("name")?,
        description: inner.string("description")?,
        schema: None,
        strict: None,
        freeform: None,
        namespace: None,
        cache,
    };
    if kind == "custom" {
        tool.freeform = Some(freeform(&mut inner)?);
    } else {
        tool.schema = schema(&mut inner)?;
        tool.strict = inner.bool("strict")?;
    }
    inner.close()?;
    Ok(tool)
}

fn part<'a>(fields: &mut Fields<'a>, name: &'static str) -> Result<Fields<'a>, Refused> {
    let path = fields.at(name);
    fields.object(name)?.ok_or_else(|| missing(&path))
}

fn schema<'a>(function: &mut Fields<'a>) -> Result<Option<Json<'a>>, Refused> {
    match function.take("parameters") {
        None => Ok(None),
        Some(schema @ Json::Object(_)) => Ok(Some(schema)),
        Some(other) => Err(wrong(&function.at("parameters"), "an object", &other)),
    }
}

fn freeform<'a>(custom: &mut Fields<'a>) -> Result<Freeform<'a>, Refused> {
    let Some(mut format) = custom.object("format")? else {
        return Ok(Freeform::default());
    };
    let grammar = match &*format.required("type")? {
        "text" => None,
        "grammar" => {
            let mut grammar = part(&mut format, "grammar")?;
            let syntax = grammar.required("syntax")?;
            let definition = grammar.required("definition")?;
            grammar.close()?;
            Some(Cow::Owned(format!("({syntax})\n{definition}")))
        }
        _ => return Err(Refused::unsupported(format.at("type"))),
    };
    format.close()?;
    Ok(Freeform { grammar })
}

/// Which tools may be called. Where these are some of them, and none has to, the others are not offered: no
/// other dialect says that in another way.
pub(super) fn choice<'a>(
    fields: &mut Fields<'a>,
    tools: &mut Vec<Tool<'a>>,
) -> Result<Option<ToolChoice<'a>>, Refused> {
    let path = fields.at("tool_choice");
    let value = match fields.take("tool_choice") {
        None => return Ok(None),
        Some(Json::String(word)) => {
            return match &*word {
                "auto" => Ok(Some(ToolChoice::Auto)),
                "none" => Ok(Some(ToolChoice::None)),
                "required" => Ok(Some(ToolChoice::Required)),
                _ => Err(Refused::invalid(
                    path,
                    "must be none, auto, required or an object",
                )),
            };
        }
        Some(value) => value,
    };
    let mut choice = Fields::new(path, value)?;
    let kind = choice.required("type")?;
    let read = match &*kind {
        "custom" => ToolChoice::Tool(name(part(&mut choice, "custom")?)?),
        "function" => ToolChoice::Tool(name(part(&mut choice, "function")?)?),
        "allowed_tools" => {
            let (required, names) = allowed(part(&mut choice, "allowed_tools")?)?;
            if required {
                ToolChoice::AnyOf(names)
            } else {
                tools.retain(|tool| names.contains(&tool.name));
                ToolChoice::Auto
            }
        }
        _ => return Err(Refused::unsupported(choice.at("type"))),
    };
    choice.close()?;
    Ok(Some(read))
}

fn name(mut fields: Fields<'_>) -> Result<Cow<'_, str>, Refused> {
    let name = fields.required("name")?;
    fields.close()?;
    Ok(name)
}

/// Whether one has to be called, and the names of those that may.
fn allowed(mut fields: Fields<'_>) -> Result<(bool, Vec<Cow<'_, str>>), Refused> {
    let required = match &*fields.required("mode")? {
        "auto" => false,
        "required" => true,
        _ => {
            return Err(Refused::invalid(
                fields.at("mode"),
                "must be auto or required",
            ));
        }
    };
    let list = fields.list("tools")?.into_iter();
    let names = list.map(|(path, value)| {
        let mut tool = Fields::new(path, value)?;
        let kind = tool.required("type")?;
        let name = match &*kind {
            "custom" => name(part(&mut tool, "custom")?)?,
            "function" => name(part(&mut tool, "function")?)?,
            _ => return Err(Refused::unsupported(tool.at("type"))),
        };
        tool.close()?;
        Ok(name)
    });
    let names = names.collect::<Result<_, _>>()?;
    fields.close()?;
    Ok((required, names))
}
