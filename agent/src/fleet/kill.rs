//! Ends MCP servers that run and are denied. It is done as their user, so a process that is taken for
//! another can be no one else's; and only what an AI client started is ended, never what a person did.

use std::time::{Duration, Instant};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tidegate_device_api::{Effect, EffectItem, EffectState, Means};
use tidegate_discovery::{Found, Home, Places, Running};
use tidegate_policy::{Decision, Document, Identified};

/// How long a server may take to end by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ends them; what came of it.
#[must_use]
pub fn denied(places: &Places, home: &Home, found: &Found, document: &Document) -> Vec<Effect> {
    // Also what no configuration names: an argument or a variable of the client may have brought it.
    let rules = document.mcp_servers.iter();
    let wanted: Vec<_> = rules
        .filter(|rule| rule.decision == Decision::Denied)
        .map(|rule| &rule.target.identity)
        .collect();
    let running = tidegate_discovery::running(places, home, found, &wanted);
    let denied: Vec<_> = running
        .into_iter()
        .filter(|server| server.client.is_some() && is_denied(document, server))
        .collect();
    if denied.is_empty() {
        return Vec::new();
    }
    for server in &denied {
        signal(server, Signal::SIGTERM);
    }
    let until = Instant::now() + PATIENCE;
    for server in &denied {
        ended(server, until);
    }
    denied
        .iter()
        .map(|server| {
            if is_there(server) {
                signal(server, Signal::SIGKILL);
                ended(server, Instant::now() + PATIENCE);
            }
            effect(home, server)
        })
        .collect()
}

fn is_denied(document: &Document, server: &Running) -> bool {
    let what = Identified {
        identity: server.identity.clone(),
        version: None,
        arguments: server.arguments,
        launch: server.launch,
    };
    document.decide_mcp(&what).decision == Decision::Denied
}

/// Whether it is still that process: its number may be another's by now.
fn is_there(server: &Running) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid)).unwrap_or_default();
    let Some((_, fields)) = stat.rsplit_once(')') else {
        return false;
    };
    let mut fields = fields.split_ascii_whitespace();
    let gone = matches!(fields.next(), None | Some("Z" | "X" | "x"));
    !gone && fields.nth(18).and_then(|start| start.parse().ok()) == Some(server.start)
}

/// Waits until a process has ended, or it is `until`.
fn ended(server: &Running, until: Instant) {
    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        process::{Pid, PidfdFlags, pidfd_open},
    };
    let pid = i32::try_from(server.pid).ok().and_then(Pid::from_raw);
    // Gone already, or an old kernel: then nothing is waited for.
    let Some(Ok(process)) = pid.map(|pid| pidfd_open(pid, PidfdFlags::empty())) else {
        return;
    };
    let left = until.saturating_duration_since(Instant::now());
    let Ok(left) = Timespec::try_from(left) else {
        return;
    };
    // Whether it has ended is looked at afterwards.
    let _woken = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&left));
}

fn signal(server: &Running, signal: Signal) {
    if is_there(server)
        && let Ok(pid) = i32::try_from(server.pid)
        && let Err(error) = kill(Pid::from_raw(pid), signal)
    {
        tracing::debug!(%error, pid, "a denied server cannot be ended");
    }
}

/// It ran, whatever a configuration says: so it has an effect of its own where no configuration names it.
fn effect(home: &Home, server: &Running) -> Effect {
    let client = server.client.clone();
    Effect {
        item: EffectItem::McpServer {
            identity: server.identity.clone(),
            launch: server.launch,
            client: client.unwrap_or_else(tidegate_policy::AppId::unknown),
            name: server.identity.rest().chars().take(100).collect(),
            user: Some(home.user.clone()),
            config_path: "(running)".into(),
        },
        decision: Decision::Denied,
        state: if is_there(server) {
            EffectState::Failed
        } else {
            EffectState::Verified
        },
        means: vec![Means::Kill],
        detail: Some("it ran, and was ended".into()),
    }
}
