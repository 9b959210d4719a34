//! Starting the relay: this program once more, as another user.

use std::{
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::{Child, Command};

use super::Account;

/// Variables that the relay needs: where the system's roots are, and how time is told. All others stay
/// here; they may hold secrets.
const KEPT: &[&str] = &["SSL_CERT_FILE", "SSL_CERT_DIR", "TZ", "RUST_BACKTRACE"];

/// Which program.
#[derive(Debug, Clone)]
pub struct Program(PathBuf);

impl Program {
    /// This one. By what runs, and not by its path: an upgrade may have put another version there.
    #[must_use]
    pub fn myself() -> Self {
        Self("/proc/self/exe".into())
    }

    /// Another one that knows the command `relay`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Starts it with its link as its standard input. It gets no file besides, no environment to speak
    /// of, and no group but its user's: std calls setgroups(2) when root changes the user. Without root
    /// as its user it has no capability either (capabilities(7)). It may outlive this process: it hears by
    /// its link that this one is gone, and takes no more connections.
    pub(super) fn start(&self, account: Option<&Account>, link: OwnedFd) -> io::Result<Child> {
        let mut command = Command::new(&self.0);
        command
            .arg0("tidegate-edge")
            .arg("relay")
            .env_clear()
            .envs(
                KEPT.iter()
                    .filter_map(|&name| Some((name, std::env::var_os(name)?))),
            )
            .current_dir("/")
            .stdin(Stdio::from(link))
            .stdout(Stdio::null());
        if let Some(account) = account {
            command.gid(account.gid).uid(account.uid);
        }
        command.spawn()
    }
}
