//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{LoginOptions, RequestOptions, ScanOptions},
    config::DEFAULT,
};

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
    /// Stand between an MCP client and a server, as the organisation decided; clients start it
    #[command(hide = true)]
    McpRun(McpRun),
    /// What looks at clients and changes their files, started by `run` or the service manager
    #[command(hide = true)]
    Hands {
        /// What it writes for `mcp-run`
        #[arg(long, default_value = "/run/tidegate-edge/mcp.json")]
        rules: PathBuf,
        /// The agent's state, if not the one of the configuration
        #[arg(long)]
        state: Option<PathBuf>,
        /// Runs no client to see whether it starts with the policy that was written for it
        #[arg(long)]
        no_canary: bool,
    },
    /// Runs one client for `hands`, as the service manager's unit for that
    #[command(hide = true)]
    Canary,
    /// What `hands` starts for each home, as its user
    #[command(hide = true)]
    FleetHome,
    /// What `hands` starts for each person whose clients start something, as its user
    #[command(hide = true)]
    FleetExecuted,
    /// What `hands` starts for the machine's own files
    #[command(hide = true)]
    FleetMachine,
    /// Sign in on this device in the browser, or with a code in a browser elsewhere; a device that is not
    /// enrolled yet is enrolled by that
    Login(LoginOptions),
    /// Sign out on this device; it stays enrolled
    Logout,
    /// Show the agent in the tray of this session (as the person; started by the desktop)
    Tray,
    /// Show how the agent is doing: exit code 0 when everything is in force
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show which AI apps and MCP servers are here, with or without a running agent; nothing is sent, and
    /// none of them is run
    Scan(ScanOptions),
    /// Ask for an app or MCP server that is denied, or for support of an app
    Request(RequestOptions),
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

/// `mcp-run`: as the agent writes it into clients' configurations.
#[derive(Debug, Clone, Args)]
pub struct McpRun {
    /// The client whose configuration this is
    #[arg(long)]
    pub config_of: Option<String>,
    /// What the person calls the server
    #[arg(long)]
    pub name: String,
    /// Where the agent writes what was decided
    #[arg(long, default_value = "/run/tidegate-edge/mcp.json")]
    pub rules: PathBuf,
    /// Do not start the server while nothing is known of decisions
    #[arg(long)]
    pub fail_closed: bool,
    /// The server: a program and its arguments
    #[arg(last = true, required = true)]
    pub argv: Vec<String>,
}
