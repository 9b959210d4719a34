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
    /// What `run` starts as a user without privileges
    #[command(hide = true)]
    Relay,
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
    /// Test every client of this machine against the organisation's CA, and say what to repair: exit
    /// code 0 when there is nothing
    Doctor {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one notice on the desktop of whoever runs this; the agent calls it for them
    #[command(hide = true)]
    Notify,
    /// Take everything of the agent off this machine, but for its package (as root, agent stopped)
    Uninstall {
        /// Keep who this device is, so that it need not enrol again
        #[arg(long)]
        keep_state: bool,
    },
}

/// What to do with the trust stores. Exit code 0 when every store and every client found is as it should be.
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
