//! Passes over a home: each client's means, exact undo, hostile files.

mod clients;
mod hostile;
mod random;

use std::{fs, path::Path};

use tidegate_device_api::{EffectState, Means};
use tidegate_discovery::{Format, Located};
use tidegate_policy::{Decision, Document, ToolRules};

use super::{home, undo_home};
use crate::{
    Outcome, RunningClient, Settings,
    machine::fixture::{ann, denied, entered, found, places, policy},
};

/// A home with one file, and a server in it.
struct Lab {
    root: tempfile::TempDir,
    file: std::path::PathBuf,
    text: String,
    server: Located,
}

impl Lab {
    fn new(
        client: &str,
        name: &str,
        format: Format,
        keys: &[&str],
        text: &str,
    ) -> anyhow::Result<Self> {
        let root = tempfile::tempdir()?;
        let file = root.path().join("home/ann").join(name);
        fs::create_dir_all(file.parent().expect("a folder"))?;
        fs::write(&file, text)?;
        let server = entered(client, keys.last().expect("a name"), &file, format, keys);
        Ok(Self {
            root,
            file,
            text: text.to_owned(),
            server,
        })
    }

    fn pass(&self, document: &Document, settings: &Settings) -> Outcome {
        let found = found(vec![self.server.clone()]);
        home(
            &places(self.root.path()),
            &ann(),
            &found,
            document,
            settings,
        )
    }

    fn denied(&self) -> Document {
        denied(&[&self.server])
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.file).unwrap_or_default()
    }

    /// Denied, denied again, approved: the text in between, and the file as it was.
    #[track_caller]
    fn there_and_back(&self, settings: &Settings, ours: &str) -> Outcome {
        let outcome = self.pass(&self.denied(), settings);
        assert_eq!(self.read(), ours);
        assert_eq!(outcome.changed, [&*self.file], "{outcome:?}");
        assert_eq!(outcome.problems, [""; 0]);
        assert_eq!(
            outcome.effects[0].state,
            EffectState::Verified,
            "{outcome:?}"
        );
        let again = self.pass(&self.denied(), settings);
        assert!(again.changed.is_empty());
        assert_eq!(again.effects, outcome.effects);
        let approved = self.pass(&policy(&[(&self.server, Decision::Approved)]), settings);
        assert_eq!(self.read(), self.text);
        assert_eq!(approved.effects[0].decision, Decision::Approved);
        assert_eq!(approved.effects[0].state, EffectState::Verified);
        assert!(
            !self
                .root
                .path()
                .join("home/ann/.local/state/tidegate")
                .exists()
        );
        self.pass(&self.denied(), settings);
        let undone = undo_home(&places(self.root.path()), &ann());
        assert_eq!((self.read(), undone.problems.len()), (self.text.clone(), 0));
        outcome
    }
}

const JSON: &str = "{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"x\"}, // first\n    \"b\": {\"command\": \"npx\", \"args\": [\"-y\", \"pkg-b\"]}\n  }\n}\n";

#[test]
fn a_server_that_was_taken_out_is_remembered_and_told() -> anyhow::Result<()> {
    let lab = Lab::new(
        "cursor",
        ".cursor/mcp.json",
        Format::Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    lab.pass(&lab.denied(), &Settings::default());
    // The next look does not find it; the decision about it still holds.
    let empty = found(Vec::new());
    let at = places(lab.root.path());
    let outcome = home(&at, &ann(), &empty, &lab.denied(), &Settings::default());
    assert!(outcome.changed.is_empty());
    assert_eq!(outcome.effects.len(), 1);
    assert_eq!(outcome.effects[0].means, [Means::ConfigEdit]);
    assert_eq!(outcome.withheld.len(), 1);
    assert!(!outcome.withheld[0].server.enabled);
    assert_eq!(outcome.withheld[0].raw, lab.server.raw);
    // Nobody decides about it any more, and nothing was found: it comes back all the same.
    drop(home(
        &at,
        &ann(),
        &empty,
        &Document::ungoverned(),
        &Settings::default(),
    ));
    assert_eq!(lab.read(), JSON);
    Ok(())
}

#[test]
fn a_client_that_runs_on_has_to_be_started_anew() -> anyhow::Result<()> {
    let lab = Lab::new(
        "cursor",
        ".cursor/mcp.json",
        Format::Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    let running = |uid, started| Settings {
        running: vec![RunningClient {
            client: lab.server.server.client.clone(),
            uid,
            started,
        }],
        ..Settings::default()
    };
    let state = |settings: &Settings| lab.pass(&lab.denied(), settings).effects[0].state;
    assert_eq!(state(&running(1000, 5)), EffectState::PendingRestart);
    assert_eq!(state(&running(1001, 5)), EffectState::Verified);
    assert_eq!(state(&running(1000, u64::MAX)), EffectState::Verified);
    // Its owner writes the file later: that does not make the old process any older than our edit.
    fs::write(&lab.file, lab.read().replace("first", "1st"))?;
    assert_eq!(state(&running(1000, 5)), EffectState::PendingRestart);
    Ok(())
}

#[test]
fn what_takes_the_place_of_a_denied_server_is_judged_by_itself() -> anyhow::Result<()> {
    let at_b = ["mcpServers", "b"];
    for (client, text) in [("cursor", JSON), ("kiro", JSON)] {
        let mut lab = Lab::new(client, "mcp.json", Format::Jsonc, &at_b, text)?;
        let document = lab.denied();
        lab.pass(&document, &Settings::default());
        // A look that passes over it, for whatever reason, changes nothing.
        let at = places(lab.root.path());
        let ours = lab.read();
        let outcome = home(
            &at,
            &ann(),
            &found(Vec::new()),
            &document,
            &Settings::default(),
        );
        assert!(
            outcome.changed.is_empty() && outcome.effects.len() == 1,
            "{client} {outcome:?}"
        );
        assert_eq!(lab.read(), ours);
        // Its owner puts something else there.
        let other = crate::machine::fixture::located(client, "other");
        let theirs = JSON.replace("pkg-b", "pkg-other");
        fs::write(&lab.file, &theirs)?;
        let entry = lab.server.entry.clone();
        lab.server = Located { entry, ..other };
        let outcome = lab.pass(&document, &Settings::default());
        assert_eq!(lab.read(), theirs);
        assert!(
            outcome.effects.is_empty() && outcome.withheld.is_empty(),
            "{outcome:?}"
        );
    }
    Ok(())
}

fn tools() -> ToolRules {
    ToolRules {
        allow: None,
        deny: vec!["rm".into()],
    }
}

fn filtered(server: &Located) -> Document {
    let mut document = policy(&[(server, Decision::Approved)]);
    document.mcp_servers[0].tools = tools();
    document
}

#[track_caller]
fn wraps(lab: &Lab, ours: &str) {
    let document = filtered(&lab.server);
    let outcome = lab.pass(&document, &Settings::default());
    assert_eq!(lab.read(), ours);
    assert_eq!(
        outcome.effects[0].state,
        EffectState::Verified,
        "{outcome:?}"
    );
    assert_eq!(outcome.effects[0].means, [Means::Shim]);
    assert!(lab.pass(&document, &Settings::default()).changed.is_empty());
    lab.pass(&Document::ungoverned(), &Settings::default());
    assert_eq!(lab.read(), lab.text);
}

#[test]
fn the_shim_comes_before_a_server_and_goes() -> anyhow::Result<()> {
    let client = |client, name, format, keys: &[&str], text: &str| {
        Lab::new(client, name, format, keys, text)
    };
    wraps(
        &client(
            "cursor",
            ".cursor/mcp.json",
            Format::Jsonc,
            &["mcpServers", "b"],
            "{\"mcpServers\":{\"b\":{\"command\":\"npx\",\"args\":[\"-y\", \"p\"]}}}",
        )?,
        "{\"mcpServers\":{\"b\":{\"command\":\"/usr/bin/tidegate-edge\",\"args\":[\"mcp-run\",\"--config-of\",\"cursor\",\"--name\",\"b\",\"--\",\"npx\",\"-y\",\"p\"]}}}",
    );
    wraps(
        &client(
            "codex",
            ".codex/config.toml",
            Format::Toml,
            &["mcp_servers", "b"],
            "[mcp_servers.b]\ncommand = 'npx' # c\n",
        )?,
        "[mcp_servers.b]\nargs = [\"mcp-run\", \"--config-of\", \"codex\", \"--name\", \"b\", \"--\", \"npx\"]\ncommand = \"/usr/bin/tidegate-edge\" # c\n",
    );
    wraps(
        &client(
            "opencode",
            ".config/opencode/opencode.json",
            Format::Jsonc,
            &["mcp", "b"],
            "{\"mcp\":{\"b\":{\"command\":[\"npx\"]}}}",
        )?,
        "{\"mcp\":{\"b\":{\"command\":[\"/usr/bin/tidegate-edge\",\"mcp-run\",\"--config-of\",\"opencode\",\"--name\",\"b\",\"--\",\"npx\"]}}}",
    );
    wraps(
        &client(
            "goose",
            ".config/goose/config.yaml",
            Format::Yaml,
            &["extensions", "b"],
            "extensions:\n  b:\n    cmd: npx\n    args: [p]\n",
        )?,
        "extensions:\n  b:\n    cmd: \"/usr/bin/tidegate-edge\"\n    args: [\"mcp-run\",\"--config-of\",\"goose\",\"--name\",\"b\",\"--\",\"npx\",\"p\"]\n",
    );
    Ok(())
}

#[test]
fn what_a_person_changes_behind_the_shim_stays() -> anyhow::Result<()> {
    let lab = Lab::new(
        "cursor",
        ".cursor/mcp.json",
        Format::Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    lab.pass(&filtered(&lab.server), &Settings::default());
    fs::write(
        &lab.file,
        lab.read().replace("\"pkg-b\"", "\"pkg-b\",\"--new\""),
    )?;
    assert!(
        lab.pass(&filtered(&lab.server), &Settings::default())
            .changed
            .is_empty()
    );
    lab.pass(&Document::ungoverned(), &Settings::default());
    let now: serde_json::Value = serde_json::from_str(&lab.read().replace(" // first", ""))?;
    assert_eq!(now["mcpServers"]["b"]["command"], "npx");
    assert_eq!(
        now["mcpServers"]["b"]["args"],
        serde_json::json!(["-y", "pkg-b", "--new"])
    );
    Ok(())
}

#[test]
fn a_shim_whose_record_was_lost_goes_all_the_same() -> anyhow::Result<()> {
    let mut lab = Lab::new(
        "cursor",
        ".cursor/mcp.json",
        Format::Jsonc,
        &["mcpServers", "b"],
        JSON,
    )?;
    lab.pass(&filtered(&lab.server), &Settings::default());
    fs::remove_dir_all(lab.root.path().join("home/ann/.local"))?;
    lab.server.wrapped = true;
    let outcome = lab.pass(&Document::ungoverned(), &Settings::default());
    assert_eq!(outcome.changed, [&*lab.file]);
    assert_eq!(lab.read(), JSON.replace("\"-y\", ", "\"-y\","));
    Ok(())
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
