//! `tidegate-edge mcp-run`: what stands between a client and an MCP server whose tools are restricted. Clients
//! start it, as the person at the machine.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use nix::unistd::{User, getuid};
use tidegate_discovery::{Home, what_runs};
use tidegate_policy::FailMode;
use tidegate_shim::{SEEN_FOLDER, Settings, run};
use tidegate_types::{Clock, SystemClock};

use crate::{cli::McpRun, fleet::pass::here};

pub(super) fn mcp_run(asked: McpRun) -> anyhow::Result<ExitCode> {
    let uid = getuid();
    let user = User::from_uid(uid).ok().flatten();
    // Clients may start servers with another HOME; what counts is whose process this is.
    let path = user.as_ref().map(|user| user.dir.clone());
    let home = Home {
        user: user
            .as_ref()
            .map_or_else(|| uid.to_string(), |user| user.name.clone()),
        uid: uid.as_raw(),
        gid: user.as_ref().map_or(0, |user| user.gid.as_raw()),
        path: path.clone().unwrap_or_else(|| "/".into()),
    };
    let folder = std::env::current_dir().ok();
    let server = what_runs(&here(), &home, folder.as_deref(), &asked.argv);
    let server = server.context("mcp-run: no server is named after --")?;
    let mut argv = asked.argv.into_iter();
    let settings = Settings {
        name: asked.name,
        server,
        command: argv.next().unwrap_or_default(),
        args: argv.collect(),
        fail: match asked.fail_closed {
            true => FailMode::Closed,
            false => FailMode::Open,
        },
        decisions: asked.rules,
        owner: 0,
        notes: path.map(|home: PathBuf| home.join(SEEN_FOLDER)),
        now: || SystemClock::default().now().micros().max(0).unsigned_abs() / 1_000_000,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let code = runtime.block_on(run(settings));
    // Threads may still wait for a client that says nothing more.
    std::process::exit(i32::from(code));
}
