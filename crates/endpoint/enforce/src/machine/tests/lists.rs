//! Claude Code and Copilot.

use serde_json::{Value, json};
use tidegate_device_api::{EffectState, Means};
use tidegate_policy::{Decision, Document, ToolRules};

use super::{
    super::fixture::{ann, denied, found, located, policy, remote},
    Lab, bob, states, undo_machine,
};
use crate::{Shadow, machine::fixture::places};

const DROP_IN: &str = "etc/claude-code/managed-settings.d/50-tidegate.json";

#[test]
fn a_drop_in_names_every_spelling_and_goes_without_a_trace() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let (bad, good) = (
        located("claude-code", "bad"),
        located("claude-code", "good"),
    );
    let url = remote("claude-code", "net", "https://mcp.example.com/sse");
    let mut respelled = located("cursor", "bad");
    respelled.raw.command = Some("${X:-npx}".into());
    let document = denied(&[&bad, &url]);
    let servers = [&bad, &good, &url, &respelled];
    let outcome = lab.anns(&servers, &document);
    let golden = r#"{
  "deniedMcpServers": [
    {
      "serverCommand": [
        "${X:-npx}",
        "-y",
        "pkg-bad"
      ]
    },
    {
      "serverCommand": [
        "npx",
        "-y",
        "pkg-bad"
      ]
    },
    {
      "serverUrl": "*://mcp.example.com/sse"
    },
    {
      "serverUrl": "*://mcp.example.com/sse/*"
    },
    {
      "serverUrl": "*://mcp.example.com/sse?*"
    }
  ]
}
"#;
    assert_eq!(lab.read(DROP_IN), golden);
    // What is said of Cursor's is said by the pass over the home.
    assert_eq!(
        states(&outcome.effects),
        [EffectState::Verified; 2],
        "{outcome:?}"
    );
    assert_eq!(outcome.effects[0].means, [Means::NativePolicy]);
    assert!(outcome.effects[0].detail.is_some() && outcome.effects[1].detail.is_none());
    assert_eq!(outcome.remote.len(), 1);
    assert!(outcome.remote[0].denied);
    let again = lab.anns(&servers, &document);
    assert!(again.changed.is_empty());
    assert_eq!(again.effects, outcome.effects);
    lab.anns(&servers, &Document::ungoverned());
    assert!(
        lab.tree().iter().all(|(_, text)| text.is_none()),
        "{:?}",
        lab.tree()
    );
    assert!(!lab.root.path().join("etc/claude-code").exists());
    Ok(())
}

#[test]
fn a_denied_url_is_denied_before_anybody_has_it() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let url = remote("claude-code", "net", "https://mcp.example.com/");
    lab.anns(&[&located("claude-code", "good")], &denied(&[&url]));
    assert!(lab.read(DROP_IN).contains("*://mcp.example.com/*"));
    Ok(())
}

#[test]
fn a_credential_is_never_written_where_everybody_reads() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let mut secret = located("claude-code", "s");
    secret.raw.args.push("--token=tops3cret".into());
    secret.secret = true;
    let outcome = lab.anns(&[&secret], &denied(&[&secret]));
    assert!(!format!("{:?}", lab.tree()).contains("tops3cret"));
    assert!(lab.read(DROP_IN).contains("\"serverName\": \"s\""));
    assert!(outcome.effects.is_empty(), "the home's pass reports it");
    // Nor by its name, when somebody else's server of that name may run.
    let homes = [
        (ann(), found(vec![secret.clone()])),
        (
            bob(),
            found(vec![{
                let mut other = located("claude-code", "other");
                other.server.name = "s".into();
                other
            }]),
        ),
    ];
    lab.pass(&homes, &denied(&[&secret]));
    assert_eq!(lab.read(DROP_IN), "");
    // In an allow-list it would have to be written: so there is none.
    let mut document = policy(&[(&secret, Decision::Approved)]);
    document.default_mcp_decision = Decision::Denied;
    lab.anns(&[&secret, &located("claude-code", "new")], &document);
    let text = lab.read(DROP_IN);
    assert!(
        text.contains("pkg-new")
            && !text.contains("allowedMcpServers")
            && !text.contains("tops3cret")
    );
    Ok(())
}

#[test]
fn an_allow_list_says_all_that_may_run() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let (good, tools) = (
        located("claude-code", "good"),
        located("claude-code", "tools"),
    );
    let url = remote("claude-code", "net", "https://mcp.example.com/sse");
    let new = located("claude-code", "new");
    let approved = [
        (&good, Decision::Approved),
        (&url, Decision::Pending),
        (&tools, Decision::Approved),
    ];
    let mut document = policy(&approved);
    document.default_mcp_decision = Decision::Denied;
    document.mcp_servers[2].tools = ToolRules {
        allow: None,
        deny: vec!["rm".into()],
    };
    let outcome = lab.anns(&[&good, &url, &new, &tools], &document);
    let file: Value = serde_json::from_str(&lab.read(DROP_IN))?;
    assert_eq!(file["allowManagedMcpServersOnly"], true);
    assert_eq!(
        file["deniedMcpServers"],
        json!([{"serverCommand": ["npx", "-y", "pkg-new"]}])
    );
    let shim = [
        "/usr/bin/tidegate-edge",
        "mcp-run",
        "--config-of",
        "claude-code",
        "--name",
        "tools",
        "--",
    ];
    let wrapped: Vec<&str> = shim.into_iter().chain(["npx", "-y", "pkg-tools"]).collect();
    assert_eq!(
        file["allowedMcpServers"],
        json!([
            {"serverCommand": wrapped},
            {"serverCommand": ["npx", "-y", "pkg-good"]},
            {"serverCommand": ["npx", "-y", "pkg-tools"]},
            {"serverUrl": "*://mcp.example.com/sse"},
            {"serverUrl": "*://mcp.example.com/sse/*"},
            {"serverUrl": "*://mcp.example.com/sse?*"},
        ])
    );
    assert_eq!(states(&outcome.effects), [EffectState::Verified]);
    // The organisation has one: ours beside it would allow more.
    lab.put(
        "etc/claude-code/managed-settings.json",
        r#"{"allowedMcpServers":[]}"#,
    )?;
    lab.anns(&[&good, &new], &document);
    assert!(
        !lab.read(DROP_IN).contains("allowedMcpServers") && lab.read(DROP_IN).contains("pkg-new")
    );
    Ok(())
}

#[test]
fn a_policy_above_ours_is_told() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let bad = located("claude-code", "bad");
    lab.put("etc/claude-code/managed-mcp.json", "{\"mcpServers\":{}}")?;
    let outcome = lab.anns(&[&bad], &denied(&[&bad]));
    assert_eq!(states(&outcome.effects), [EffectState::Shadowed]);
    std::fs::remove_file(lab.root.path().join("etc/claude-code/managed-mcp.json"))?;
    let mut lab = lab;
    let client = bad.server.client.clone();
    lab.settings.shadowed = vec![Shadow {
        client,
        uid: 1000,
        by: "others".into(),
    }];
    let homes = [
        (ann(), found(vec![bad.clone()])),
        (bob(), found(vec![bad.clone()])),
    ];
    let outcome = lab.pass(&homes, &denied(&[&bad]));
    assert_eq!(
        states(&outcome.effects),
        [EffectState::Shadowed, EffectState::Verified]
    );
    Ok(())
}

#[test]
fn the_organisations_copilot_settings_are_merged_and_restored() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let bad = located("copilot-cli", "bad");
    let file = "etc/github-copilot/managed-settings.json";
    let theirs = "{\n  // ours\n  \"deniedMcpServers\": [\n    {\"serverName\": \"x\"}\n  ],\n  \"telemetry\": false\n}\n";
    lab.put(file, theirs)?;
    let before = lab.tree();
    let outcome = lab.anns(&[&bad], &denied(&[&bad]));
    assert_eq!(
        lab.read(file),
        theirs.replace(
            "\"x\"}",
            "\"x\"},\n    {\"serverCommand\":[\"npx\",\"-y\",\"pkg-bad\"]}"
        )
    );
    assert_eq!(states(&outcome.effects), [EffectState::Verified]);
    // They write it meanwhile: only our part goes.
    let changed = lab.read(file).replace("false", "true");
    lab.put(file, &changed)?;
    let undone = undo_machine(&places(lab.root.path()));
    assert_eq!(undone.changed.len(), 1);
    assert_eq!(lab.read(file), theirs.replace("false", "true"));
    lab.put(file, theirs)?;
    lab.anns(&[&bad], &denied(&[&bad]));
    drop(undo_machine(&places(lab.root.path())));
    let mut after = lab.tree();
    after.retain(|path, _| !path.starts_with(lab.root.path().join("var")));
    assert_eq!(after, before);
    Ok(())
}
