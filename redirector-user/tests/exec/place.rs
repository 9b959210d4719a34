//! A folder with programs in it, and a guard.

use std::{
    fs, io,
    io::Write,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tidegate_redirector_user::exec::{DeniedFile, ExecGuard, Refused};
use tokio::sync::mpsc::Receiver;

/// Nobody that a machine knows.
pub(crate) const NOBODY: u32 = 65534;
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) guard: ExecGuard,
    refused: Receiver<Refused>,
}

/// Runs a test in a place; skips it, loudly, where that is impossible.
pub(crate) fn with_guard(test: impl FnOnce(Place) -> Result<()>) {
    match ExecGuard::open() {
        Ok((guard, refused)) => {
            let folder = tempfile::tempdir().expect("a folder");
            open_to_all(folder.path()).expect("its mode");
            let place = Place {
                folder,
                guard,
                refused,
            };
            test(place).expect("the test");
        }
        // Past the test runner, which keeps what a passing test prints.
        Err(error) => drop(writeln!(io::stderr(), "SKIPPED: {error}")),
    }
}

pub(crate) fn open_to_all(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

impl Place {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that does nothing, a file of its own.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        self.copy("true", name)
    }

    /// A copy of a program of this machine.
    pub(crate) fn copy(&self, of: &str, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        let source = std::env::var_os("PATH")
            .and_then(|all| {
                std::env::split_paths(&all)
                    .map(|dir| dir.join(of))
                    .find(|file| file.is_file())
            })
            .with_context(|| format!("no {of} on this machine"))?;
        fs::copy(source, &path)?;
        open_to_all(&path)?;
        Ok(path)
    }

    pub(crate) fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text)?;
        open_to_all(&path)?;
        Ok(path)
    }

    /// Denies these and no others.
    pub(crate) fn deny(&mut self, files: &[DeniedFile]) -> Result<()> {
        for (path, outcome) in self.guard.set(files) {
            outcome.with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// The next refusal that was told.
    pub(crate) fn told(&mut self) -> Result<Refused> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        runtime.block_on(async {
            tokio::time::timeout(PATIENCE, self.refused.recv())
                .await
                .context("nothing is told")?
                .context("the guard is gone")
        })
    }

    pub(crate) fn nothing_told(&mut self) -> bool {
        self.refused.try_recv().is_err()
    }
}

pub(crate) fn native(path: &Path) -> DeniedFile {
    DeniedFile {
        path: path.to_owned(),
        app: "claude-code".parse().expect("an app"),
        script: false,
    }
}

pub(crate) fn script(path: &Path) -> DeniedFile {
    DeniedFile {
        script: true,
        ..native(path)
    }
}

/// Whether a program starts; every other failure but a refusal is an error.
pub(crate) fn starts(command: &mut Command) -> Result<bool> {
    let begun = Instant::now();
    loop {
        match command.status() {
            Ok(status) => {
                ensure!(status.success(), "{command:?}: {status}");
                return Ok(true);
            }
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => return Ok(false),
            // Another test's child, which has not become its program yet, still has the file open that was written.
            Err(error)
                if error.kind() == io::ErrorKind::ExecutableFileBusy
                    && begun.elapsed() < PATIENCE =>
            {
                std::thread::yield_now();
            }
            Err(error) => return Err(error).with_context(|| format!("{command:?}")),
        }
    }
}

/// As somebody else.
pub(crate) fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.uid(NOBODY).gid(NOBODY);
    command
}
