//! `tidegate-edge notify`, started as another user, on that user's bus.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

#[path = "../../../crates/endpoint/notice/tests/desktop/bus.rs"]
mod bus;
#[path = "../../../crates/endpoint/notice/tests/desktop/server.rs"]
mod server;

use std::{
    fs,
    num::NonZeroU32,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    time::Duration,
};

use anyhow::Context;
use bus::PrivateBus;
use server::Server;
use tidegate_notice::{Child, Deliver, Notice, Notifier};

const BINARY: &str = env!("CARGO_BIN_EXE_tidegate-edge");
/// Somebody who is not us.
const NOBODY: u32 = 65_534;
const HANGS: Duration = Duration::from_secs(60);

fn notice() -> Notice {
    Notice {
        app: "claude-code".parse().unwrap(),
        server: None,
        reason: Some("not reviewed".into()),
        ask: Some("Ask.".into()),
        granted: None,
    }
}

/// Whom a notice can be shown to: root can be somebody else, others only themselves.
fn person() -> u32 {
    let me = nix::unistd::geteuid();
    if me.is_root() { NOBODY } else { me.as_raw() }
}

/// A folder like `/run/user`, in which this person is logged in.
fn logged_in(uid: u32) -> anyhow::Result<(tempfile::TempDir, std::path::PathBuf)> {
    let run = tempfile::tempdir()?;
    fs::set_permissions(run.path(), fs::Permissions::from_mode(0o755))?;
    let own = run.path().join(uid.to_string());
    fs::create_dir(&own)?;
    chown(&own, Some(uid), None)?;
    Ok((run, own.join("bus")))
}

/// The binary where everyone may run it; the folder that it is built in may be closed to others. Another process
/// copies it: what this one writes is inherited, for a moment, by any child that another test starts then, and a
/// program that somebody has open for writing cannot be run (`ETXTBSY`).
fn child(run_user: &Path) -> anyhow::Result<Child> {
    let copy = run_user.join("tidegate-edge");
    let copied = std::process::Command::new("cp")
        .arg(BINARY)
        .arg(&copy)
        .status()?;
    anyhow::ensure!(copied.success(), "cp: {copied}");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
    Ok(Child::new(&copy, &["notify"]).with_sessions(run_user))
}

#[tokio::test]
async fn the_person_sees_it_and_it_came_from_themselves() -> anyhow::Result<()> {
    let uid = person();
    let (run, socket) = logged_in(uid)?;
    let child = child(run.path())?;
    let bus = PrivateBus::at(&socket, run)?;
    let mut server = Server::start(bus.socket(), &["body", "body-markup"]).await?;
    let notifier = Notifier::start(child.clone());
    assert!(notifier.notify(uid, notice()));
    let shown = tokio::time::timeout(HANGS, server.next()).await?;
    let shown = shown.context("shown")?;
    assert_eq!(shown.uid, uid);
    assert_eq!(shown.summary, "claude-code was blocked");
    assert!(
        shown.body.ends_with("Reason: not reviewed\nAsk."),
        "{}",
        shown.body
    );
    let id = child.deliver(uid, &notice(), NonZeroU32::new(7)).await?;
    assert_eq!(id, NonZeroU32::new(7));
    let replaced = tokio::time::timeout(HANGS, server.next()).await?;
    assert_eq!(replaced.context("shown")?.replaces, 7);
    Ok(())
}

#[tokio::test]
async fn a_desktop_that_is_gone_is_said_by_the_child() -> anyhow::Result<()> {
    let uid = person();
    let (run, socket) = logged_in(uid)?;
    let child = child(run.path())?;
    assert_eq!(child.deliver(uid, &notice(), None).await?, None);
    drop(std::os::unix::net::UnixListener::bind(&socket)?);
    chown(&socket, Some(uid), None)?;
    let error = child.deliver(uid, &notice(), None).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("no bus listens at"), "{text}");
    Ok(())
}
