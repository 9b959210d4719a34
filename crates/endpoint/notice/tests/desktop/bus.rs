//! A bus of our own, on a socket in a folder of its own.
#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

/// A running dbus-daemon.
#[derive(Debug)]
pub(crate) struct PrivateBus {
    daemon: Child,
    socket: PathBuf,
    dir: TempDir,
}

impl PrivateBus {
    /// Starts one that lets every user in.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let socket = dir.path().join("bus");
        Self::at(&socket, dir)
    }

    /// The same at another place than in its own folder.
    pub(crate) fn at(socket: &Path, dir: TempDir) -> anyhow::Result<Self> {
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755))?;
        let services = dir.path().join("services");
        fs::create_dir(&services)?;
        let config = dir.path().join("bus.conf");
        fs::write(
            &config,
            format!(
                "<busconfig><type>session</type><auth>EXTERNAL</auth>\
                 <listen>unix:path={}</listen><servicedir>{}</servicedir>\
                 <policy context='default'><allow user='*'/><allow own='*'/>\
                 <allow send_destination='*'/><allow receive_sender='*'/></policy></busconfig>",
                socket.display(),
                services.display(),
            ),
        )?;
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon is missing: scripts/setup.sh installs it")?;
        // It says where it listens once it does.
        let mut line = String::new();
        let said = daemon.stdout.take().context("piped")?;
        BufReader::new(said).read_line(&mut line)?;
        let bus = Self {
            daemon,
            socket: socket.to_owned(),
            dir,
        };
        ensure!(line.starts_with("unix:path="), "dbus-daemon: {line:?}");
        Ok(bus)
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Makes a name known that starts a program with the first call.
    pub(crate) fn activatable(&self, name: &str, program: &str) -> anyhow::Result<()> {
        let service = format!("[D-BUS Service]\nName={name}\nExec={program}\n");
        let folder = self.dir.path().join("services");
        Ok(fs::write(folder.join(format!("{name}.service")), service)?)
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}
