//! A machine below a temporary folder, and its tools.

use std::{cell::RefCell, collections::BTreeSet, os::unix::fs::symlink, path::PathBuf};

use super::*;
use crate::{Command, RunError};

pub(super) const POLICIES: &str = "etc/firefox/policies/policies.json";

/// The machine: Debian, a browser's database, Firefox, a JDK of its own.
pub(super) struct Machine {
    pub(super) dir: tempfile::TempDir,
    pub(super) tools: Tools,
}

/// Tools that work on files below the folders that their arguments name.
#[derive(Default)]
pub(super) struct Tools {
    pub(super) missing: BTreeSet<&'static str>,
    /// These fail once, after they did their work.
    pub(super) failing: RefCell<BTreeSet<&'static str>>,
    pub(super) ran: RefCell<Vec<String>>,
}

impl Machine {
    pub(super) fn new() -> Result<Self> {
        let machine = Self {
            dir: in_memory()?,
            tools: Tools::default(),
        };
        let uid = nix::unistd::geteuid();
        let me = format!("me:x:{uid}:{uid}::/home/me:/bin/sh\n");
        machine.write("etc/passwd", &(me + "daemon:x:2:2::/usr/sbin:/bin/false\n"))?;
        machine.write("etc/ca-certificates.conf", "root.crt\n")?;
        machine.write("usr/share/ca-certificates/root.crt", &ca("root"))?;
        machine.write("home/me/.pki/nssdb/cert9.db", "certificates\n")?;
        machine.write("home/me/.pki/nssdb/key4.db", "keys\n")?;
        machine.write("usr/lib/firefox/firefox", "")?;
        machine.write("usr/lib/jvm/own/lib/security/cacerts", "keystore\n")?;
        // One that the system feeds, and another name for the first.
        fs::create_dir_all(machine.path("usr/lib/jvm/fed/lib/security"))?;
        let fed = machine.path("usr/lib/jvm/fed/lib/security/cacerts");
        symlink("/etc/ssl/certs/java/cacerts", fed)?;
        symlink("own", machine.path("usr/lib/jvm/default"))?;
        fs::create_dir_all(machine.path("etc/ssl/certs"))?;
        machine.update()?;
        Ok(machine)
    }

    /// Makes the bundles, as they are on a machine that has been up.
    pub(super) fn update(&self) -> Result<()> {
        let local = self.path("usr/local/share/ca-certificates");
        Tools::update(&self.path("etc/ssl/certs"), &local)
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(super) fn read(&self, path: &str) -> Result<String> {
        Ok(fs::read_to_string(self.path(path))?)
    }

    pub(super) fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.path(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, text)?)
    }

    pub(super) fn trust(&self) -> Trust<&Tools> {
        Trust::new(Root::at(self.dir.path()), &self.tools)
    }

    pub(super) fn tree(&self) -> Result<Vec<String>> {
        tree(self.dir.path())
    }
}

/// Every file is synced to its disk, some thousand times in these tests: memory does that at once.
fn in_memory() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(match memory.is_dir() {
        true => tempfile::tempdir_in(memory)?,
        false => tempfile::tempdir()?,
    })
}

impl Tools {
    /// As Debian's: every root in one file.
    fn update(certs: &Path, local: &Path) -> Result<()> {
        let mut bundle = String::from("# all roots\n");
        let shipped = certs.join("../../../usr/share/ca-certificates");
        for folder in [shipped.as_path(), local] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
            files.sort();
            for file in files {
                bundle.push_str(&fs::read_to_string(file)?);
            }
        }
        Ok(fs::write(certs.join("ca-certificates.crt"), bundle)?)
    }

    /// As `certutil` and `keytool`: a line for each certificate, written in place.
    fn edit(file: &Path, doing: &str, name: &str) -> Result<()> {
        let text = fs::read_to_string(file)?;
        let line = format!("{name}\n");
        match doing {
            "-A" | "-importcert" => {
                anyhow::ensure!(!text.contains(&line), "{name} is there already");
                fs::write(file, text + &line)?;
            }
            "-D" | "-delete" => fs::write(file, text.replace(&line, ""))?,
            _ => anyhow::ensure!(text.contains(&line), "no {name}"),
        }
        Ok(())
    }

    fn work(command: &Command) -> Result<()> {
        let words = command.arguments.iter();
        let words: Vec<String> = words.map(|word| word.to_string_lossy().into()).collect();
        let after = |option: &str| {
            let at = words.iter().position(|word| word == option);
            let value = at.and_then(|at| words.get(at + 1));
            value.cloned().unwrap_or_default()
        };
        match &*command.program.to_string_lossy() {
            "update-ca-certificates" => {
                let local = after("--localcertsdir");
                Self::update(after("--etccertsdir").as_ref(), local.as_ref())
            }
            "certutil" => {
                let folder = after("-d").replacen("sql:", "", 1);
                Self::edit(
                    &Path::new(&folder).join("cert9.db"),
                    &words[0],
                    &after("-n"),
                )
            }
            "keytool" => Self::edit(after("-keystore").as_ref(), &words[0], &after("-alias")),
            other => anyhow::bail!("{other} is not here"),
        }
    }
}

impl Runner for Tools {
    fn has(&self, program: &str) -> bool {
        let here = ["update-ca-certificates", "certutil", "keytool"];
        here.contains(&program) && !self.missing.contains(program)
    }

    fn run(&self, command: &Command) -> Result<(), RunError> {
        let shown = command.to_string();
        self.ran.borrow_mut().push(shown.clone());
        let message = match Self::work(command) {
            Err(error) => error.to_string(),
            Ok(()) => {
                let mut failing = self.failing.borrow_mut();
                let hit = failing.iter().find(|program| shown.starts_with(**program));
                let Some(hit) = hit.copied() else {
                    return Ok(());
                };
                failing.remove(hit);
                "half done".into()
            }
        };
        Err(RunError::Failed {
            command: shown,
            message,
        })
    }
}
