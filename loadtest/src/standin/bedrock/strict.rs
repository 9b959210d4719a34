//! What AWS refuses of a request: members that it does not know, and shapes that do not hold together.

use serde_json::{Map, Value};

type Checked = Result<(), String>;

/// The members of a Converse request.
const TOP: &[&str] = &[
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "guardrailConfig",
    "inferenceConfig",
    "messages",
    "outputConfig",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
    "serviceTier",
    "system",
    "toolConfig",
];

fn object<'v>(value: &'v Value, at: &str) -> Result<&'v Map<String, Value>, String> {
    value
        .as_object()
        .ok_or_else(|| format!("{at}: an object is needed"))
}

fn known(value: &Value, at: &str, names: &[&str]) -> Checked {
    for name in object(value, at)?.keys() {
        if !names.contains(&name.as_str()) {
            return Err(format!("{at}: {name} is not known"));
        }
    }
    Ok(())
}

fn list<'v>(value: &'v Value, at: &str) -> Result<&'v Vec<Value>, String> {
    value
        .as_array()
        .ok_or_else(|| format!("{at}: a list is needed"))
}

fn word<'v>(of: &'v Value, name: &str, most: usize, also: &str) -> Result<&'v str, String> {
    let text = of.get(name).and_then(Value::as_str).unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    if (1..=most).contains(&text.len()) && text.chars().all(fits) {
        Ok(text)
    } else {
        Err(format!("{name}: `{text}` does not satisfy its pattern"))
    }
}

fn said(text: &Value) -> Checked {
    match text.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(()),
        _ => Err("The text field in the ContentBlock object is blank.".into()),
    }
}

/// Checks a Converse request.
pub(super) fn converse(body: &Value) -> Checked {
    known(body, "request", TOP)?;
    let messages = body.get("messages").unwrap_or(&Value::Null);
    let mut before = "assistant";
    let mut tools_used = false;
    for message in list(messages, "messages")? {
        known(message, "message", &["role", "content"])?;
        let role = message
            .get("role")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !matches!(role, "user" | "assistant") || role == before {
            return Err(format!(
                "messages: roles must alternate, and begin with the user: {role}"
            ));
        }
        before = role;
        let content = list(message.get("content").unwrap_or(&Value::Null), "content")?;
        if content.is_empty() {
            return Err("The content field in the Message object is empty.".into());
        }
        for block in content {
            tools_used |= self::block(block, role)?;
        }
        let has = |name: &str| content.iter().any(|block| block.get(name).is_some());
        if has("document") && !has("text") {
            return Err("A text block must be included when using documents.".into());
        }
    }
    for block in body
        .get("system")
        .map_or(Ok(&Vec::new()), |system| list(system, "system"))?
    {
        known(block, "system", &["text", "cachePoint"])?;
        block.get("text").map_or(Ok(()), said)?;
    }
    match body.get("toolConfig") {
        None if tools_used => {
            Err("The toolConfig field must be defined when using toolUse and toolResult content blocks.".into())
        }
        None => Ok(()),
        Some(config) => tools(config),
    }?;
    if let Some(config) = body.get("inferenceConfig") {
        known(
            config,
            "inferenceConfig",
            &["maxTokens", "stopSequences", "temperature", "topP"],
        )?;
    }
    if let Some(config) = body.get("outputConfig") {
        known(config, "outputConfig", &["effort", "textFormat"])?;
    }
    Ok(())
}

/// Checks a block; says whether it is of a tool.
fn block(block: &Value, role: &str) -> Result<bool, String> {
    let members = object(block, "content")?;
    let (Some((kind, value)), 1) = (members.iter().next(), members.len()) else {
        return Err("content: exactly one member must be set".into());
    };
    match (kind.as_str(), role) {
        ("text", _) => said(value)?,
        ("cachePoint", _) => known(value, kind, &["type", "ttl"])?,
        ("image", "user") => known(value, kind, &["format", "source"])?,
        ("document", "user") => {
            known(value, kind, &["format", "name", "source"])?;
            word(value, "name", 200, " -()[]")?;
        }
        ("toolUse", "assistant") => {
            known(value, kind, &["toolUseId", "name", "input"])?;
            word(value, "toolUseId", 64, "_.:-")?;
            word(value, "name", 64, "_-")?;
            object(value.get("input").unwrap_or(&Value::Null), "input")?;
            return Ok(true);
        }
        ("toolResult", "user") => {
            known(value, kind, &["toolUseId", "content", "status"])?;
            word(value, "toolUseId", 64, "_.:-")?;
            for part in list(
                value.get("content").unwrap_or(&Value::Null),
                "toolResult.content",
            )? {
                known(
                    part,
                    "toolResult.content",
                    &["text", "json", "image", "document", "video"],
                )?;
            }
            return Ok(true);
        }
        ("reasoningContent", "assistant") => {
            known(value, kind, &["reasoningText", "redactedContent"])?;
        }
        _ => return Err(format!("content: {kind} is not known here")),
    }
    Ok(false)
}

fn tools(config: &Value) -> Checked {
    known(config, "toolConfig", &["tools", "toolChoice"])?;
    let tools = list(config.get("tools").unwrap_or(&Value::Null), "tools")?;
    if tools.is_empty() {
        return Err("tools: at least one is needed".into());
    }
    for tool in tools {
        known(tool, "tool", &["toolSpec", "cachePoint"])?;
        let Some(spec) = tool.get("toolSpec") else {
            continue;
        };
        known(
            spec,
            "toolSpec",
            &["name", "description", "inputSchema", "strict"],
        )?;
        word(spec, "name", 64, "_-")?;
        let kind = spec
            .pointer("/inputSchema/json/type")
            .and_then(Value::as_str);
        if kind != Some("object") {
            return Err("inputSchema.json.type must be one of the following: object.".into());
        }
    }
    config.get("toolChoice").map_or(Ok(()), |choice| {
        known(choice, "toolChoice", &["auto", "any", "tool"])
    })
}

/// Checks the body of one of Anthropic's models.
pub(super) fn invoke(body: &Value) -> Checked {
    let members = object(body, "request")?;
    // The first is what AWS documents, the second what `AnthropicBedrock` of anthropic 2.14 sends.
    let version = members.get("anthropic_version").and_then(Value::as_str);
    if !matches!(version, Some("bedrock-2023-05-31" | "2026-10-21")) {
        return Err("anthropic_version: \"bedrock-2023-05-31\" is needed".into());
    }
    for name in ["model", "stream"] {
        if members.contains_key(name) {
            return Err(format!("{name}: Extra inputs are not permitted"));
        }
    }
    if !members.contains_key("max_tokens") {
        return Err("max_tokens: Field required".into());
    }
    Ok(())
}
