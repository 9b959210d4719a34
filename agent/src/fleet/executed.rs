//! `fleet-executed`: lives as a home's user for as long as their AI clients start things, is told of processes
//! below clients, and ends those that are denied MCP servers at once.
//!
//! ```text
//!  kernel: an execution ─▶ loader: below a client? ─▶ hands: whose? ─▶ `fleet-executed`, AS THAT USER: what is it?
//! ```
//!
//! It is told by root, a line at a time, and answers each line with what it did.

use std::{
    io::{BufRead, Read, Write},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tidegate_device_api::{Effect, EffectItem};
use tidegate_discovery::{Executed as Look, Home, Places};
use tidegate_policy::{AppId, Decision, Document};

use super::{kill, start};

/// The longest line, in bytes: a policy is the longest.
const LONGEST: u64 = 16 << 20;
/// How long what was seen of files is believed. What is executed twice in a moment is the same file.
const BELIEVED: Duration = Duration::from_secs(5);
/// The most effects of one answer that are believed.
const MOST_EFFECTS: usize = 64;

/// A process below an AI client that has executed a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executed {
    /// The process.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did (proc(5), `stat` field 22).
    pub start: u64,
    /// Its user.
    pub uid: u32,
    /// The client.
    pub client: AppId,
}

/// What the child is told first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Task {
    /// The machine.
    pub places: Places,
    /// Whose processes.
    pub home: Home,
    /// The policy.
    pub document: Document,
}

/// Whether a policy has servers that must not run: otherwise nobody need be told of anything.
#[must_use]
pub fn is_wanted(document: &Document) -> bool {
    let mut rules = document.mcp_servers.iter();
    document.default_mcp_decision == Decision::Denied
        || rules.any(|rule| rule.decision == Decision::Denied)
}

/// `fleet-executed`.
///
/// # Errors
/// What it is told cannot be read, or an answer not be written.
pub fn serve(input: impl BufRead, output: impl Write) -> anyhow::Result<()> {
    start::confine()?;
    watch(input, output)
}

fn watch(mut input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let Some(task) = line::<Task>(&mut input)? else {
        return Ok(());
    };
    let look = Look::of(&task.places, &task.home);
    let mut fresh = Instant::now();
    while let Some(told) = line::<Vec<Executed>>(&mut input)? {
        if fresh.elapsed() > BELIEVED {
            look.forget();
            fresh = Instant::now();
        }
        let seem = told
            .into_iter()
            .filter_map(|one| look.look(one.pid, one.start, one.client))
            .collect();
        // One client may start another, and its program may be what was denied as a server.
        let is_client = |pid| look.is_client(pid);
        let effects = kill::executed(&task.home, seem, &task.document, is_client);
        serde_json::to_writer(&mut output, &effects)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

/// The next line; none at the end.
fn line<T: serde::de::DeserializeOwned>(input: &mut impl BufRead) -> anyhow::Result<Option<T>> {
    let mut text = Vec::new();
    input.take(LONGEST + 1).read_until(b'\n', &mut text)?;
    ensure!(text.len() as u64 <= LONGEST, "a line is too long");
    if text.is_empty() {
        return Ok(None);
    }
    let read = serde_json::from_slice(&text).context("a line cannot be read")?;
    Ok(Some(read))
}

/// What a child said that it did, and whose it was. What is said is passed on unread.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ended {
    /// The user.
    pub user: String,
    /// A list of [`Effect`]s.
    pub said: Box<RawValue>,
}

impl Ended {
    /// What came of it: whoever says it, it is about their own servers.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let said = serde_json::from_str::<Vec<Effect>>(self.said.get()).unwrap_or_default();
        let own = |mut effect: Effect| match &mut effect.item {
            EffectItem::McpServer { user, .. } => {
                *user = Some(self.user.clone());
                Some(effect)
            }
            _ => None,
        };
        said.into_iter()
            .take(MOST_EFFECTS)
            .filter_map(own)
            .collect()
    }
}

#[cfg(test)]
mod tests;
