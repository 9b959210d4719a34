//! Whatever a person writes where credentials are written stays on the machine: random ones are planted
//! in every such place, and must be in no byte of what is told.

use crate::machine::Machine;
use proptest::prelude::*;
use tidegate_discovery::{Os, inventory};

/// What credentials look like: long and random, or of a known make.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9]{24,40}".prop_filter("random", |text| {
            text.bytes().any(|b| b.is_ascii_digit())
                && text.bytes().any(|b| b.is_ascii_uppercase())
                && text.bytes().any(|b| b.is_ascii_lowercase())
        }),
        "sk-ant-api03-[A-Za-z0-9_-]{32}",
        "ghp_[A-Za-z0-9]{36}",
        "xoxb-[0-9]{11}-[A-Za-z0-9]{24}",
        "AKIA[A-Z2-7]{16}",
    ]
}

/// The same entry in the dialects of the clients. `@0` to `@9` are secrets.
const FILES: &[(&str, &str)] = &[
    (
        "/home/ada/.claude.json",
        r#"{"oauthAccount": {"token": "@0"}, "primaryApiKey": "@1", "mcpServers": {
            "env": {"command": "npx", "args": ["-y", "p"], "env": {"TOKEN": "@2", "X": "@3"}},
            "flag": {"command": "npx", "args": ["p", "--api-key", "@4", "--token=@5", "-H", "Authorization: Bearer @6"]},
            "words": {"command": "env", "args": ["API_KEY=@7", "OTHER=@8", "npx", "p"]},
            "shell": {"command": "sh", "args": ["-c", "TOKEN=@9 exec npx p --password @0"]},
            "lone": {"command": "p", "args": ["@1"]},
            "whole": {"command": "p --token @2"},
            "url": {"type": "http", "url": "https://u:@3@mcp.example.com/mcp?api_key=@4&x=@5#@6", "headers": {"Authorization": "Bearer @7", "X-Any": "@8"}, "oauth": {"clientSecret": "@9"}},
            "path": {"url": "https://mcp.example.com/api/mcp/s/@5/mcp"},
            "remote": {"command": "npx", "args": ["mcp-remote", "https://h.example.com/sse?token=@0", "--header", "X-Key: @1"]},
            "docker": {"command": "docker", "args": ["run", "-e", "KEY=@2", "--env=OTHER=@3", "img"]},
            "json": {"command": "p", "args": ["{\"apiKey\": \"@4\"}"]},
            "bad": {"command": 5, "env": {"A": "@5"}, "args": ["--token", "@6"]},
            "default": {"command": "npx", "args": ["p", "--key", "${KEY:-@7}"]}
        }, "projects": {"/home/ada/web": {"mcpServers": {"l": {"command": "p", "args": ["--secret", "@8"], "env": {"B": "@9"}}}}}}"#,
    ),
    (
        "/home/ada/web/.mcp.json",
        r#"{"mcpServers": {"w": {"type": "sse", "url": "https://w.example.com/sse?k=@0", "headers": {"Cookie": "s=@1"}}}}"#,
    ),
    (
        "/home/ada/.codex/config.toml",
        "[mcp_servers.t]\ncommand = \"p\"\nargs = [\"--access-token\", \"@2\"]\nenv = {A = \"@3\"}\n\
         [mcp_servers.u]\nurl = \"https://c.example.com/mcp?sig=@4\"\nbearer_token_env_var = \"@5\"\nhttp_headers = {X = \"@6\"}\n",
    ),
    (
        "/home/ada/.config/goose/config.yaml",
        "extensions:\n  g:\n    type: stdio\n    cmd: p\n    args: [--auth, '@7']\n    envs: {K: '@8'}\nGOOSE_KEY: '@9'\n",
    ),
    (
        "/home/ada/.config/opencode/opencode.json",
        r#"{"mcp": {"o": {"type": "local", "command": ["p", "--api-token=@0"], "environment": {"A": "@1"}}}, "provider": {"x": {"options": {"apiKey": "@2"}}}}"#,
    ),
    (
        "/home/ada/.config/Claude/Claude Extensions Settings/x.json",
        r#"{"userConfig": {"api_key": "@3"}}"#,
    ),
    (
        "/home/ada/.config/Claude/Claude Extensions/x/manifest.json",
        r#"{"name": "x", "version": "1", "server": {"mcp_config": {"command": "node", "args": ["--key=@4"], "env": {"K": "@5"}}}}"#,
    ),
    // Broken, with secrets where the break is.
    (
        "/home/ada/.cursor/mcp.json",
        r#"{"mcpServers": {"x": {"command": "p", "env": {"A": "@6"}, "args": ["@7" "@8"]}}}"#,
    ),
    (
        "/home/ada/.continue/config.yaml",
        "mcpServers:\n  - name: x\n    env: {A: '@9'\n",
    ),
    (
        "/home/ada/.gemini/settings.json",
        r#"{"security": {"auth": {"key": "@0"}}, "mcpServers": {"g": {"httpUrl": "https://g.example.com/mcp?key=@1", "headers": {"X": "@2"}}}}"#,
    ),
    (
        "/home/ada/.gemini/antigravity/mcp_config.json",
        "mcp @3 [ @4",
    ),
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_secret_leaves(secrets in prop::collection::vec(secret(), 10)) {
        let machine = Machine::new(Os::Linux).expect("a machine");
        for (path, text) in FILES {
            let mut text = (*text).to_owned();
            for (number, secret) in secrets.iter().enumerate() {
                text = text.replace(&format!("@{number}"), secret);
            }
            machine.write(path, text).expect("a file");
        }
        let found = machine.scan();
        prop_assert!(found.servers.len() >= 17, "{}", found.servers.len());
        let shown = format!("{found:?}");
        let marked = found.servers.iter().filter(|located| located.secret).count();
        prop_assert!(marked >= 8, "{marked}");
        let sealed = inventory(&[(Some("ada".into()), found)]);
        let told = String::from_utf8_lossy(&sealed.json).into_owned();
        for secret in &secrets {
            for (what, text) in [("the inventory", &told), ("Debug", &shown)] {
                if let Some(at) = text.find(secret.as_str()) {
                    let around = &text[at.saturating_sub(80)..(at + 20).min(text.len())];
                    prop_assert!(false, "{secret} is in {what}: {around}");
                }
            }
        }
    }
}
