//! Whose variables count: those of the shell that asked, also where `sudo` stands between.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use tidegate_trust::root_variables;

/// More generations than any terminal has.
const MOST_PARENTS: usize = 16;
/// Far above what shells have.
const LARGEST: u64 = 1024 * 1024;

/// Whether a variable tells a client of its roots. Nothing else is handed on: the doctor runs as root, and
/// others (`LD_PRELOAD`, `NODE_OPTIONS`) would let a user run code as root, or turn verification off.
fn counts(name: &str) -> bool {
    root_variables().any(|known| known == name)
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Caller {
    /// For people.
    pub(crate) whose: String,
    pub(crate) variables: BTreeMap<String, String>,
}

impl Caller {
    /// This process's parent, or the shell that called `sudo`, which cleans the environment.
    pub(crate) fn find() -> Self {
        let sudo = std::env::var("SUDO_UID").ok();
        let uid = sudo.and_then(|uid| uid.parse().ok());
        if let Some(uid) = uid.filter(|_| nix::unistd::geteuid().is_root())
            && let Some(caller) = Self::behind_sudo(Path::new("/proc"), std::process::id(), uid)
        {
            return caller;
        }
        let own = root_variables().filter_map(|name| {
            let value = std::env::var(name).ok()?;
            Some((name.to_owned(), value))
        });
        Self {
            whose: "this shell".into(),
            variables: own.collect(),
        }
    }

    /// The nearest ancestor of `pid` that is the user's own. What it exported since it started is not seen.
    fn behind_sudo(proc: &Path, pid: u32, uid: u32) -> Option<Self> {
        let mut pid = pid;
        for _ in 0..MOST_PARENTS {
            let status = fs::read_to_string(proc.join(format!("{pid}/status"))).ok()?;
            if number(&status, "Uid:")? == uid && !status.starts_with("Name:\tsudo\n") {
                let variables = environment(proc, pid)?;
                let wanted = |(name, _): &(String, String)| counts(name);
                return Some(Self {
                    whose: format!("the shell that called sudo (process {pid})"),
                    variables: variables.into_iter().filter(wanted).collect(),
                });
            }
            pid = number(&status, "PPid:")?;
        }
        None
    }
}

fn number(status: &str, field: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// The variables that a process was started with (`/proc/PID/environ`, proc(5)).
pub(crate) fn environment(proc: &Path, pid: u32) -> Option<Vec<(String, String)>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(proc.join(format!("{pid}/environ"))).ok()?;
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    let pairs = bytes.split(|&byte| byte == 0);
    let pair = |pair: &[u8]| {
        let text = String::from_utf8_lossy(pair);
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    Some(pairs.filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(proc: &Path, pid: u32, parent: u32, name: &str, uid: u32) -> std::io::Result<()> {
        let folder = proc.join(pid.to_string());
        fs::create_dir_all(&folder)?;
        let status = format!("Name:\t{name}\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n");
        fs::write(folder.join("status"), status)?;
        fs::write(
            folder.join("environ"),
            format!("A={name}\0SSL_CERT_FILE=/{name}\0LD_PRELOAD=/evil\0"),
        )
    }

    #[test]
    fn behind_sudo_is_the_shell_that_called_it() -> anyhow::Result<()> {
        let proc = tempfile::tempdir()?;
        process(proc.path(), 9, 8, "tidegate-edge", 0)?;
        process(proc.path(), 8, 7, "sudo", 0)?;
        process(proc.path(), 7, 6, "sudo", 1000)?;
        process(proc.path(), 6, 1, "bash", 1000)?;
        let caller = Caller::behind_sudo(proc.path(), 9, 1000);
        let caller = caller.ok_or_else(|| anyhow::anyhow!("nobody"))?;
        assert!(caller.whose.contains("process 6"));
        let one = BTreeMap::from([("SSL_CERT_FILE".to_owned(), "/bash".to_owned())]);
        assert_eq!(caller.variables, one, "and nothing that could run code");
        assert_eq!(Caller::behind_sudo(proc.path(), 9, 1001), None);
        Ok(())
    }
}
