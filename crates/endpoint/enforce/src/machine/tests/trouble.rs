//! Folders that others write, files that are broken, and kills.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use tidegate_device_api::{Coverage, EffectState, Looked};
use tidegate_policy::{AppId, Decision, Document};

use super::{
    super::fixture::{ann, denied, found, located},
    Lab, bob, states,
};
use crate::{disk::Step, machine::fixture::places};

#[test]
fn folders_that_others_write_and_broken_files_are_left() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let bad = located("opencode", "bad");
    let folder = lab.root.path().join("etc/opencode");
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777))?;
    let outcome = lab.anns(&[&bad], &denied(&[&bad]));
    assert_eq!(states(&outcome.effects), [EffectState::Failed]);
    assert_eq!(fs::read_dir(&folder)?.count(), 0);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    lab.put("etc/opencode/opencode.json", "{broken")?;
    let outcome = lab.anns(&[&bad], &denied(&[&bad]));
    assert_eq!(states(&outcome.effects), [EffectState::Failed]);
    assert_eq!(lab.read("etc/opencode/opencode.json"), "{broken");
    Ok(())
}

#[test]
fn a_home_that_cannot_be_looked_at_frees_nothing() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let clients = [
        "claude-code",
        "copilot-cli",
        "codex",
        "gemini-cli",
        "opencode",
    ];
    let of =
        |name: &str| -> Vec<_> { clients.iter().map(|client| located(client, name)).collect() };
    let (bad, worse) = (of("bad"), of("worse"));
    let document = denied(&[&bad[0], &worse[0]]);
    let both = [(ann(), found(worse.clone())), (bob(), found(bad.clone()))];
    lab.pass(&both, &document);
    let before = lab.tree();
    // Nobody knows what Bob has now.
    let mut blind = found(Vec::new());
    blind.coverage.push(Coverage {
        user: Some("bob".into()),
        client: AppId::unknown(),
        path: "~".into(),
        looked: Looked::Unreadable,
        detail: None,
    });
    let outcome = lab.pass(
        &[(ann(), found(worse.clone())), (bob(), blind.clone())],
        &document,
    );
    assert!(outcome.problems.is_empty(), "{outcome:?}");
    let text = |tree: &std::collections::BTreeMap<_, Option<String>>| format!("{tree:?}");
    for file in [
        "claude-code/managed-settings.d/50-tidegate.json",
        "github-copilot/managed-settings.json",
        "codex/managed_config.toml",
        "gemini-cli/settings.json",
        "opencode/opencode.json",
    ] {
        let now = lab.read(&format!("etc/{file}"));
        assert!(now.contains("bad") && now.contains("worse"), "{file} {now}");
    }
    assert!(
        lab.pass(
            &[(ann(), found(worse.clone())), (bob(), blind.clone())],
            &document
        )
        .changed
        .is_empty()
    );
    // What somebody else has by right is theirs.
    lab.pass(
        &[(ann(), found(bad)), (bob(), blind)],
        &denied(&[&worse[0]]),
    );
    assert!(
        !text(&lab.tree()).contains("pkg-bad")
            && !lab.read("etc/codex/managed_config.toml").contains("bad")
    );
    lab.pass(&both, &document);
    let mut after = lab.tree();
    after.retain(|path, _| before.contains_key(path));
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
    Ok(())
}

#[test]
fn a_kill_at_any_step_leaves_files_that_clients_can_read() -> anyhow::Result<()> {
    let clients = [
        "claude-code",
        "copilot-cli",
        "codex",
        "gemini-cli",
        "opencode",
    ];
    let servers: Vec<_> = clients
        .iter()
        .map(|client| located(client, "bad"))
        .collect();
    let all: Vec<_> = servers.iter().collect();
    let mut document = denied(&all[..1]);
    document.default_mcp_decision = Decision::Denied;
    let mut step = 0;
    loop {
        let lab = Lab::new()?;
        lab.put("etc/codex/managed_config.toml", "model = \"m\"\n")?;
        lab.put("etc/opencode/opencode.json", "{}")?;
        let before = lab.tree();
        let count = AtomicUsize::new(0);
        let kill = |_: Step, _: &Path| match count.fetch_add(1, Ordering::Relaxed) < step {
            true => Ok(()),
            false => Err(io::Error::other("killed")),
        };
        let homes = [(ann(), found(servers.clone()))];
        let none = found(Vec::new());
        let at = places(lab.root.path());
        drop(super::super::with_hook(
            &at,
            &homes,
            &none,
            &document,
            &lab.settings,
            &kill,
        ));
        for (path, text) in lab.tree() {
            let Some(text) = text.filter(|_| path.starts_with(lab.root.path().join("etc"))) else {
                continue;
            };
            match path.extension().and_then(|end| end.to_str()) {
                Some("json") => drop(serde_json::from_str::<serde_json::Value>(&text)?),
                Some("toml") => drop(text.parse::<toml::Table>()?),
                _ => {}
            }
        }
        let outcome = lab.pass(&homes, &document);
        assert_eq!(
            states(&outcome.effects),
            [EffectState::Verified; 5],
            "{outcome:?}"
        );
        assert!(lab.pass(&homes, &document).changed.is_empty());
        lab.pass(&homes, &Document::ungoverned());
        let mut after = lab.tree();
        after.retain(|path, _| !path.starts_with(lab.root.path().join("var")));
        assert_eq!(after, before, "killed at step {step}");
        if count.into_inner() <= step {
            return Ok(());
        }
        step += 1;
    }
}
