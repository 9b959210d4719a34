//! One entry of a configuration, whatever a client calls its parts.

use tidegate_device_api::{Tool, ToolSource, Transport};

use super::row::Dialect;
use crate::{RawLaunch, tree::Tree};

/// What an entry says.
pub(crate) struct Spec {
    pub(crate) raw: RawLaunch,
    pub(crate) transport: Transport,
    /// Names of variables and headers.
    pub(crate) given: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_source: Option<ToolSource>,
}

/// What is wrong with an entry, in words.
pub(crate) type Wrong = &'static str;

const COMMANDS: [&str; 2] = ["command", "cmd"];
const URLS: [&str; 6] = ["httpUrl", "url", "serverUrl", "uri", "endpoint", "tcp"];
/// Maps whose keys are names of variables or headers.
const GIVEN: [&str; 8] = [
    "env",
    "environment",
    "envs",
    "headers",
    "http_headers",
    "env_http_headers",
    "requestHeaders",
    "httpHeaders",
];
/// Lists of names of variables, and texts that are one.
const GIVEN_NAMES: [&str; 3] = ["env_keys", "env_vars", "bearer_token_env_var"];
/// Lists of tools' names.
const TOOLS: [&str; 11] = [
    "includeTools",
    "excludeTools",
    "enabled_tools",
    "disabled_tools",
    "enabledTools",
    "disabledTools",
    "available_tools",
    "alwaysAllow",
    "autoApprove",
    "allowedTools",
    "tools",
];

/// Reads an entry; `None` for one that is no server outside of the client itself.
pub(crate) fn read(entry: &Tree, dialect: &Dialect) -> Result<Option<Spec>, Wrong> {
    if entry.map().is_none() {
        return Err("it is no object");
    }
    // Continue, as it was: the launch stands one deeper.
    if let Some(inner @ Tree::Map(_)) = entry.get("transport") {
        return read(inner, dialect);
    }
    let said = said_transport(entry)?;
    if matches!(said, Said::Inside) {
        return Ok(None);
    }
    let command = command(entry)?;
    let url = url(entry)?;
    let remote = match (&command, &url, &said) {
        // A layer that only switches what another one defines, and Zed's extensions.
        (None, None, _) if only_switches(entry) => return Ok(None),
        (None, None, _) => return Err("it has no command and no URL"),
        (Some(_), None, _) => false,
        (None, Some(_), _) => true,
        (Some(_), Some(_), Said::One(Transport::Stdio)) => false,
        (Some(_), Some(_), Said::One(_) | Said::Remote) => true,
        (Some(_), Some(_), _) => dialect.url_first,
    };
    let (raw, transport) = match (remote, command, url) {
        (true, _, Some((url, by))) => {
            let transport = match said {
                Said::One(transport) if transport != Transport::Stdio => transport,
                _ => by.unwrap_or(dialect.url),
            };
            let url = Some(url.to_owned());
            let raw = RawLaunch {
                url,
                ..RawLaunch::default()
            };
            (raw, transport)
        }
        (_, Some((command, args)), _) => {
            let command = Some(command);
            let raw = RawLaunch {
                command,
                args,
                url: None,
            };
            (raw, Transport::Stdio)
        }
        _ => return Err("it has no command and no URL"),
    };
    let tools = tools(entry);
    Ok(Some(Spec {
        raw,
        transport,
        given: given(entry),
        enabled: is_enabled(entry),
        tool_source: (!tools.is_empty()).then_some(ToolSource::Config),
        tools,
    }))
}

enum Said {
    Nothing,
    One(Transport),
    /// Remote, by which transport is told elsewhere.
    Remote,
    /// Part of the client itself.
    Inside,
}

fn said_transport(entry: &Tree) -> Result<Said, Wrong> {
    let said = ["type", "transport", "transportType"]
        .iter()
        .find_map(|key| entry.get(key));
    let said = match said {
        None | Some(Tree::Null) => return Ok(Said::Nothing),
        Some(Tree::Text(text)) => text.to_ascii_lowercase().replace(['-', '_'], ""),
        Some(Tree::Map(_)) => return Ok(Said::Nothing),
        Some(_) => return Err("its type is no text"),
    };
    Ok(match said.as_str() {
        "stdio" | "local" | "command" => Said::One(Transport::Stdio),
        "http" | "streamablehttp" => Said::One(Transport::Http),
        "sse" => Said::One(Transport::Sse),
        "ws" | "websocket" => Said::One(Transport::Websocket),
        "tcp" => Said::One(Transport::Tcp),
        "remote" => Said::Remote,
        "builtin" | "platform" | "sdk" | "frontend" | "inlinepython" => Said::Inside,
        // A type that a later version has: the rest tells.
        _ => Said::Nothing,
    })
}

fn command(entry: &Tree) -> Result<Option<(String, Vec<String>)>, Wrong> {
    let command = COMMANDS.iter().find_map(|key| entry.get(key));
    let (command, inner) = match command {
        None | Some(Tree::Null) => return Ok(None),
        Some(Tree::Text(text)) if text.trim().is_empty() => return Ok(None),
        Some(Tree::Text(text)) => (text.clone(), None),
        Some(list @ Tree::List(_)) => {
            let mut argv = arguments(Some(list))?.into_iter();
            let command = argv.next().ok_or("its command is empty")?;
            let args = argv.chain(arguments(entry.get("args"))?).collect();
            return Ok(Some((command, args)));
        }
        // Zed, as it was.
        Some(map @ Tree::Map(_)) => {
            let path = map.text_at("path").ok_or("its command is no text")?;
            (path.to_owned(), map.get("args"))
        }
        Some(_) => return Err("its command is no text"),
    };
    let args = arguments(inner.or_else(|| entry.get("args")))?;
    Ok(Some((command, args)))
}

fn arguments(args: Option<&Tree>) -> Result<Vec<String>, Wrong> {
    match args {
        None | Some(Tree::Null) => Ok(Vec::new()),
        Some(Tree::List(list)) => {
            let texts = list.iter().map(|arg| arg.text().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or("an argument is no text")
        }
        Some(_) => Err("its arguments are no list"),
    }
}

fn url(entry: &Tree) -> Result<Option<(&str, Option<Transport>)>, Wrong> {
    for key in URLS {
        match entry.get(key) {
            None | Some(Tree::Null) => {}
            Some(Tree::Text(text)) if text.trim().is_empty() => {}
            Some(Tree::Text(text)) => {
                let by = match key {
                    "httpUrl" => Some(Transport::Http),
                    "tcp" => Some(Transport::Tcp),
                    _ if text.starts_with("ws:") || text.starts_with("wss:") => {
                        Some(Transport::Websocket)
                    }
                    _ => None,
                };
                return Ok(Some((text, by)));
            }
            Some(_) => return Err("its URL is no text"),
        }
    }
    Ok(None)
}

fn given(entry: &Tree) -> Vec<String> {
    // Zed, as it was, keeps the environment with the command.
    let inner = entry
        .get("command")
        .filter(|command| command.map().is_some());
    let maps = GIVEN.iter().filter_map(|key| entry.get(key));
    let maps = maps.chain(inner.and_then(|command| command.get("env")));
    let maps = maps.chain(entry.at(["requestInit", "headers"]));
    let keys = maps
        .filter_map(Tree::map)
        .flat_map(|map| map.keys().cloned());
    let lists = GIVEN_NAMES.iter().filter_map(|key| entry.get(key));
    let names = lists.flat_map(|value| match value {
        Tree::Text(name) => vec![name.clone()],
        Tree::List(list) => {
            let name = |item: &Tree| Some(item.text().or_else(|| item.text_at("name"))?.to_owned());
            list.iter().filter_map(name).collect()
        }
        _ => Vec::new(),
    });
    let mut given: Vec<_> = keys.chain(names).filter(|name| is_name(name)).collect();
    given.sort_unstable();
    given.dedup();
    given.truncate(64);
    given
}

/// Whether a text may be the name of a variable or a header. People paste the value where the name
/// belongs, so what looks like a credential is none.
fn is_name(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let sane = (1..=64).contains(&text.len()) && text.bytes().all(part);
    sane && !tidegate_policy::redact_args(&[text.to_owned()]).1
}

fn only_switches(entry: &Tree) -> bool {
    let switches = ["enabled", "disabled", "settings"];
    let map = entry.map();
    map.is_some_and(|map| switches.iter().any(|key| map.contains_key(*key)))
        && entry.get("type").is_none()
}

fn is_enabled(entry: &Tree) -> bool {
    let switch = |key: &str| entry.get(key).and_then(Tree::bool);
    let on = ["enabled", "isActive", "active"]
        .iter()
        .all(|key| switch(key) != Some(false));
    on && switch("disabled") != Some(true)
}

/// The tools that an entry names to allow or to leave out.
fn tools(entry: &Tree) -> Vec<Tool> {
    let mut names: Vec<String> = Vec::new();
    for value in TOOLS.iter().filter_map(|key| entry.get(key)) {
        match value {
            Tree::List(_) => names.extend(value.texts().into_iter().map(str::to_owned)),
            Tree::Map(map) => names.extend(map.keys().cloned()),
            _ => {}
        }
    }
    named(names)
}

/// Tools of these names, without patterns and what cannot be a name.
pub(crate) fn named(names: impl IntoIterator<Item = String>) -> Vec<Tool> {
    let clean = |name: String| {
        // Gemini CLI: `tool(arguments)`.
        let name = name.split('(').next().unwrap_or_default().to_owned();
        let part = |byte: u8| byte.is_ascii_graphic() && byte != b'*';
        let sane = (1..=128).contains(&name.len()) && name.bytes().all(part);
        let secret = tidegate_policy::redact_args(std::slice::from_ref(&name)).1;
        (sane && !secret).then_some(name)
    };
    let mut names: Vec<_> = names.into_iter().filter_map(clean).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(256);
    let tool = |name| Tool {
        name,
        description: None,
    };
    names.into_iter().map(tool).collect()
}

#[cfg(test)]
mod tests;
