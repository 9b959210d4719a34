//! `tidegate-edge request`: a person asks for what is denied, or for an app that Tidegate does not know. The
//! running agent takes it, and the gateway hears it with the next check-in.

use std::process::ExitCode;

use clap::Args;
use tidegate_device_api::Wanted;
use tidegate_policy::{AppId, McpIdentity};

use super::say;
use crate::{
    config::Config,
    control::{self, Request},
};

/// What is asked for, and why.
#[derive(Debug, Args)]
pub struct RequestOptions {
    #[command(flatten)]
    wanted: WantedOptions,
    /// Why, for whoever decides: 500 characters at most
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct WantedOptions {
    /// The use of an app, as `status` names it
    #[arg(long, value_name = "ID")]
    app: Option<AppId>,
    /// The use of an MCP server, as `status` names it, such as `npm:some-server`
    #[arg(long, value_name = "IDENTITY")]
    mcp: Option<McpIdentity>,
    /// That Tidegate comes to know an app: its name, 100 characters at most
    #[arg(long, value_name = "NAME")]
    support: Option<String>,
}

impl WantedOptions {
    fn wanted(self) -> Wanted {
        match (self.app, self.mcp, self.support) {
            (Some(app), _, _) => Wanted::App { app },
            (_, Some(identity), _) => Wanted::McpServer { identity },
            // One of them is there, as the command line demands.
            (None, None, name) => Wanted::Support {
                name: name.unwrap_or_default(),
            },
        }
    }
}

pub(super) fn request(config: &Config, options: RequestOptions) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let request = Request {
        wanted: options.wanted.wanted(),
        reason: options.reason,
    };
    runtime.block_on(control::request(&config.agent.socket, request))?;
    say("asked: your administrator sees it in the Tidegate console");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn parsed(arguments: &[&str]) -> Option<Wanted> {
        let arguments = ["tidegate-edge", "request"].iter().chain(arguments);
        match Cli::try_parse_from(arguments).ok()?.command {
            Command::Request(options) => Some(options.wanted.wanted()),
            _ => None,
        }
    }

    #[test]
    fn one_thing_is_asked_for_with_a_reason() {
        let reason = ["--reason", "for work"];
        let with = |more: &[&str]| parsed(&[more, &reason].concat());
        let app = "cursor".parse().unwrap();
        assert_eq!(with(&["--app", "cursor"]), Some(Wanted::App { app }));
        let identity = "npm:some-server".parse().unwrap();
        let server = Wanted::McpServer { identity };
        assert_eq!(with(&["--mcp", "npm:some-server"]), Some(server));
        let name = "Some App".to_owned();
        assert_eq!(
            with(&["--support", "Some App"]),
            Some(Wanted::Support { name })
        );
        assert_eq!(with(&[]), None);
        assert_eq!(with(&["--app", "cursor", "--support", "Some App"]), None);
        assert_eq!(with(&["--app", "No App"]), None);
        assert_eq!(with(&["--mcp", "some-server"]), None);
        assert_eq!(parsed(&["--app", "cursor"]), None);
    }
}
