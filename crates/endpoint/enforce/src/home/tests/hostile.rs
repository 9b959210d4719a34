//! Homes whose owners try things.

use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
};

use tidegate_device_api::EffectState;
use tidegate_discovery::Format::Jsonc;

use super::{JSON, Lab, exists};
use crate::{
    Outcome, Settings,
    machine::fixture::{ann, found, places},
};

fn lab() -> anyhow::Result<Lab> {
    Lab::new(
        "cursor",
        ".cursor/mcp.json",
        Jsonc,
        &["mcpServers", "b"],
        JSON,
    )
}

fn deny(lab: &Lab) -> Outcome {
    lab.pass(&lab.denied(), &Settings::default())
}

fn state(lab: &Lab) -> EffectState {
    deny(lab).effects[0].state
}

#[test]
fn a_link_within_the_home_is_kept_and_its_target_edited() -> anyhow::Result<()> {
    let lab = lab()?;
    let real = lab.root.path().join("home/ann/dotfiles.json");
    fs::rename(&lab.file, &real)?;
    symlink(&real, &lab.file)?;
    assert_eq!(state(&lab), EffectState::Verified);
    assert!(lab.file.symlink_metadata()?.is_symlink());
    assert!(!fs::read_to_string(&real)?.contains("pkg-b"));
    drop(super::undo_home(&places(lab.root.path()), &ann()));
    assert_eq!(fs::read_to_string(&real)?, JSON);
    Ok(())
}

#[test]
fn nothing_outside_the_home_is_touched() -> anyhow::Result<()> {
    let lab = lab()?;
    let outside = lab.root.path().join("outside.json");
    fs::rename(&lab.file, &outside)?;
    symlink(&outside, &lab.file)?;
    assert_eq!(state(&lab), EffectState::Unsupported);
    assert_eq!(fs::read_to_string(&outside)?, JSON);
    fs::remove_file(&lab.file)?;
    symlink(lab.root.path().join("nowhere"), &lab.file)?;
    assert_eq!(state(&lab), EffectState::Unsupported);
    assert!(!exists(&lab.root.path().join("nowhere")));
    Ok(())
}

#[test]
fn pipes_folders_and_garbage_are_failures_and_nothing_hangs() -> anyhow::Result<()> {
    let lab = lab()?;
    fs::remove_file(&lab.file)?;
    nix::unistd::mkfifo(&lab.file, nix::sys::stat::Mode::S_IRWXU)?;
    assert_eq!(state(&lab), EffectState::Failed);
    fs::remove_file(&lab.file)?;
    fs::create_dir(&lab.file)?;
    assert_eq!(state(&lab), EffectState::Failed);
    fs::remove_dir(&lab.file)?;
    for garbage in [
        &b"{\"mcpServers\": {"[..],
        b"\xff\xfe",
        "[".repeat(50_000).as_bytes(),
    ] {
        fs::write(&lab.file, garbage)?;
        let outcome = deny(&lab);
        assert_eq!(outcome.effects[0].state, EffectState::Failed);
        assert_eq!(fs::read(&lab.file)?, garbage);
    }
    let file = fs::File::create(&lab.file)?;
    file.set_len(1 << 30)?;
    assert_eq!(state(&lab), EffectState::Failed);
    assert_eq!(file.metadata()?.len(), 1 << 30);
    Ok(())
}

#[test]
fn a_file_with_two_names_is_left() -> anyhow::Result<()> {
    let lab = lab()?;
    let other = lab.root.path().join("home/ann/other.json");
    fs::hard_link(&lab.file, &other)?;
    assert_eq!(state(&lab), EffectState::Failed);
    assert_eq!(lab.read(), JSON);
    assert_eq!(fs::metadata(&lab.file)?.ino(), fs::metadata(&other)?.ino());
    assert_eq!(
        fs::read_dir(lab.file.parent().expect("a folder"))?.count(),
        1
    );
    Ok(())
}

#[test]
fn a_record_that_was_tampered_with_harms_nobody() -> anyhow::Result<()> {
    let lab = lab()?;
    deny(&lab);
    let records = lab.root.path().join("home/ann/.local/state/tidegate/edits");
    let record = fs::read_dir(&records)?.next().expect("a record")?.path();
    let good = fs::read_to_string(&record)?;
    // About a file elsewhere: it is not obeyed.
    let victim = lab.root.path().join("home/ann/victim");
    fs::write(&victim, "victim")?;
    fs::write(&record, good.replace(".cursor/mcp.json", "victim"))?;
    let outcome = deny(&lab);
    assert!(!outcome.problems.is_empty(), "{outcome:?}");
    assert_eq!(fs::read_to_string(&victim)?, "victim");
    for garbage in ["", "{}", "[", "null"] {
        fs::write(&record, garbage)?;
        assert!(!deny(&lab).problems.is_empty());
    }
    fs::remove_file(&record)?;
    symlink(&victim, &record)?;
    assert!(!deny(&lab).problems.is_empty());
    assert_eq!(fs::read_to_string(&victim)?, "victim");
    Ok(())
}

#[test]
fn one_bad_file_does_not_stop_the_others() -> anyhow::Result<()> {
    let lab = lab()?;
    let bad = lab.root.path().join("home/ann/bad.json");
    fs::write(&bad, "{")?;
    let mut other = lab.server.clone();
    other.entry.as_mut().expect("an entry").file = bad;
    let found = found(vec![other, lab.server.clone()]);
    let at = places(lab.root.path());
    let outcome = super::home(&at, &ann(), &found, &lab.denied(), &Settings::default());
    let states: Vec<_> = outcome.effects.iter().map(|effect| effect.state).collect();
    assert_eq!(states, [EffectState::Failed, EffectState::Verified]);
    Ok(())
}
