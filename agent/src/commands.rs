//! What each command does.

mod detach;
mod login;
mod run;
mod status;
mod trust;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command},
    config::Config,
};

/// Bad usage or configuration (sysexits: EX_USAGE).
const USAGE: u8 = 64;

/// Runs a command; its failure is printed.
#[must_use]
pub fn dispatch(cli: Cli) -> ExitCode {
    let config = Config::load(&cli.config);
    // The kill switch and the questions work without a usable file.
    let done = match cli.command {
        Command::Detach => detach::detach(config.ok().as_ref()),
        Command::Status { json } => status::status(&config.unwrap_or_default(), json),
        Command::Run | Command::Login { .. } | Command::Trust { .. } => match config {
            Err(error) => {
                print(&error);
                return ExitCode::from(USAGE);
            }
            Ok(config) => match cli.command {
                Command::Login { token } => login::login(&config, &token),
                Command::Trust { action } => trust::trust(&config, action),
                _ => run::run(config),
            },
        },
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            print(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the place where failures are told")]
fn print(error: &anyhow::Error) {
    eprintln!("tidegate-edge: {error:#}");
}

/// Prints what a command was asked for.
#[expect(clippy::print_stdout, reason = "what the command is for")]
fn say(text: &str) {
    println!("{text}");
}
