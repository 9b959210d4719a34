//! Ends MCP servers that run and are denied. It is done as their user, so a process that is taken for
//! another can be no one else's; and only what an AI client started is ended, never what a person did.

use std::{
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use tidegate_device_api::{Effect, EffectItem, EffectState, Means};
use tidegate_discovery::{Found, Home, Places, Running, Seems, started};
use tidegate_policy::{Decision, Document, Identified};

/// How long a server may take to end by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ends those of a home that run; what came of it.
#[must_use]
pub fn denied(places: &Places, home: &Home, found: &Found, document: &Document) -> Vec<Effect> {
    // Also what no configuration names: an argument or a variable of the client may have brought it.
    let rules = document.mcp_servers.iter();
    let wanted: Vec<_> = rules
        .filter(|rule| rule.decision == Decision::Denied)
        .map(|rule| &rule.target.identity)
        .collect();
    let running = tidegate_discovery::running(places, home, found, &wanted);
    let denied = running
        .into_iter()
        .filter(|server| server.client.is_some() && is_denied(document, server, true));
    end(home, denied.collect())
}

/// Ends those of processes that have just executed a program below a client, unless they are clients themselves;
/// what came of it.
#[must_use]
pub fn executed(
    home: &Home,
    seem: Vec<Seems>,
    document: &Document,
    is_client: impl Fn(u32) -> bool,
) -> Vec<Effect> {
    let denied = seem
        .into_iter()
        .filter(|one| is_denied(document, &one.server, one.says_so))
        .filter(|one| !is_client(one.server.pid))
        .map(|one| one.server);
    end(home, denied.collect())
}

/// Whether a process is a server that must not run. Where nobody has decided about it, it has to be known as a
/// server: everything else that runs has no decision either.
fn is_denied(document: &Document, server: &Running, is_server: bool) -> bool {
    let what = Identified {
        identity: server.identity.clone(),
        version: None,
        arguments: server.arguments,
        launch: server.launch,
    };
    let verdict = document.decide_mcp(&what);
    verdict.decision == Decision::Denied && (is_server || !verdict.unknown)
}

fn end(home: &Home, denied: Vec<Running>) -> Vec<Effect> {
    // All are told first: they end at the same time.
    let told: Vec<_> = denied
        .into_iter()
        .map(|server| {
            let held = Held::of(&server);
            held.iter().for_each(|held| held.signal(Signal::TERM));
            (server, held)
        })
        .collect();
    let until = Instant::now() + PATIENCE;
    for held in told.iter().filter_map(|(_, held)| held.as_ref().ok()) {
        held.ended(until);
    }
    told.iter()
        .map(|(server, held)| effect(home, server, is_over(held)))
        .collect()
}

/// Whether it has ended, by force where it did not by itself.
fn is_over(held: &Result<Held, Errno>) -> bool {
    match held {
        Ok(held) if !held.ended(Instant::now()) => {
            held.signal(Signal::KILL);
            held.ended(Instant::now() + PATIENCE)
        }
        Ok(_) => true,
        Err(error) => *error == Errno::SRCH,
    }
}

/// A process that nobody else can be taken for: as long as it is held, a signal meets it or nobody.
struct Held(OwnedFd);

impl Held {
    /// Its number may be another's by now, and its start tells. The descriptor comes first: then whoever had
    /// that number and start afterwards is who is held.
    fn of(server: &Running) -> Result<Self, Errno> {
        let pid = i32::try_from(server.pid).ok().and_then(Pid::from_raw);
        let held = pidfd_open(pid.ok_or(Errno::SRCH)?, PidfdFlags::empty())?;
        match started(server.pid) == Some(server.start) {
            true => Ok(Self(held)),
            false => Err(Errno::SRCH),
        }
    }

    fn signal(&self, signal: Signal) {
        if let Err(error) = pidfd_send_signal(&self.0, signal) {
            tracing::debug!(%error, "a denied server cannot be ended");
        }
    }

    /// Waits until it has ended, or it is `until`; whether it has. A pidfd is readable then (pidfd_open(2)).
    fn ended(&self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).unwrap_or_default();
        let mut asked = [PollFd::new(&self.0, PollFlags::IN)];
        poll(&mut asked, Some(&left)).is_ok_and(|ready| ready > 0)
    }
}

/// It ran, whatever a configuration says: so it has an effect of its own where no configuration names it.
fn effect(home: &Home, server: &Running, is_over: bool) -> Effect {
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
        state: match is_over {
            true => EffectState::Verified,
            false => EffectState::Failed,
        },
        means: vec![Means::Kill],
        detail: Some("it ran, and was ended".into()),
    }
}

#[cfg(test)]
pub(super) mod tests;
