//! The command line. Exit codes: 0 fine, 1 failed, 64 bad usage or configuration (`sysexits.h`).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to its terminal"
)]

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use tidegate_types::Timestamp;

use crate::{commands, config::Config};

/// Governs AI traffic: keys, budgets, limits, log and metrics in front of every model.
#[derive(Debug, Parser)]
#[command(name = "tidegate", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Local accounts of the control plane
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Validates a configuration and prints every problem with its key path
    Check(ConfigFile),
    /// Other gateways' files, as ours: prints what can be said, and lists what cannot
    #[command(subcommand)]
    Import(ImportCommand),
    /// Virtual keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Brings the store's schema up to date
    Migrate(ConfigFile),
    /// Runs the gateway
    Serve(ConfigFile),
}

/// Every command reads the configuration.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ConfigFile {
    /// Path of the configuration file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Creates an account and prints a one-time password
    Create {
        #[command(flatten)]
        file: ConfigFile,
        /// E-mail address to sign in with
        #[arg(long)]
        email: String,
    },
    /// Lets somebody in again who lost password or second factor: removes the second factor, enables
    /// the account, ends its sessions, and prints a one-time password
    Reset {
        #[command(flatten)]
        file: ConfigFile,
        /// E-mail address of the account
        #[arg(long)]
        email: String,
    },
}

/// `import`
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// A configuration out of Bifrost's config.json
    Bifrost {
        /// Bifrost's config.json
        file: PathBuf,
        /// Write here instead of printing; the file must not be there yet
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Creates the virtual keys of Bifrost's config.json, and prints each with its new secret
    BifrostKeys {
        /// Bifrost's config.json
        file: PathBuf,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// A configuration out of LiteLLM's config.yaml
    Litellm {
        /// LiteLLM's config.yaml
        file: PathBuf,
        /// Write here instead of printing; the file must not be there yet
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Creates the keys that LiteLLM lists (`/key/list?return_full_object=true`, as JSON), and prints each with its new
    /// secret
    LitellmKeys {
        /// The list, as JSON
        file: PathBuf,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// A price file out of LiteLLM's `model_prices_and_context_window.json`
    LitellmPrices {
        /// The list
        file: PathBuf,
        /// Write here instead of printing; the file must not be there yet
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Creates a key; its secret is the last line printed, and is never shown again
    Create(Box<NewKeyArgs>),
    /// Lists keys
    List(ConfigFile),
    /// Revokes a key for good, by id or name
    Revoke {
        #[command(flatten)]
        file: ConfigFile,
        /// The key's id (`key_…`) or its name
        key: String,
    },
}

/// `key create`
#[derive(Debug, clap::Args)]
pub(crate) struct NewKeyArgs {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// The key's name
    #[arg(long)]
    pub(crate) name: String,
    /// The team it belongs to, by name; created if there is none
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// A budget in USD; needs --budget-window
    #[arg(long, requires = "budget_window", value_name = "USD")]
    pub(crate) budget_usd: Option<tidegate_types::MicroUsd>,
    /// The budget's window: 1m, 1h, 1d, 1w or 1mo
    #[arg(long, requires = "budget_usd", value_name = "WINDOW")]
    pub(crate) budget_window: Option<tidegate_governance::entity::Window>,
    /// Requests per minute
    #[arg(long)]
    pub(crate) rpm: Option<u64>,
    /// Tokens per minute, prompt and answer together
    #[arg(long)]
    pub(crate) tpm: Option<u64>,
    /// Calls in flight at once
    #[arg(long)]
    pub(crate) concurrency: Option<u64>,
    /// Models it may use: names or patterns with *, separated by commas; all if not given
    #[arg(long, value_delimiter = ',')]
    pub(crate) models: Vec<tidegate_types::ModelPattern>,
    /// Providers it may use, separated by commas; all if not given
    #[arg(long, value_delimiter = ',')]
    pub(crate) providers: Vec<tidegate_types::ProviderName>,
    /// When it expires, RFC 3339
    #[arg(long)]
    pub(crate) expires: Option<Timestamp>,
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let failed = error.use_stderr();
            if error.print().is_err() {
                return ExitCode::FAILURE;
            }
            return ExitCode::from(if failed { 64 } else { 0 });
        }
    };
    if let Command::Import(command) = &cli.command {
        return commands::import::run(command);
    }
    let (Command::Admin(AdminCommand::Create { file, .. } | AdminCommand::Reset { file, .. })
    | Command::Check(file)
    | Command::Key(KeyCommand::List(file) | KeyCommand::Revoke { file, .. })
    | Command::Migrate(file)
    | Command::Serve(file)) = &cli.command
    else {
        let Command::Key(KeyCommand::Create(args)) = &cli.command else {
            return ExitCode::FAILURE;
        };
        return with_config(&args.file, |config| commands::key::create(&config, args));
    };
    match &cli.command {
        Command::Admin(AdminCommand::Create { email, .. }) => {
            with_config(file, |config| commands::admin::create(&config, email))
        }
        Command::Admin(AdminCommand::Reset { email, .. }) => {
            with_config(file, |config| commands::admin::reset(&config, email))
        }
        Command::Check(_) => with_config(file, |config| {
            commands::check::report(&config, &file.config);
            Ok(())
        }),
        Command::Key(KeyCommand::List(_)) => {
            with_config(file, |config| commands::key::list(&config))
        }
        Command::Key(KeyCommand::Revoke { key, .. }) => {
            with_config(file, |config| commands::key::revoke(&config, key))
        }
        Command::Import(_) | Command::Key(KeyCommand::Create(_)) => ExitCode::FAILURE,
        Command::Migrate(_) => with_config(file, |config| commands::migrate::run(&config)),
        Command::Serve(_) => with_config(file, crate::serve::run),
    }
}

fn with_config(file: &ConfigFile, run: impl FnOnce(Config) -> anyhow::Result<()>) -> ExitCode {
    let config = match Config::load(&file.config) {
        Ok(config) => config,
        Err(problems) => {
            eprint!("{problems}");
            return ExitCode::from(64);
        }
    };
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidegate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says something to a person, beside what a script reads.
pub(crate) fn warn(line: &str) {
    eprintln!("{line}");
}

/// Prints a line for a person or a script.
pub(crate) fn say(line: &str) {
    println!("{line}");
}
