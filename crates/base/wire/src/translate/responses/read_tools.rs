//! Reads tools, and which of them may be called.
//!
//! Tools that the provider runs are refused, but for `web_search`: Codex names it by default and works without
//! it. It is left out, so that the model has no such tool, unless the client insists on its being called.

use std::{borrow::Cow, collections::HashSet};

use super::{
    Json, LOCAL_SHELL, Refused,
    fields::{Fields, elements, missing, wrong},
    names::{self, Known},
    talk::{Freeform, Tool, ToolChoice},
};
use crate::translate::Path;

/// What is told about a tool beside what its calls look like: with no search for tools each is there from the
/// start, and what its results look like the model sees from them.
const ADVICE: &[&str] = &["defer_loading", "output_schema"];

/// A hosted tool that is left out.
const LEFT_OUT: &str = "web_search";

/// Whether the model is told of a tool.
pub(super) fn is_offered(tool: &Json<'_>) -> bool {
    tool.get("type").and_then(Json::as_str) != Some(LEFT_OUT)
}

pub(super) fn tools<'a>(fields: &mut Fields<'a>) -> Result<Vec<Tool<'a>>, Refused> {
    let mut found = Found::default();
    let tools = fields.list("tools")?;
    let plain = tools.iter().filter_map(|(_, tool)| match tool.get("type") {
        Some(kind) if kind.as_str() == Some("namespace") => None,
        _ => tool.get("name")?.as_str(),
    });
    found.plain = plain.map(str::to_owned).collect();
    for (path, tool) in tools {
        if is_offered(&tool) {
            found.read(Fields::new(path, tool)?)?;
        }
    }
    Ok(found.tools)
}

#[derive(Default)]
struct Found<'a> {
    tools: Vec<Tool<'a>>,
    names: HashSet<String>,
    /// Names outside of namespaces, which stay as they are.
    plain: HashSet<String>,
}

impl<'a> Found<'a> {
    fn read(&mut self, mut tool: Fields<'a>) -> Result<(), Refused> {
        let read = match &*tool.required("type")? {
            "function" => function(&mut tool)?,
            "custom" => custom(&mut tool)?,
            LOCAL_SHELL => local_shell(),
            "namespace" => return self.namespace(tool),
            _ => return Err(Refused::unsupported(tool.at("type"))),
        };
        let path = tool.at("name");
        tool.close()?;
        self.add(&path, read)
    }

    fn namespace(&mut self, mut space: Fields<'a>) -> Result<(), Refused> {
        let name = space.required("name")?;
        let mut about = space.string("description")?.filter(|text| !text.is_empty());
        let tools = space.list("tools")?;
        space.close()?;
        for (path, tool) in tools {
            let mut tool = Fields::new(path, tool)?;
            let mut read = match &*tool.required("type")? {
                "function" => function(&mut tool)?,
                "custom" => custom(&mut tool)?,
                _ => return Err(Refused::unsupported(tool.at("type"))),
            };
            let path = tool.at("name");
            tool.close()?;
            let inner = std::mem::take(&mut read.name);
            read.name = Cow::Owned(names::flat(&name, &inner));
            if self.names.contains(&*read.name) || self.plain.contains(&*read.name) {
                read.name = Cow::Owned(names::distinct(&name, &inner));
            }
            if let Some(about) = about.take() {
                read.description = Some(joined(&name, &about, read.description.as_deref()));
            }
            read.namespace = Some((name.clone(), inner));
            self.add(&path, read)?;
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, tool: Tool<'a>) -> Result<(), Refused> {
        if !self.names.insert(tool.name.to_string()) {
            return Err(Refused::invalid(path, "is another tool's name too"));
        }
        self.tools.push(tool);
        Ok(())
    }
}

/// What is said of a namespace is said once, with the first tool in it: there is no other place for it.
fn joined<'a>(name: &str, about: &str, tool: Option<&str>) -> Cow<'a, str> {
    let tool = tool.unwrap_or_default();
    Cow::Owned(
        format!("{tool}\n\nOf all tools in `{name}`: {about}")
            .trim()
            .to_owned(),
    )
}

/// What functions and custom tools have in common.
fn common<'a>(tool: &mut Fields<'a>) -> Result<Tool<'a>, Refused> {
    tool.advice(ADVICE);
    tool.only("async", &Json::Bool(false))?;
    let direct = Json::Array(vec![Json::String("direct".into())]);
    tool.only("allowed_callers", &direct)?;
    Ok(Tool {
        name: tool.required("name")?,
        description: tool.string("description")?,
        schema: None,
        strict: None,
        freeform: None,
        namespace: None,
        cache: None,
    })
}

fn function<'a>(tool: &mut Fields<'a>) -> Result<Tool<'a>, Refused> {
    let path = tool.at("parameters");
    let schema = match tool.take("parameters") {
        None => None,
        Some(schema @ Json::Object(_)) => Some(schema),
        Some(other) => return Err(wrong(&path, "an object", &other)),
    };
    let strict = tool.bool("strict")?;
    Ok(Tool {
        schema,
        strict,
        ..common(tool)?
    })
}

fn custom<'a>(tool: &mut Fields<'a>) -> Result<Tool<'a>, Refused> {
    let mut grammar = None;
    if let Some(mut format) = tool.object("format")? {
        match &*format.required("type")? {
            "text" => {}
            "grammar" => {
                let syntax = format.required("syntax")?;
                let definition = format.required("definition")?;
                grammar = Some(Cow::Owned(format!(
                    "Grammar of the input ({syntax}):\n{definition}"
                )));
            }
            _ => return Err(Refused::unsupported(format.at("type"))),
        }
        format.close()?;
    }
    Ok(Tool {
        freeform: Some(Freeform { grammar }),
        ..common(tool)?
    })
}

/// The tool that has no description of its own, described.
fn local_shell<'a>() -> Tool<'a> {
    let schema = br#"{"type":"object","properties":{
        "command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments."},
        "working_directory":{"type":"string","description":"Where it runs."},
        "env":{"type":"object","additionalProperties":{"type":"string"},"description":"Environment variables to set."},
        "timeout_ms":{"type":"integer","description":"Milliseconds after which it is ended."},
        "user":{"type":"string","description":"Who runs it."}},
        "required":["command"],"additionalProperties":false}"#;
    Tool {
        name: Cow::Borrowed(LOCAL_SHELL),
        description: Some(Cow::Borrowed(
            "Runs a program on the user's machine, and gives what it wrote and how it ended.",
        )),
        schema: Json::read(schema).ok(),
        strict: None,
        freeform: None,
        namespace: None,
        cache: None,
    }
}

/// Which tools may be called. Of a choice that leaves it to the model, the tools are the only ones.
pub(super) fn choice<'a>(
    fields: &mut Fields<'a>,
    tools: &mut Vec<Tool<'a>>,
    known: &Known,
) -> Result<Option<ToolChoice<'a>>, Refused> {
    let path = fields.at("tool_choice");
    let mut choice = match fields.take("tool_choice") {
        None => return Ok(None),
        Some(Json::String(word)) => return by_word(&path, &word).map(Some),
        Some(object @ Json::Object(_)) => Fields::new(path, object)?,
        Some(other) => return Err(wrong(&path, "a string or an object", &other)),
    };
    let kind = choice.required("type")?;
    if kind != "allowed_tools" {
        let name = one(&mut choice, &kind, known, tools)?;
        choice.close()?;
        return Ok(Some(ToolChoice::Tool(name)));
    }
    let mode = choice.required("mode")?;
    let path = choice.at("tools");
    let list = match choice.take("tools") {
        Some(Json::Array(list)) => elements(&path, list),
        Some(other) => return Err(wrong(&path, "an array", &other)),
        None => return Err(missing(&path)),
    };
    let mut names = Vec::new();
    for (path, tool) in list {
        if !is_offered(&tool) {
            continue;
        }
        let mut tool = Fields::new(path, tool)?;
        let kind = tool.required("type")?;
        names.push(one(&mut tool, &kind, known, tools)?);
        tool.close()?;
    }
    let at = choice.at("mode");
    choice.close()?;
    match &*mode {
        "auto" => {
            tools.retain(|tool| names.contains(&tool.name));
            Ok(Some(ToolChoice::Auto))
        }
        "required" => Ok(Some(ToolChoice::AnyOf(names))),
        _ => Err(Refused::unsupported(at)),
    }
}

fn by_word<'a>(path: &Path, word: &str) -> Result<ToolChoice<'a>, Refused> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" => Ok(ToolChoice::Required),
        _ => Err(Refused::unsupported(path)),
    }
}

/// The flat name of a tool that is pointed at.
fn one<'a>(
    choice: &mut Fields<'a>,
    kind: &str,
    known: &Known,
    tools: &[Tool<'a>],
) -> Result<Cow<'a, str>, Refused> {
    let name = match kind {
        "function" | "custom" => {
            let namespace = choice.string("namespace")?;
            known.called(namespace, choice.required("name")?)
        }
        LOCAL_SHELL => Cow::Borrowed(LOCAL_SHELL),
        _ => return Err(Refused::unsupported(choice.at("type"))),
    };
    if tools.iter().any(|tool| tool.name == name) {
        return Ok(name);
    }
    Err(Refused::invalid(choice.at("name"), "is no tool's name"))
}
