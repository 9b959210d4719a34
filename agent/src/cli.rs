//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::DEFAULT;

/// The Edge agent of Tidegate.
#[derive(Debug, Parser)]
#[command(name = "tidegate-edge", version, about)]
pub struct Cli {
    /// The configuration file.
    #[arg(long, global = true, default_value = DEFAULT)]
    pub config: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the agent (as root; by the service manager as a rule)
    Run,
    /// Enrol this device with a one-time token
    Login {
        /// The token; `-` reads it from standard input
        #[arg(long)]
        token: String,
    },
    /// Show how the agent is doing: exit code 0 when everything is in force
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take the redirection away at once, with or without a running agent
    Detach,
    /// The organisation's CA in this machine's trust stores
    Trust {
        /// What to do
        #[command(subcommand)]
        action: TrustAction,
    },
}

/// What to do with the trust stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum TrustAction {
    /// Install the CA
    Install {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show which clients trust it, and what to restart
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove it, and leave every file as it was
    Uninstall {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}
