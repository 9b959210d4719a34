//! MCP servers that run right now.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use tidegate_policy::{AppId, LaunchHash, McpIdentity};

use super::{environment::Environment, scan::Scan};
use crate::{
    Found, Home, Places, RawLaunch,
    processes::{Process, descendants, processes},
};

/// A process that is an MCP server. Its number may be another's by the time it is used: compare `start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its number.
    pub pid: u32,
    /// When it began, in clock ticks since the machine did (proc(5), field 22 of `stat`).
    pub start: u64,
    /// What it is.
    pub identity: McpIdentity,
    /// Over the identity and the server's arguments.
    pub arguments: LaunchHash,
    /// Over the whole launch.
    pub launch: LaunchHash,
    /// The AI client that it descends from, where it does.
    pub client: Option<AppId>,
    /// Its command line in the raw; it may hold credentials.
    pub raw: RawLaunch,
    /// It is one of the servers that were found.
    pub listed: bool,
}

/// The servers of a person that run: processes whose command line is that of a server in `found`, or which are one of
/// `wanted` below an AI client, whatever configuration brought them; and what looks like a server below a client. A name alone makes no server: what is not listed descends from
/// a client, speaks over pipes, and calls itself `mcp` as a word of its identity.
#[must_use]
pub fn running(
    places: &Places,
    home: &Home,
    found: &Found,
    wanted: &[&McpIdentity],
) -> Vec<Running> {
    let scan = Scan::new(places, Some(home));
    let clients = Environment::of(places, home).clients;
    let all = processes(places, home.uid);
    let above: HashMap<u32, &AppId> = clients
        .iter()
        .map(|(client, process)| (process.pid, client))
        .collect();
    let roots: HashSet<u32> = above.keys().copied().collect();
    let below = descendants(&all, &roots);
    let parents: HashMap<u32, u32> = all.iter().map(|p| (p.pid, p.parent)).collect();
    let listed = |hash: LaunchHash, identity: &McpIdentity| {
        let mut servers = found.servers.iter().map(|located| &located.server);
        servers.any(|server| server.launch == hash || &server.identity == identity)
    };
    let marks = marks(found);
    let server = |process: &Process| {
        let child = below.contains(&process.pid);
        // To identify a program can mean to read all of it; most of what runs is not even alike.
        if !child && !is_marked(&process.argv, &marks) {
            return None;
        }
        let raw = launch(&process.argv)?;
        let what = scan.identify(&raw, process.cwd.as_deref(), None);
        let listed = listed(what.launch, &what.identity);
        let asked_for = child && wanted.contains(&&what.identity);
        let says = child && says_mcp(what.identity.as_str()) && process.is_piped();
        let seems = asked_for || says;
        let is_client = above.contains_key(&process.pid);
        ((listed || seems) && !is_client).then(|| Running {
            pid: process.pid,
            start: process.start,
            identity: what.identity,
            arguments: what.arguments,
            launch: what.launch,
            client: client_of(process.pid, &parents, &above),
            raw,
            listed,
        })
    };
    all.iter().filter_map(server).collect()
}

pub(super) fn launch(argv: &[String]) -> Option<RawLaunch> {
    let (command, args) = argv.split_first()?;
    Some(RawLaunch {
        command: Some(command.clone()),
        args: args.to_vec(),
        url: None,
    })
}

/// What stands in the command line of every server of these: the name at the end of its identity.
fn marks(found: &Found) -> HashSet<String> {
    let identities = found.servers.iter().map(|located| &located.server.identity);
    let name = |identity: &McpIdentity| {
        let rest = identity.rest().split("+sha256:").next().unwrap_or_default();
        plain(rest.rsplit(['/', ':']).next().unwrap_or_default())
    };
    identities
        .map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

fn is_marked(argv: &[String], marks: &HashSet<String>) -> bool {
    let words: Vec<_> = argv.iter().map(|word| plain(word)).collect();
    marks
        .iter()
        .any(|mark| words.iter().any(|word| word.contains(mark.as_str())))
}

/// Python writes the same name with any of these.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

pub(super) fn says_mcp(identity: &str) -> bool {
    let words = identity.split(|c: char| !c.is_ascii_alphanumeric());
    let lower = words.map(str::to_ascii_lowercase);
    lower
        .into_iter()
        .any(|word| word == "mcp" || word == "modelcontextprotocol")
}

fn client_of(
    pid: u32,
    parents: &HashMap<u32, u32>,
    clients: &HashMap<u32, &AppId>,
) -> Option<AppId> {
    let mut at = pid;
    for _ in 0..16 {
        at = *parents.get(&at)?;
        if let Some(client) = clients.get(&at) {
            return Some((*client).clone());
        }
    }
    None
}
