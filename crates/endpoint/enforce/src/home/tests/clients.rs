//! The means of each client.

use std::fs;

use tidegate_device_api::{EffectState, Means};
use tidegate_discovery::Format::{Jsonc, Toml, Yaml};

use super::{JSON, Lab};
use crate::{
    Settings,
    machine::fixture::{ann, found, places},
};

#[test]
fn clients_without_a_flag_lose_the_entry() -> anyhow::Result<()> {
    for (client, file) in [
        ("cursor", ".cursor/mcp.json"),
        (
            "claude-desktop",
            ".config/Claude/claude_desktop_config.json",
        ),
        ("vscode", ".config/Code/User/mcp.json"),
    ] {
        let lab = Lab::new(client, file, Jsonc, &["mcpServers", "b"], JSON)?;
        let ours = "{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"x\"} // first\n  }\n}\n";
        lab.there_and_back(&Settings::default(), ours);
    }
    Ok(())
}

#[test]
fn clients_with_a_flag_keep_it() -> anyhow::Result<()> {
    let settings = Settings::default();
    let codex = "# mine\nmodel = \"m\"\n[mcp_servers.b]\ncommand = \"npx\"\n";
    let lab = Lab::new(
        "codex",
        ".codex/config.toml",
        Toml,
        &["mcp_servers", "b"],
        codex,
    )?;
    lab.there_and_back(
        &settings,
        "# mine\nmodel = \"m\"\n[mcp_servers.b]\nenabled = false\ncommand = \"npx\"\n",
    );
    let opencode = "{\"mcp\": {\"b\": {\"type\": \"local\", \"enabled\": true}}}";
    let lab = Lab::new(
        "opencode",
        ".config/opencode/opencode.jsonc",
        Jsonc,
        &["mcp", "b"],
        opencode,
    )?;
    lab.there_and_back(&settings, &opencode.replace("true", "false"));
    let goose = "extensions:\n  b:\n    enabled: true\n    cmd: npx\n";
    let lab = Lab::new(
        "goose",
        ".config/goose/config.yaml",
        Yaml,
        &["extensions", "b"],
        goose,
    )?;
    lab.there_and_back(&settings, &goose.replace("true", "false"));
    let kiro = "{\"mcpServers\": {\"b\": {\"command\": \"npx\"}}}";
    for client in ["kiro", "windsurf", "amazon-q", "cline"] {
        let lab = Lab::new(client, "mcp.json", Jsonc, &["mcpServers", "b"], kiro)?;
        lab.there_and_back(
            &settings,
            "{\"mcpServers\": {\"b\": {\"command\": \"npx\", \"disabled\": true}}}",
        );
    }
    Ok(())
}

#[test]
fn lists_lose_the_item_wherever_it_moved() -> anyhow::Result<()> {
    let text = "mcpServers:\n  - name: a\n    command: x\n  - name: b\n    command: y\n  - name: c\n    command: z\n";
    let lab = Lab::new(
        "continue",
        ".continue/config.yaml",
        Yaml,
        &["mcpServers", "1"],
        text,
    )?;
    // The next look does not find it; what is second then is another one.
    let none = found(Vec::new());
    let at = places(lab.root.path());
    let pass = || super::home(&at, &ann(), &none, &lab.denied(), &Settings::default());
    lab.pass(&lab.denied(), &Settings::default());
    let ours = "mcpServers:\n  - name: a\n    command: x\n  - name: c\n    command: z\n";
    assert_eq!(lab.read(), ours);
    assert!(pass().changed.is_empty());
    let moved = "mcpServers:\n  - name: c\n    command: z\n";
    fs::write(&lab.file, moved)?;
    assert!(pass().changed.is_empty());
    assert_eq!(lab.read(), moved);
    drop(super::undo_home(&at, &ann()));
    assert!(lab.read().contains("name: b") && lab.read().contains("name: c"));
    Ok(())
}

#[test]
fn gemini_gets_a_name_in_its_list() -> anyhow::Result<()> {
    let text = "{\n  \"mcpServers\": {\n    \"b\": {\"command\": \"npx\"}\n  }\n}\n";
    let lab = Lab::new(
        "gemini-cli",
        ".gemini/settings.json",
        Jsonc,
        &["mcpServers", "b"],
        text,
    )?;
    let ours = "{\n  \"mcpServers\": {\n    \"b\": {\"command\": \"npx\"}\n  },\n  \"mcp\": {\"excluded\": [\"b\"]}\n}\n";
    lab.there_and_back(&Settings::default(), ours);
    Ok(())
}

#[test]
fn claude_code_is_left_to_its_policy_unless_that_cannot_say_it() -> anyhow::Result<()> {
    let mut lab = Lab::new(
        "claude-code",
        ".claude.json",
        Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    let left = lab.pass(&lab.denied(), &Settings::default());
    assert!(left.changed.is_empty() && left.effects.is_empty());
    // Nobody writes the policy.
    let alone = Settings {
        native: false,
        ..Settings::default()
    };
    let ours = "{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"x\"} // first\n  }\n}\n";
    lab.there_and_back(&alone, ours);
    // The policy may not hold the command.
    lab.server.secret = true;
    let outcome = lab.there_and_back(&Settings::default(), ours);
    assert!(
        outcome.effects[0]
            .detail
            .as_ref()
            .is_some_and(|detail| detail.contains("credential"))
    );
    lab.server.secret = false;
    // Another policy shadows ours.
    fs::create_dir_all(lab.file.with_file_name(".claude"))?;
    fs::write(
        lab.file.with_file_name(".claude/remote-settings.json"),
        "{\"x\":1}",
    )?;
    let outcome = lab.there_and_back(&Settings::default(), ours);
    assert!(
        outcome.effects[0]
            .detail
            .as_ref()
            .is_some_and(|detail| detail.contains("rank"))
    );
    Ok(())
}

#[test]
fn files_of_projects_are_not_edited() -> anyhow::Result<()> {
    let mut lab = Lab::new(
        "cursor",
        "p/.cursor/mcp.json",
        Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    lab.server.entry.as_mut().expect("an entry").shared = true;
    let outcome = lab.pass(&lab.denied(), &Settings::default());
    assert_eq!((lab.read(), outcome.changed.len()), (JSON.to_owned(), 0));
    assert_eq!(outcome.effects[0].state, EffectState::Unsupported);
    assert!(outcome.effects[0].means.is_empty() && outcome.effects[0].detail.is_some());

    // Claude Code keeps a list of its own for them.
    let mut lab = Lab::new(
        "claude-code",
        "p/.mcp.json",
        Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    lab.server.entry.as_mut().expect("an entry").shared = true;
    lab.server.server.project = Some("~/p".into());
    let state = lab.root.path().join("home/ann/.claude.json");
    fs::write(&state, "{\"projects\":{\"/home/ann/p\":{\"x\":1}}}")?;
    let alone = Settings {
        native: false,
        ..Settings::default()
    };
    let outcome = lab.pass(&lab.denied(), &alone);
    assert_eq!(outcome.effects[0].state, EffectState::Verified);
    assert_eq!(outcome.effects[0].means, [Means::ConfigEdit]);
    assert_eq!(
        fs::read_to_string(&state)?,
        "{\"projects\":{\"/home/ann/p\":{\"x\":1, \"disabledMcpjsonServers\": [\"b\"]}}}"
    );
    assert_eq!(lab.read(), JSON);
    Ok(())
}

#[test]
fn what_was_only_seen_running_is_said_to_be_out_of_reach() -> anyhow::Result<()> {
    let mut lab = Lab::new("cursor", "x", Jsonc, &["b"], "{}")?;
    lab.server.entry = None;
    let outcome = lab.pass(&lab.denied(), &Settings::default());
    assert_eq!(outcome.effects[0].state, EffectState::Unsupported);
    Ok(())
}
