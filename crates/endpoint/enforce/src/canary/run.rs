//! The canary that runs a real client: foreign code, so it runs as nobody, in a home of its own that is empty,
//! without a network, for a few seconds; and only where nobody but root can have changed the program.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};

use super::{Canary, CanaryError, Client};

/// Longer than any client takes to list no servers on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(20);
/// What of its words is read, in bytes.
const SAID: u64 = 4 << 10;
/// For words that are under way when it ends.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What of its words is told, in characters.
const WORDS: usize = 200;
/// Where interpreters are looked for: folders of root's.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs clients that were found on the machine.
#[derive(Debug)]
pub struct Runner {
    /// Where each client's program is; one that is not here is not tried.
    pub programs: HashMap<Client, PathBuf>,
    /// A folder that only root writes, or only this user: the home is made in it, and goes afterwards.
    pub scratch: PathBuf,
    /// Whom root makes of itself, such as `nobody`, user and group; none where this process is nobody already, and
    /// has no network.
    pub becomes: Option<(u32, u32)>,
    /// The programs that put it into namespaces of its own (`unshare` and `setpriv` of util-linux) and last in line
    /// (`nice`).
    pub tools: PathBuf,
}

impl Canary for Runner {
    fn run(&self, client: Client) -> Result<(), CanaryError> {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let (Some(program), Some((_, words))) = (self.programs.get(&client), client.command())
        else {
            return Ok(());
        };
        if !is_roots(program) {
            let why = format!("{}: others than root may change it", program.display());
            return Err(CanaryError::Untried(io::Error::other(why)));
        }
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let home = self
            .scratch
            .join(format!("canary-{}-{run}", std::process::id()));
        // A run that was killed may have left one.
        drop(fs::remove_dir_all(&home));
        fs::DirBuilder::new().mode(0o700).create(&home)?;
        let owner = self
            .becomes
            .map_or(Ok(()), |(uid, gid)| chown(&home, Some(uid), Some(gid)));
        let result = owner
            .and_then(|()| self.command(program, words, &home).spawn())
            .and_then(wait);
        drop(fs::remove_dir_all(&home));
        match result? {
            Some((status, _)) if status.success() => Ok(()),
            Some((status, words)) if words.is_empty() => {
                Err(CanaryError::Refused(status.to_string()))
            }
            Some((status, words)) => Err(CanaryError::Refused(format!("{status}: {words}"))),
            // A machine that is busy is no client that refuses.
            None => Err(CanaryError::Untried(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl Runner {
    fn command(&self, program: &Path, words: &[&str], home: &Path) -> Command {
        let mut command = match self.becomes {
            None => Command::new(program),
            Some((uid, gid)) => self.nobody(uid, gid, program),
        };
        command.args(words);
        command.env_clear().env("PATH", PATH).env("HOME", home);
        command.current_dir(home);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Root starts it as nobody, without a network.
    fn nobody(&self, uid: u32, gid: u32, program: &Path) -> Command {
        let mut command = Command::new(self.tools.join("unshare"));
        // All it starts dies with it: it is the first process of its own process namespace.
        command.args([
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--",
        ]);
        command.arg(self.tools.join("setpriv"));
        command.args([format!("--reuid={uid}"), format!("--regid={gid}")]);
        command.args([
            "--clear-groups",
            "--no-new-privs",
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--",
        ]);
        // Nobody waits for it, and people are at work.
        command.arg(self.tools.join("nice")).args(["-n", "19"]);
        command.arg(program);
        command
    }
}

/// The first words of what a client says. They are read beside it, and to the end: it must not wait for a reader,
/// and what it may have left running can keep this open after it.
fn words(mut said: impl io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, words) = mpsc::channel();
    std::thread::spawn(move || {
        let mut first = Vec::new();
        drop(said.by_ref().take(SAID).read_to_end(&mut first));
        drop(tell.send(plain(&String::from_utf8_lossy(&first))));
        drop(io::copy(&mut said, &mut io::sink()));
    });
    words
}

/// On one line, and short: for whoever reads of the failure.
fn plain(text: &str) -> String {
    let plain = text.replace(|one: char| one.is_control(), " ");
    let words: Vec<_> = plain.split_whitespace().collect();
    words.join(" ").chars().take(WORDS).collect()
}

/// Whether nobody but root can have changed a program: neither itself, nor what is on its way.
#[must_use]
pub fn is_roots(program: &Path) -> bool {
    let Ok(path) = fs::canonicalize(program) else {
        return false;
    };
    let only_root = |path: &Path| {
        fs::symlink_metadata(path).is_ok_and(|meta| meta.uid() == 0 && meta.mode() & 0o022 == 0)
    };
    let runs = fs::metadata(&path)
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    runs && path.ancestors().all(only_root)
}

/// Its end, and what it said of it, or none when it did not come in time: then it was ended.
fn wait(mut child: Child) -> io::Result<Option<(ExitStatus, String)>> {
    let pid = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let (done, ended) = mpsc::channel();
    let words = child.stderr.take().map(words);
    let waiter = std::thread::spawn(move || {
        // Nobody listens any more when the limit has passed.
        drop(done.send(child.wait()));
    });
    let result = match ended.recv_timeout(LIMIT) {
        Ok(status) => status.map(|status| {
            let words = words.and_then(|words| words.recv_timeout(LAST_WORDS).ok());
            Some((status, words.unwrap_or_default()))
        }),
        Err(_) => {
            // Nobody has told of its end, so but for an instant its number is still its own.
            signal::kill(pid, signal::Signal::SIGKILL).map_err(io::Error::from)?;
            Ok(None)
        }
    };
    drop(waiter.join());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_others_may_change_is_not_run() -> anyhow::Result<()> {
        assert!(is_roots(Path::new("/bin/true")));
        assert!(!is_roots(Path::new("/nowhere")));
        assert!(!is_roots(Path::new("/etc/passwd")), "it is no program");
        let folder = tempfile::tempdir()?;
        let program = folder.path().join("codex");
        let ran = folder.path().join("ran");
        fs::write(&program, format!("#!/bin/sh\n: > {}\n", ran.display()))?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        // Whoever runs this, the folders of temporary files are everybody's.
        let runner = Runner {
            programs: HashMap::from([(Client::Codex, program)]),
            scratch: folder.path().to_owned(),
            becomes: None,
            tools: "/usr/bin".into(),
        };
        assert!(matches!(
            runner.run(Client::Codex),
            Err(CanaryError::Untried(_))
        ));
        assert!(!ran.exists());
        Ok(())
    }

    #[test]
    fn a_clients_end_says_whether_it_refuses() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let with = |program: &str| Runner {
            programs: HashMap::from([(Client::Codex, program.into())]),
            scratch: folder.path().to_owned(),
            becomes: None,
            tools: "/usr/bin".into(),
        };
        assert!(with("/bin/true").run(Client::Codex).is_ok());
        assert!(with("/bin/true").run(Client::OpenCode).is_ok(), "not here");
        assert!(matches!(
            with("/bin/false").run(Client::Codex),
            Err(CanaryError::Refused(why)) if why.contains('1')
        ));
        // One that names a folder which is not there, and says so.
        let said = plain("\u{1b}[31mcannot access\n\t'mcp': none\n");
        assert_eq!(said, "[31mcannot access 'mcp': none");
        assert!(matches!(
            with("/bin/ls").run(Client::Codex),
            Err(CanaryError::Refused(why)) if why.contains("2: ") && why.contains("mcp")
        ));
        assert_eq!(fs::read_dir(folder.path())?.count(), 0, "no home is left");
        Ok(())
    }
}
