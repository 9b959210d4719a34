//! Reads a request's tools, and which of them may be called.

use super::read_content::cache_point;
use crate::translate::{
    Json, Refused, Tool,
    fields::{Fields, missing, wrong},
    talk::ToolChoice,
};

pub(super) fn config<'a>(
    body: &mut Fields<'a>,
) -> Result<(Vec<Tool<'a>>, Option<ToolChoice<'a>>), Refused> {
    let Some(mut config) = body.object("toolConfig")? else {
        return Ok((Vec::new(), None));
    };
    let mut tools: Vec<Tool<'_>> = Vec::new();
    for (path, value) in config.list("tools")? {
        let mut entry = Fields::new(path, value)?;
        if let Some(point) = entry.object("cachePoint")? {
            let lives = cache_point(point)?;
            if let Some(last) = tools.last_mut() {
                last.cache = Some(lives);
            }
        } else {
            let path = entry.at("toolSpec");
            match entry.object("toolSpec")? {
                Some(spec) => tools.push(tool(spec)?),
                // Else it is one that Amazon runs.
                None => {
                    entry.close()?;
                    return Err(missing(&path));
                }
            }
        }
        entry.close()?;
    }
    let choice = config.object("toolChoice")?.map(choice).transpose()?;
    config.close()?;
    Ok((tools, choice))
}

fn tool(mut spec: Fields<'_>) -> Result<Tool<'_>, Refused> {
    let name = spec.required("name")?;
    let path = spec.at("inputSchema");
    let mut schema = spec.object("inputSchema")?.ok_or_else(|| missing(&path))?;
    let path = schema.at("json");
    let json = match schema.take("json") {
        Some(json @ Json::Object(_)) => json,
        Some(other) => return Err(wrong(&path, "an object", &other)),
        None => return Err(missing(&path)),
    };
    schema.close()?;
    let tool = Tool {
        name,
        description: spec.string("description")?,
        schema: Some(json),
        strict: spec.bool("strict")?,
        freeform: None,
        namespace: None,
        cache: None,
    };
    spec.close()?;
    Ok(tool)
}

fn choice(mut choice: Fields<'_>) -> Result<ToolChoice<'_>, Refused> {
    let path = choice.path().to_owned();
    let found = if let Some(auto) = choice.object("auto")? {
        auto.close()?;
        ToolChoice::Auto
    } else if let Some(any) = choice.object("any")? {
        any.close()?;
        ToolChoice::Required
    } else if let Some(mut tool) = choice.object("tool")? {
        let name = tool.required("name")?;
        tool.close()?;
        ToolChoice::Tool(name)
    } else {
        choice.close()?;
        return Err(Refused::invalid(path, "must have `auto`, `any` or `tool`"));
    };
    choice.close()?;
    Ok(found)
}
