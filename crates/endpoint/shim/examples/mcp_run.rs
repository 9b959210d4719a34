//! A server behind the shim, for the tests and for trying it out:
//! `mcp_run DECISIONS NOTES open|closed -- SERVER ARGUMENTS`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, ensure};
use tidegate_policy::{FailMode, Launch, NoLookup, identify};
use tidegate_shim::{Settings, run};

fn main() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args().skip(1);
    let mut next = || words.next().context("too few arguments");
    let (decisions, notes, fail) = (next()?, next()?, next()?);
    ensure!(next()? == "--", "the server follows --");
    let (command, args) = (next()?, words.collect::<Vec<_>>());
    let launch = Launch::Local {
        command: command.clone(),
        args: args.clone(),
    };
    let settings = Settings {
        name: "example".to_owned(),
        server: identify(&launch, None, &NoLookup),
        command,
        args,
        fail: if fail == "closed" {
            FailMode::Closed
        } else {
            FailMode::Open
        },
        decisions: PathBuf::from(decisions),
        owner: nix::unistd::geteuid().as_raw(),
        notes: Some(PathBuf::from(notes)),
        now: || 1_700_000_000,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let code = runtime.block_on(run(settings));
    // Threads may still wait for input: there is no one to join.
    std::process::exit(code.into());
}
