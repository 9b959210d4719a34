//! What each command does.

mod detach;
mod doctor;
mod hands;
mod login;
mod mcp_run;
mod notify;
mod relay;
mod request;
mod run;
mod scan;
mod status;
mod tray;
mod trust;
mod uninstall;

use std::process::ExitCode;

pub use login::LoginOptions;
pub use request::RequestOptions;
pub(crate) use run::{THREADS, log};
pub use scan::ScanOptions;

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
        Command::Doctor { json } => doctor::doctor(config, json),
        Command::Notify => notify::notify(),
        Command::Login(options) if options.token.is_none() => {
            login::person(&config.unwrap_or_default(), &options)
        }
        Command::Logout => login::logout(&config.unwrap_or_default()),
        Command::Tray => tray::tray(&config.unwrap_or_default()),
        Command::Relay => relay::relay(),
        Command::Request(options) => request::request(&config.unwrap_or_default(), options),
        Command::Scan(options) => scan::scan(options),
        Command::McpRun(asked) => mcp_run::mcp_run(asked),
        Command::Hands {
            rules,
            state,
            no_canary,
        } => hands::hands(&config.unwrap_or_default(), rules, state, no_canary),
        Command::Canary => hands::canary(),
        Command::FleetHome => hands::home(),
        Command::FleetExecuted => hands::executed(),
        Command::FleetMachine => hands::machine(),
        Command::Run | Command::Login(_) | Command::Trust { .. } | Command::Uninstall { .. } => {
            match or_defaults(config, &cli) {
                Err(error) => {
                    print(&error);
                    return ExitCode::from(USAGE);
                }
                Ok(config) => match cli.command {
                    Command::Login(options) => login::with_token(&config, options),
                    Command::Trust { action } => trust::trust(&config, action),
                    Command::Uninstall { keep_state } => uninstall::uninstall(&config, keep_state),
                    _ => run::run(config),
                },
            }
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            print(&error);
            ExitCode::FAILURE
        }
    }
}

/// The stores can be looked at and everything taken away where management removed the file already. One
/// that is there and cannot be used may name other places, so nothing is guessed.
fn or_defaults(config: anyhow::Result<Config>, cli: &Cli) -> anyhow::Result<Config> {
    let bare = matches!(
        cli.command,
        Command::Trust { .. } | Command::Uninstall { .. }
    );
    match config {
        Err(_) if bare && !cli.config.exists() => Ok(Config::default()),
        config => config,
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
