//! `tidegate-edge uninstall`: the machine as it was before the agent. Its package and its configuration
//! are whose they are: the package manager's and management's.

use std::{
    fs, io,
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use tidegate_trust::{Report, Root, System, Trust};

use super::{say, trust::needs_root};
use crate::{
    backend,
    config::Config,
    fleet::{pass, pin::Pin},
    state::State,
};

/// Where it is kept what the trust stores were like.
const RECORDS: &str = "/var/lib/tidegate-edge-trust";

pub(super) fn uninstall(config: &Config, keep_state: bool) -> anyhow::Result<ExitCode> {
    needs_root("uninstalling")?;
    let dir = &config.agent.state;
    // A running agent would go on redirecting, to clients that trust it no more.
    let only = if dir.is_dir() {
        let lock = State::open(dir)?.lock();
        Some(lock.context("stop it first: systemctl disable --now tidegate-edge")?)
    } else {
        None
    };
    let removed = backend::detach(Some(config))?;
    let mut said = vec![match removed {
        0 => "redirection: nothing was pinned".to_owned(),
        _ => format!("redirection: {removed} kernel programs were taken away"),
    }];
    let report = Trust::new(Root::system(), System).uninstall()?;
    said.push(trust_said(&report));
    if !report.is_fine() {
        said.push(format!(
            "{RECORDS} stays: it holds what the stores were like before; repair what is named, then run \
             this again"
        ));
        say(&said.join("\n"));
        return Ok(ExitCode::FAILURE);
    }
    let clients = clients(&config.agent.rules(), &Pin::beside(dir))?;
    said.extend(clients.iter().map(|problem| format!("clients: {problem}")));
    if !clients.is_empty() {
        said.push(
            "what was changed in clients' files is kept: repair what is named, then run this again"
                .into(),
        );
        say(&said.join("\n"));
        return Ok(ExitCode::FAILURE);
    }
    said.push("clients: their files are as they were".into());
    said.push(socket(&config.agent.socket)?);
    said.push(if keep_state {
        format!("state: {} is kept", dir.display())
    } else {
        state(dir)?
    });
    drop(only);
    say(&said.join("\n"));
    Ok(ExitCode::SUCCESS)
}

/// Takes back what was changed in clients' files; what did not work.
fn clients(rules: &Path, pin: &Pin) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(pass::undo(&pass::here()));
    gone(rules, fs::remove_file)?;
    if done.problems.is_empty() {
        pin.forget()?;
    }
    Ok(done.problems)
}

fn trust_said(report: &Report) -> String {
    if report.stores.is_empty() {
        return "trust: nothing of ours was in any store".into();
    }
    format!("trust:\n{report}").trim_end().to_owned()
}

/// Removes the state. Files of others in the folder stay, and so does the folder then.
fn state(dir: &Path) -> anyhow::Result<String> {
    if !dir.is_dir() {
        return Ok("state: there was none".into());
    }
    State::open(dir)?.forget()?;
    // Of agents that locked a file and not the folder.
    gone(&dir.join("lock"), fs::remove_file)?;
    Ok(if folder_gone(dir)? {
        format!("state: {} is removed", dir.display())
    } else {
        format!(
            "state: removed; {} holds other files, and stays",
            dir.display()
        )
    })
}

/// Removes the control socket that a killed agent leaves.
fn socket(path: &Path) -> anyhow::Result<String> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => gone(path, fs::remove_file)?,
        Ok(_) => bail!("{} is no socket, and was left alone", path.display()),
        Err(_) => {}
    }
    if let Some(folder) = path.parent()
        && folder
            .file_name()
            .is_some_and(|name| name == "tidegate-edge")
    {
        folder_gone(folder)?;
    }
    Ok(format!("socket: {} is gone", path.display()))
}

fn gone(path: &Path, remove: impl Fn(PathBuf) -> io::Result<()>) -> anyhow::Result<()> {
    match remove(path.to_owned()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

/// Removes a folder that is empty; whether it is gone.
fn folder_gone(path: &Path) -> anyhow::Result<bool> {
    match fs::remove_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{} cannot be removed", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_goes_and_files_of_others_stay() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let dir = root.path().join("edge");
        let lock = State::open(&dir)?.lock()?;
        for name in ["device.json", "device.key", "leaf.key.new"] {
            fs::write(dir.join(name), "x")?;
        }
        fs::write(dir.join("theirs"), "x")?;
        let said = state(&dir)?;
        assert!(said.contains("stays"), "{said}");
        let left: Vec<_> = fs::read_dir(&dir)?.flatten().collect();
        assert_eq!(left.len(), 1);
        fs::remove_file(dir.join("theirs"))?;
        assert!(state(&dir)?.contains("is removed") && !dir.exists());
        drop(lock);
        assert_eq!(state(&dir)?, "state: there was none");
        Ok(())
    }

    #[test]
    fn only_a_socket_is_taken_for_one() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let folder = root.path().join("tidegate-edge");
        fs::create_dir(&folder)?;
        let path = folder.join("control.sock");
        fs::write(&path, "theirs")?;
        assert!(socket(&path).is_err() && path.exists());
        fs::remove_file(&path)?;
        drop(std::os::unix::net::UnixListener::bind(&path)?);
        socket(&path)?;
        assert!(!folder.exists());
        socket(&path)?;
        Ok(())
    }
}
