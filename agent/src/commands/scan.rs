//! `tidegate-edge scan`: which AI apps and MCP servers are here. It reads what they leave on disk, runs
//! none of them, tells nobody, and needs neither the agent nor a configuration.

mod report;

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use clap::Args;
use nix::unistd::{Uid, User, getgid, getuid};
use tidegate_device_api::Inventory;
use tidegate_discovery::{Home, Places, inventory, scan_home, scan_machine};

use super::say;
use crate::fleet::{Purpose, pass};

/// What to show, and of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct ScanOptions {
    /// As JSON: the inventory that an enrolled device tells its gateway
    #[arg(long)]
    json: bool,
    /// Everybody's home, each looked at by a process of its own as its user (as root)
    #[arg(long)]
    all_homes: bool,
    /// Also every place that was looked at
    #[arg(long)]
    coverage: bool,
}

pub(super) fn scan(options: ScanOptions) -> anyhow::Result<ExitCode> {
    let (inventory, problems) = if options.all_homes {
        everybody()?
    } else {
        (own(&pass::here(), &caller()?), Vec::new())
    };
    say(&if options.json {
        serde_json::to_string_pretty(&inventory)?
    } else {
        report::text(&inventory, options.coverage)
    });
    for problem in &problems {
        warn(problem);
    }
    if getuid().is_root() && !options.all_homes && !options.json {
        warn("this is root's home and the machine; --all-homes looks into everybody's");
    }
    Ok(if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One's own home needs no child: what is in it can lead this process to nothing that is not one's own.
fn own(places: &Places, home: &Home) -> Inventory {
    let machine = (None, scan_machine(places));
    let person = (Some(home.user.clone()), scan_home(places, home));
    inventory(&[machine, person]).inventory
}

fn everybody() -> anyhow::Result<(Inventory, Vec<String>)> {
    ensure!(
        getuid().is_root(),
        "--all-homes takes root: each home is looked at as its user"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let places = pass::here();
    let answer = runtime.block_on(pass::machine(
        &places,
        Purpose::Scan,
        pass::Wanted::default(),
    ))?;
    Ok((answer.done.inventory, answer.done.problems))
}

/// Who called. `HOME` counts where it is the caller's own: under `sudo` it may be somebody else's.
fn caller() -> anyhow::Result<Home> {
    let uid = getuid();
    let user = User::from_uid(uid).ok().flatten();
    let variable = std::env::var_os("HOME").map(PathBuf::from);
    let named = variable.filter(|path| is_own(path, uid));
    let path = named.or_else(|| user.as_ref().map(|user| user.dir.clone()));
    Ok(Home {
        user: user.map_or_else(|| uid.to_string(), |user| user.name),
        uid: uid.as_raw(),
        gid: getgid().as_raw(),
        path: path.context("there is no home: HOME is not set, and the user is not known")?,
    })
}

fn is_own(path: &Path, uid: Uid) -> bool {
    path.is_absolute()
        && path
            .metadata()
            .is_ok_and(|found| found.is_dir() && found.uid() == uid.as_raw())
}

#[expect(clippy::print_stderr, reason = "what the person should know besides")]
fn warn(text: &str) {
    eprintln!("tidegate-edge: {}", report::clean(text));
}

#[cfg(test)]
mod tests;
