//! Attribution on a made-up machine, and on real processes of this one.

mod made_up;
mod real;

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use anyhow::Result;

use super::*;

/// A root folder with a `/proc` of our own. Its processes see this machine's root, so paths in it are
/// real ones.
struct Machine {
    dir: tempfile::TempDir,
}

/// A process in it.
struct Spec<'a> {
    pid: u32,
    parent: u32,
    start: u64,
    executable: &'a str,
    command: &'a [&'a str],
}

impl Machine {
    fn new() -> Result<Self> {
        let machine = Self {
            dir: tempfile::tempdir()?,
        };
        machine.write(
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n",
        )?;
        fs::create_dir_all(machine.path("home/ann"))?;
        Ok(machine)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn text(&self, path: &str) -> String {
        self.path(path).to_string_lossy().into_owned()
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.path(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, text)?)
    }

    fn run(&self, spec: &Spec<'_>) -> Result<()> {
        let folder = format!("proc/{}", spec.pid);
        let tail = "1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0";
        let stat = format!(
            "{} (claude) S {} {tail} {} 1 1",
            spec.pid, spec.parent, spec.start
        );
        self.write(&format!("{folder}/stat"), &stat)?;
        self.write(
            &format!("{folder}/status"),
            "Name:\tclaude\nUid:\t1000\t0\t0\t0\n",
        )?;
        self.write(
            &format!("{folder}/cgroup"),
            "0::/user.slice/session-3.scope\n",
        )?;
        self.write(
            &format!("{folder}/cmdline"),
            &(spec.command.join("\0") + "\0"),
        )?;
        if !self.path(spec.executable).exists() {
            self.write(spec.executable, "ELF")?;
        }
        let folder = self.path(&folder);
        for (link, target) in [
            ("exe", self.path(spec.executable)),
            ("cwd", self.path("home/ann")),
            ("root", "/".into()),
        ] {
            if folder.join(link).symlink_metadata().is_ok() {
                fs::remove_file(folder.join(link))?;
            }
            symlink(target, folder.join(link))?;
        }
        Ok(())
    }

    fn one(&self, executable: &str, command: &[&str]) -> Result<Arc<Process>> {
        self.run(&Spec {
            pid: 42,
            parent: 0,
            start: 7,
            executable,
            command,
        })?;
        running(&Proc::at(self.dir.path()), 42)
    }
}

fn running(proc: &Proc, pid: u32) -> Result<Arc<Process>> {
    match proc.attribute(Seen::pid(pid)) {
        Attribution::Running(process) => Ok(process),
        Attribution::Gone(gone) => anyhow::bail!("{gone:?}"),
    }
}
