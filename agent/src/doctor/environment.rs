//! The variables that `trust install` wrote, against those of the shell that asks and of apps that run:
//! none of them learns of a variable while it runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use tidegate_trust::Ca;

use super::{
    caller::{Caller, environment},
    report::Check,
};

/// What `trust install` writes for sessions (environment.d(5)).
const INSTALLED: &str = "etc/environment.d/60-tidegate.conf";
/// Apps that read their roots from a variable, by their program's or process's name.
const APPS: &[&str] = &[
    "node", "claude", "codex", "gemini", "opencode", "cursor", "code",
];
/// The variable that tells whether an app was started since.
const MARK: &str = "NODE_EXTRA_CA_CERTS";
const SHELL: &str = "environment";
const RUNNING: &str = "running apps";

/// The variables that are installed; none where `trust install` was not run.
pub(crate) fn installed(root: &Path) -> Option<BTreeMap<String, String>> {
    let text = fs::read_to_string(root.join(INSTALLED)).ok()?;
    let pair = |line: &str| {
        let (name, rest) = line.split_once("=${")?;
        let (_, value) = rest.strip_suffix('}')?.split_once(":-")?;
        Some((name.to_owned(), value.to_owned()))
    };
    Some(text.lines().filter_map(pair).collect())
}

/// The caller's variables against the installed ones.
pub(crate) fn shell(
    caller: &Caller,
    installed: &BTreeMap<String, String>,
    ca: Option<&Ca>,
) -> Check {
    let (mut missing, mut foreign) = (Vec::new(), Vec::new());
    for (name, value) in installed {
        match caller.variables.get(name) {
            None => missing.push(name.as_str()),
            Some(own) if own != value && !fits(name, own, ca) => {
                foreign.push(format!("{name} ({own})"));
            }
            Some(_) => {}
        }
    }
    let whose = &caller.whose;
    if !foreign.is_empty() {
        return Check::problem(
            SHELL,
            format!("{whose} names roots without our CA: {}", foreign.join(", ")),
            "unset them where they are set, or add the CA to those files",
        );
    }
    if !missing.is_empty() {
        return Check::problem(
            SHELL,
            format!("{whose} does not have {}", missing.join(", ")),
            "restart your shell: log out and in",
        );
    }
    Check::fine(
        SHELL,
        format!("{whose} has all {} variables", installed.len()),
    )
}

/// Whether a value that is not ours does as well: a file that holds our CA, or no file at all.
fn fits(name: &str, value: &str, ca: Option<&Ca>) -> bool {
    let file = name != "DENO_TLS_CA_STORE";
    !file || ca.is_some_and(|ca| holds(Path::new(value), ca))
}

/// Whether a bundle holds our CA.
pub(crate) fn holds(path: &Path, ca: &Ca) -> bool {
    fs::read_to_string(path).is_ok_and(|text| ca.is_in(&text))
}

/// Apps that run without the variables: they were started before them. Others' processes are seen by root
/// only.
pub(crate) fn running(proc: &Path) -> Check {
    let mut stale: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for entry in fs::read_dir(proc).into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Some(app) = app(&entry.path()) else {
            continue;
        };
        let with = environment(proc, pid)
            .is_none_or(|variables| variables.iter().any(|(name, _)| name == MARK));
        if !with {
            stale.entry(app).or_default().insert(pid);
        }
    }
    if stale.is_empty() {
        return Check::fine(RUNNING, "none was started before the CA was installed");
    }
    let apps = stale.iter().map(|(app, pids)| {
        let pids: Vec<_> = pids.iter().take(4).map(u32::to_string).collect();
        format!("{app} (process {})", pids.join(", "))
    });
    let apps: Vec<_> = apps.collect();
    Check::problem(
        RUNNING,
        format!("without the variables: {}", apps.join("; ")),
        "restart them from a new session",
    )
}

/// Which of the apps a process is.
fn app(folder: &Path) -> Option<&'static str> {
    let program = fs::read_link(folder.join("exe")).ok();
    let program = program.as_ref().and_then(|path| path.file_name()?.to_str());
    let name = fs::read_to_string(folder.join("comm")).ok();
    let is = |app: &&&str| {
        program == Some(**app) || name.as_deref().is_some_and(|name| name.trim() == **app)
    };
    APPS.iter().find(is).copied()
}

#[cfg(test)]
mod tests;
