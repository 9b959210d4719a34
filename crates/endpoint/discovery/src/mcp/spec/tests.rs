//! Entries as clients write them, and as they should not.

use tidegate_device_api::{ToolSource, Transport};

use super::{Spec, Wrong, read};
use crate::{
    Format, formats,
    mcp::row::{Dialect, URL_FIRST, USUAL},
};

fn entry(text: &str, dialect: &Dialect) -> Result<Option<Spec>, Wrong> {
    read(
        &formats::parse(Format::Jsonc, text.as_bytes()).tree,
        dialect,
    )
}

#[track_caller]
fn local(text: &str) -> (Vec<String>, Spec) {
    let spec = entry(text, &USUAL).expect("no fault").expect("a server");
    assert_eq!(spec.transport, Transport::Stdio);
    let argv = spec
        .raw
        .command
        .iter()
        .chain(&spec.raw.args)
        .cloned()
        .collect();
    (argv, spec)
}

#[test]
fn every_spelling_of_a_command_is_one() {
    for text in [
        r#"{"command": "npx", "args": ["-y", "p"]}"#,
        r#"{"type": "stdio", "command": "npx", "args": ["-y", "p"], "url": "https://x"}"#,
        r#"{"type": "local", "command": ["npx", "-y", "p"]}"#,
        r#"{"command": {"path": "npx", "args": ["-y", "p"], "env": {"A": "1"}}}"#,
        r#"{"cmd": "npx", "args": ["-y", "p"], "type": "stdio", "uri": null}"#,
        r#"{"transport": {"type": "stdio", "command": "npx", "args": ["-y", "p"]}}"#,
        r#"{"command": "npx", "args": ["-y", "p"], "url": ""}"#,
    ] {
        assert_eq!(local(text).0, ["npx", "-y", "p"], "{text}");
    }
}

#[test]
fn every_spelling_of_a_url_is_one() {
    for (text, transport) in [
        (r#"{"url": "https://h/p"}"#, Transport::Http),
        (r#"{"type": "sse", "url": "https://h/p"}"#, Transport::Sse),
        (
            r#"{"type": "streamable-http", "url": "https://h/p"}"#,
            Transport::Http,
        ),
        (
            r#"{"type": "remote", "url": "https://h/p"}"#,
            Transport::Http,
        ),
        (
            r#"{"httpUrl": "https://h/p", "url": "https://other"}"#,
            Transport::Http,
        ),
        (r#"{"serverUrl": "https://h/p"}"#, Transport::Http),
        (
            r#"{"type": "streamable_http", "uri": "https://h/p"}"#,
            Transport::Http,
        ),
        (
            r#"{"type": "http", "command": "x", "url": "https://h/p"}"#,
            Transport::Http,
        ),
    ] {
        let spec = entry(text, &USUAL).expect("no fault").expect("a server");
        assert_eq!(spec.raw.url.as_deref(), Some("https://h/p"), "{text}");
        assert_eq!(spec.transport, transport, "{text}");
    }
    let both = r#"{"command": "x", "url": "https://h/p"}"#;
    assert!(
        entry(both, &URL_FIRST)
            .expect("ok")
            .expect("one")
            .raw
            .url
            .is_some()
    );
    assert!(
        entry(both, &USUAL)
            .expect("ok")
            .expect("one")
            .raw
            .url
            .is_none()
    );
    let socket = entry(r#"{"url": "wss://h"}"#, &USUAL)
        .expect("ok")
        .expect("one");
    assert_eq!(socket.transport, Transport::Websocket);
}

#[test]
fn wrong_entries_say_what_is_wrong() {
    for text in [
        "[]",
        "1",
        "{}",
        r#"{"command": 5}"#,
        r#"{"command": "x", "args": "y"}"#,
        r#"{"command": "x", "args": ["y", 1]}"#,
        r#"{"command": []}"#,
        r#"{"url": {}}"#,
        r#"{"type": 3, "command": "x"}"#,
        r#"{"type": "stdio", "enabled": true}"#,
    ] {
        assert!(entry(text, &USUAL).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_server_is_none() {
    for text in [
        r#"{"type": "builtin", "enabled": true}"#,
        r#"{"type": "platform", "name": "todo"}"#,
        r#"{"enabled": false}"#,
        r#"{"settings": {}}"#,
    ] {
        assert!(entry(text, &USUAL).expect("no fault").is_none(), "{text}");
    }
}

#[test]
fn switches_are_read() {
    for (switch, on) in [
        ("\"enabled\": false", false),
        ("\"disabled\": true", false),
        ("\"isActive\": false", false),
        ("\"enabled\": true, \"disabled\": false", true),
        ("\"disabled\": \"yes\"", true),
    ] {
        let text = format!("{{\"command\": \"x\", {switch}}}");
        assert_eq!(local(&text).1.enabled, on, "{text}");
    }
}

#[test]
fn names_are_told_and_values_are_not() {
    let text = r#"{"command": "x",
        "env": {"A_KEY": "1", "bad name": "2"}, "headers": {"X-Y": "3"}, "env_vars": ["B", {"name": "C"}],
        "bearer_token_env_var": "D_TOKEN", "env_keys": ["sk-ant-api03-abcdefghijklmnopqrstuvwxyz012345"]}"#;
    assert_eq!(local(text).1.given, ["A_KEY", "B", "C", "D_TOKEN", "X-Y"]);
}

#[test]
fn listed_tools_are_known() {
    let text = r#"{"command": "x", "includeTools": ["b", "a(x)", "*"], "disabled_tools": ["c"],
        "tools": {"d": {"approval_mode": "auto"}}, "alwaysAllow": ["a"]}"#;
    let spec = local(text).1;
    let names: Vec<_> = spec.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(spec.tool_source, Some(ToolSource::Config));
    assert_eq!(
        local(r#"{"command": "x", "tools": ["*"]}"#).1.tool_source,
        None
    );
}
