//! What is kept comes back, to its owner only, and nothing else is read.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;

#[test]
fn what_is_kept_comes_back_and_only_its_owner_can_read_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let state = State::open(&dir.path().join("state"))?;
    assert_eq!(state.identity()?, None);
    let identity = Identity {
        device_id: "d".into(),
        relay_url: "https://tide.example.com".into(),
        policy_key: "k".into(),
        knows_machine: true,
    };
    let leaf = LeafFiles {
        certificate: "c".into(),
        key: Secret::new("leaf-secret".into()),
        ca: None,
    };
    let policy = SignedPolicy::new(b"{}", b"s");
    let key = Secret::new("tg-device-secret".to_owned());
    state.enrolled(&identity, &key, "ca", &leaf, &policy)?;
    assert_eq!(state.identity()?, Some(identity));
    assert_eq!(state.device_key()?.expose(), key.expose());
    assert_eq!(state.policy()?, Some(policy));
    let kept = state.leaf()?.context("no leaf")?;
    assert_eq!(kept.key.expose(), leaf.key.expose());
    for entry in fs::read_dir(dir.path().join("state"))? {
        let mode = entry?.metadata()?.permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    state.forget()?;
    assert_eq!(state.identity()?, None);
    Ok(())
}

#[test]
fn links_pipes_and_what_has_no_end_are_not_read() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let state = State::open(dir.path())?;
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("ca.pem"))?;
    assert!(state.ca().is_err());
    nix::unistd::mkfifo(&dir.path().join("leaf.pem"), nix::sys::stat::Mode::S_IRWXU)?;
    assert!(state.leaf().is_err());
    let long = fs::File::create(dir.path().join("device.key"))?;
    long.set_len(10 * LARGEST)?;
    assert_eq!(state.device_key()?.expose().len() as u64, LARGEST);
    Ok(())
}

#[test]
fn what_root_keeps_belongs_to_whose_folder_it_is() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let owner = match nix::unistd::geteuid().is_root() {
        true => 65_534,
        false => nix::unistd::geteuid().as_raw(),
    };
    std::os::unix::fs::chown(dir.path(), Some(owner), None)?;
    State::open(dir.path())?.keep_ca("pem")?;
    assert_eq!(fs::metadata(dir.path().join("ca.pem"))?.uid(), owner);
    Ok(())
}

#[test]
fn one_agent_at_a_time() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let state = State::open(dir.path())?;
    let held = state.lock()?;
    assert!(state.lock().is_err());
    drop(held);
    assert!(state.lock().is_ok());
    Ok(())
}
