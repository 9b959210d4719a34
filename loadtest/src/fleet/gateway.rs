//! The gateway that devices check in with: one that runs already, or one of the simulator's own, which it
//! may kill and start again.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::{
    admin::Admin,
    bench::process::{Process, cpu_of, free_address, memory_of},
};

/// A gateway.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) address: SocketAddr,
    own: Option<Own>,
    pid: Option<u32>,
}

#[derive(Debug)]
struct Own {
    binary: PathBuf,
    process: Option<Process>,
    // Last: the process writes into it until it is killed.
    directory: TempDir,
}

impl Gateway {
    /// One that runs already.
    pub(super) const fn running(address: SocketAddr, pid: Option<u32>) -> Self {
        Self {
            address,
            own: None,
            pid,
        }
    }

    /// A new one, with a store of its own and an administrator.
    pub(super) async fn start(binary: &Path) -> Result<(Self, Admin)> {
        let directory = tempfile::tempdir().context("cannot make a temporary directory")?;
        let (data, control) = (free_address()?, free_address()?);
        let dir = directory.path();
        let config = format!(
            "[listen]\ndata = \"{data}\"\ncontrol = \"{control}\"\n\n\
             [store]\nurl = \"sqlite:{}\"\n\n[edge]\norganisation = \"Simulated\"\n\
             seal_key = \"{}\"\n\n[[providers]]\nname = \"openai\"\ndialect = \"openai\"\n\
             base_url = \"http://{data}\"\napi_key = \"env:SIM_PROVIDER_KEY\"\n",
            dir.join("tidegate.db").display(),
            dir.join("seal.key").display(),
        );
        fs::write(dir.join("tidegate.toml"), config)?;
        let mut gateway = Self {
            address: control,
            own: Some(Own {
                binary: binary.to_owned(),
                process: None,
                directory,
            }),
            pid: None,
        };
        let once = Admin::create(|words| gateway.command(words))?;
        gateway.serve().await?;
        let admin = Admin::sign_in(control, &once).await?;
        Ok((gateway, admin))
    }

    /// Whether it is the simulator's own.
    pub(super) const fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Kills it at once (SIGKILL) and starts it again; CPU time that it had used.
    pub(super) async fn restart(&mut self) -> Result<Duration> {
        let used = self.cpu()?.unwrap_or_default();
        if let Some(own) = &mut self.own {
            own.process = None;
        }
        self.serve().await?;
        Ok(used)
    }

    /// CPU time used since it started, where its process is known.
    pub(super) fn cpu(&self) -> Result<Option<Duration>> {
        self.process_id().map(cpu_of).transpose()
    }

    /// Resident memory, in bytes, where its process is known.
    pub(super) fn memory(&self) -> Result<Option<u64>> {
        let memory = self.process_id().map(memory_of).transpose()?;
        Ok(memory.map(|(now, _)| now))
    }

    fn process_id(&self) -> Option<u32> {
        let own = self.own.as_ref().and_then(|own| own.process.as_ref());
        own.map(Process::id).or(self.pid)
    }

    async fn serve(&mut self) -> Result<()> {
        let command = self.command(&["serve"])?;
        let address = self.address;
        let own = self
            .own
            .as_mut()
            .context("the gateway is not the simulator's own")?;
        let log = own.directory.path().join("gateway.log");
        own.process = Some(Process::start("the gateway", command, address, &log).await?);
        Ok(())
    }

    fn command(&self, words: &[&str]) -> Result<Command> {
        let own = self
            .own
            .as_ref()
            .context("the gateway is not the simulator's own")?;
        let dir = own.directory.path();
        let mut command = Command::new(&own.binary);
        command
            .args(words)
            .arg("--config")
            .arg(dir.join("tidegate.toml"))
            .env("SIM_PROVIDER_KEY", "sk-simulated")
            .current_dir(dir);
        Ok(command)
    }
}
