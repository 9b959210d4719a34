//! `tidegate-edge hands`, `fleet-home`, `fleet-executed`, `fleet-machine` and `canary`: the processes of a fleet
//! pass. The agent starts them, or the service manager does.

use std::{
    fs::File,
    io,
    os::{fd::AsFd, unix::net::UnixStream as StdStream},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::ensure;
use nix::sys::socket::{SockType, getsockopt, sockopt};
use tokio::net::UnixStream;

use crate::{
    config::Config,
    fleet::{child, executed, hands, pin::Pin, trial},
};

pub(super) fn hands(
    config: &Config,
    rules: PathBuf,
    state: Option<PathBuf>,
    no_canary: bool,
) -> anyhow::Result<ExitCode> {
    super::log(config)?;
    nix::sys::prctl::set_no_new_privs()?;
    let stream = stream()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stream = UnixStream::from_std(stream)?;
        hands::serve(
            stream,
            rules,
            &Pin::beside(&state.unwrap_or_else(|| config.agent.state.clone())),
            config.agent.canary && !no_canary,
        )
        .await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The socket, from where the loader or the service manager put it. Nothing that is started later has it.
fn stream() -> anyhow::Result<StdStream> {
    let input = io::stdin();
    ensure!(
        getsockopt(&input, sockopt::SockType) == Ok(SockType::Stream),
        "this is started by the agent or the service manager, and cannot be used by hand"
    );
    let stream = StdStream::from(input.as_fd().try_clone_to_owned()?);
    stream.set_nonblocking(true)?;
    nix::unistd::dup2_stdin(&File::open("/dev/null")?)?;
    Ok(stream)
}

pub(super) fn canary() -> anyhow::Result<ExitCode> {
    // The unit's folder of its own: nobody else is in it.
    trial::serve(io::stdin(), io::stdout(), std::env::temp_dir())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn home() -> anyhow::Result<ExitCode> {
    child::home(io::stdin(), io::stdout())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn executed() -> anyhow::Result<ExitCode> {
    executed::serve(io::stdin().lock(), io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn machine() -> anyhow::Result<ExitCode> {
    child::machine(io::stdin(), io::stdout())?;
    Ok(ExitCode::SUCCESS)
}
