//! Edits of the three formats: one change, and nothing else.

use serde_json::json;
use tidegate_discovery::Format::{self, Jsonc, Toml, Yaml};

use super::{Change, Doc, TextError};

fn keys(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

fn edit(format: Format, text: &str, change: &Change<'_>) -> Result<String, TextError> {
    Ok(Doc::read(format, text)?.with(change)?.text)
}

#[track_caller]
fn check(format: Format, before: &str, change: &Change<'_>, after: &str) {
    assert_eq!(
        edit(format, before, change).as_deref(),
        Ok(after),
        "{before}"
    );
    // Done twice is done once.
    let again = edit(format, after, change);
    if !matches!(change, Change::Restore(..)) {
        assert_eq!(again.as_deref(), Ok(after));
    }
}

#[test]
fn a_json_member_goes_with_its_comma_and_line() {
    let at = keys("s/b");
    for (before, after) in [
        (r#"{"s":{"a":1,"b":2,"c":3}}"#, r#"{"s":{"a":1,"c":3}}"#),
        (r#"{"s":{"a":1,"b":2}}"#, r#"{"s":{"a":1}}"#),
        (r#"{"s": {"b": 2, "c": 3}}"#, r#"{"s": {"c": 3}}"#),
        (r#"{"s":{"b":2}}"#, r#"{"s":{}}"#),
        (
            "{\n  \"s\": {\n    \"a\": 1, // one\n    \"b\": 2, // two\n    // three\n    \"c\": 3\n  }\n}\n",
            "{\n  \"s\": {\n    \"a\": 1, // one\n    // two\n    // three\n    \"c\": 3\n  }\n}\n",
        ),
        (
            "{\r\n\t\"s\": {\r\n\t\t\"a\": 1,\r\n\t\t\"b\": 2\r\n\t}\r\n}",
            "{\r\n\t\"s\": {\r\n\t\t\"a\": 1\r\n\t}\r\n}",
        ),
        ("{\"s\":{\"a\":1,\n\"b\":2,\n}}", "{\"s\":{\"a\":1,\n}}"),
        // The same name twice goes twice, or the other one would come to life.
        (r#"{"s":{"b":1,"a":0,"b":2}}"#, r#"{"s":{"a":0}}"#),
        ("\u{feff}{\"s\":{\"b\":2}}", "\u{feff}{\"s\":{}}"),
        (r#"{"s":{"a":1}}"#, r#"{"s":{"a":1}}"#),
    ] {
        check(Jsonc, before, &Change::Remove(&at), after);
    }
}

#[test]
fn a_json_member_comes_with_the_indent_of_its_neighbours() {
    let (at, no) = (keys("s/b/enabled"), json!(false));
    for (before, after) in [
        (
            r#"{"s":{"b":{"x":1}}}"#,
            r#"{"s":{"b":{"x":1, "enabled": false}}}"#,
        ),
        (
            r#"{"s":{"b":{"enabled" : true}}}"#,
            r#"{"s":{"b":{"enabled" : false}}}"#,
        ),
        (r#"{"s":{"b":{}}}"#, r#"{"s":{"b":{"enabled": false}}}"#),
        ("{}", r#"{"s": {"b": {"enabled": false}}}"#),
        ("", "{\"s\": {\"b\": {\"enabled\": false}}}\n"),
        (
            "{\n  \"s\": {\n    \"b\": {\n      \"x\": 1 // one\n    }\n  }\n}\n",
            "{\n  \"s\": {\n    \"b\": {\n      \"x\": 1,\n      \"enabled\": false // one\n    }\n  }\n}\n",
        ),
    ] {
        check(Jsonc, before, &Change::Set(&at, &no), after);
    }
}

#[test]
fn lists_of_json() {
    let at = keys("m/x");
    let item = json!("n");
    for (without, with) in [
        (r#"{"m":{"x":[]}}"#, r#"{"m":{"x":["n"]}}"#),
        (r#"{"m":{"x":["a"]}}"#, r#"{"m":{"x":["a", "n"]}}"#),
        (r#"{"m":{"x":["a","b"]}}"#, r#"{"m":{"x":["a","b","n"]}}"#),
        (
            "{\"m\":{\"x\":[\n  \"a\"\n]}}",
            "{\"m\":{\"x\":[\n  \"a\",\n  \"n\"\n]}}",
        ),
    ] {
        check(Jsonc, without, &Change::Add(&at, &item), with);
        check(Jsonc, with, &Change::Drop(&at, &item), without);
    }
}

#[test]
fn what_was_taken_out_comes_back_to_its_place() {
    let at = keys("s/b");
    let base = "{\n  \"s\": {\n    \"a\": 1,\n    \"b\": {\"k\":  [1]},\n    \"c\": 3\n  }\n}\n";
    let base = Doc::read(Jsonc, base).expect("a document");
    for (now, after) in [
        (
            "{\n  \"s\": {\n    \"a\": 1,\n    \"c\": 4\n  }\n}\n",
            "{\n  \"s\": {\n    \"a\": 1,\n    \"b\": {\"k\":  [1]},\n    \"c\": 4\n  }\n}\n",
        ),
        // Written anew by its program, with other neighbours.
        (
            r#"{"s":{"c":3,"d":4}}"#,
            r#"{"s":{"b": {"k":  [1]},"c":3,"d":4}}"#,
        ),
        (r#"{"s":{}}"#, "{\"s\":{\n    \"b\": {\"k\":  [1]}}}"),
        (r#"{"x":1}"#, r#"{"x":1, "s": {"b": {"k":  [1]}}}"#),
    ] {
        check(Jsonc, now, &Change::Restore(&at, &base), after);
    }
}

#[test]
fn toml_keys_and_tables() {
    let (at, no) = (keys("mcp_servers/b/enabled"), json!(false));
    let stub = json!({"command": "/bin/false", "enabled": false});
    for (before, after) in [
        (
            "model = \"x\" # c\n\n[mcp_servers.b] # mine\ncommand = 'y'\n\n[mcp_servers.b.env]\nK = \"v\"\n",
            "model = \"x\" # c\n\n[mcp_servers.b] # mine\nenabled = false\ncommand = 'y'\n\n[mcp_servers.b.env]\nK = \"v\"\n",
        ),
        (
            "[mcp_servers.b]\nenabled=true # yes\n",
            "[mcp_servers.b]\nenabled=false # yes\n",
        ),
        (
            "[mcp_servers]\nb = { command = \"y\" }\n",
            "[mcp_servers]\nb = { command = \"y\", enabled = false }\n",
        ),
        (
            "mcp_servers.b.command = \"y\"\n",
            "mcp_servers.b.enabled = false\nmcp_servers.b.command = \"y\"\n",
        ),
        (
            "[mcp_servers.b.env]\r\nK = \"v\"\r\n",
            "[mcp_servers.b.env]\r\nK = \"v\"\r\n\r\n[mcp_servers.b]\r\nenabled = false\r\n",
        ),
        ("[mcp_servers.b]", "[mcp_servers.b]\nenabled = false\n"),
    ] {
        check(Toml, before, &Change::Set(&at, &no), after);
    }
    let table = keys("mcp_servers/b");
    for (before, after) in [
        (
            "",
            "[mcp_servers.b]\ncommand = \"/bin/false\"\nenabled = false\n",
        ),
        (
            "a = 1",
            "a = 1\n\n[mcp_servers.b]\ncommand = \"/bin/false\"\nenabled = false\n",
        ),
        (
            "a = 1\n",
            "a = 1\n\n[mcp_servers.b]\ncommand = \"/bin/false\"\nenabled = false\n",
        ),
    ] {
        check(Toml, before, &Change::Set(&table, &stub), after);
    }
    check(
        Toml,
        "a = 1\n\n[mcp_servers.b]\ncommand = \"/bin/false\"\n\n[z]\nq = 1\n",
        &Change::Remove(&table),
        "a = 1\n\n[z]\nq = 1\n",
    );
    let odd = vec!["mcp_servers".to_owned(), "a b.\"c".to_owned()];
    let text = edit(Toml, "", &Change::Set(&odd, &stub));
    assert!(text.is_ok_and(|text| Doc::read(Toml, &text).is_ok()));
}

#[test]
fn yaml_lines() {
    let (at, no) = (keys("extensions/b/enabled"), json!(false));
    let before = "# mine\nextensions:\n  a:\n    cmd: x\n  b: # two\n    # on\n    enabled: true # yes\n    cmd: y\nother: [1, 2]\n";
    check(
        Yaml,
        before,
        &Change::Set(&at, &no),
        "# mine\nextensions:\n  a:\n    cmd: x\n  b: # two\n    # on\n    enabled: false\n    cmd: y\nother: [1, 2]\n",
    );
    check(
        Yaml,
        "extensions:\n  b:\n    cmd: y\n",
        &Change::Set(&at, &no),
        "extensions:\n  b:\n    enabled: false\n    cmd: y\n",
    );
    check(
        Yaml,
        before,
        &Change::Remove(&keys("extensions/b")),
        "# mine\nextensions:\n  a:\n    cmd: x\nother: [1, 2]\n",
    );
    check(
        Yaml,
        "mcpServers:\n  - name: a\n    command: x\n  - name: b\n    command: y\n",
        &Change::Remove(&keys("mcpServers/1")),
        "mcpServers:\n  - name: a\n    command: x\n",
    );
    // A key with nothing below it would say null.
    let one = "mcpServers: # mine\n  # good\n  - name: a\n    command: x\nother: 1\n";
    let none = "mcpServers: [] # mine\n  # good\nother: 1\n";
    check(Yaml, one, &Change::Remove(&keys("mcpServers/0")), none);
    check(
        Yaml,
        "extensions:\n  b:\n    cmd: y\n",
        &Change::Remove(&keys("extensions/b")),
        "extensions: {}\n",
    );
    let (before, list) = (Doc::read(Yaml, one).unwrap(), keys("mcpServers/0"));
    check(
        Yaml,
        "other: 2\nmcpServers: []\nmore: 3\n",
        &Change::Restore(&list, &before),
        "other: 2\nmcpServers:\n  - name: a\n    command: x\nmore: 3\n",
    );
    for left_alone in [
        "extensions: {b: {cmd: y}}\n",
        "extensions:\n  b: {cmd: y}\n",
    ] {
        let after = edit(Yaml, left_alone, &Change::Set(&at, &no));
        assert!(
            matches!(after, Err(TextError::Place | TextError::Check)),
            "{left_alone}"
        );
    }
}

#[test]
fn what_is_broken_or_too_deep_is_not_edited() {
    let deep = "[".repeat(100_000);
    for (format, text) in [
        (Jsonc, "{\"s\":"),
        (Jsonc, "{'s': 1}"),
        (Jsonc, deep.as_str()),
        (Toml, "a = ["),
        (Toml, "a = 1\na = 2\n"),
        (Yaml, "a: [\n"),
    ] {
        let after = edit(format, text, &Change::Remove(&keys("s/b")));
        assert_eq!(after, Err(TextError::Broken));
    }
    let deep = format!("a = {}", "[".repeat(100_000));
    assert_eq!(Doc::read(Toml, &deep), Err(TextError::Broken));
    assert_eq!(Doc::read(Yaml, &"[".repeat(10_000)), Err(TextError::Broken));
}

#[test]
fn strict_json_stays_strict() {
    let after = edit(Jsonc, "{\"a\":1,\"b\":2}", &Change::Remove(&keys("b")));
    assert_eq!(after.as_deref(), Ok("{\"a\":1}"));
}
