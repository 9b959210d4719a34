//! Remote MCP servers that a device's calls go to: whether they may be called, and which of their tools.
//!
//! A rule for `url:https://host/path` covers that path and everything below it. So does one that is bound to
//! arguments, since a URL has none. One that is bound to an exact launch covers calls to just that URL, with just
//! those names in its query (values may be credentials, and are in no hash), as far as it is written as it goes over
//! the wire: of another spelling only the device knows.

mod message;

use std::fmt;

use tidegate_policy::{
    Decision, Document, HostName, Launch, LaunchHash, McpIdentity, McpRule, NoLookup, ToolRules,
    identify,
};
use tidegate_wire::percent;

use crate::Refusal;

/// What holds for calls to a remote MCP server of which something is refused.
#[derive(Debug, Clone)]
pub struct McpGate {
    identity: McpIdentity,
    decision: Decision,
    tools: ToolRules,
    note: Option<String>,
}

/// What was refused of an MCP server.
#[derive(Debug, Clone)]
pub struct McpDenial {
    identity: McpIdentity,
    tool: Option<String>,
    note: Option<String>,
    /// The JSON-RPC message's id, as it was written; `null` where it has none. None: the call was no
    /// JSON-RPC.
    id: Option<String>,
}

/// The code of errors that a JSON-RPC server defines itself lies from -32000 to -32099 (JSON-RPC 2.0 §5.1).
const CODE: i32 = -32_001;

impl McpGate {
    /// The gate before this host and path, if anything is refused there.
    #[must_use]
    pub(super) fn at(policy: &Document, host: &HostName, target: &str) -> Option<Self> {
        let (mut path, mut launches) = (None, None);
        let covers = |rule: &&McpRule| -> Option<Covers> {
            let place = Place::of(rule)?;
            if place.host != host.as_str() {
                return None;
            }
            let path = path.get_or_insert_with(|| segments(target));
            if !path.starts_with(&place.path) {
                return None;
            }
            let bound = &rule.target;
            let exact = bound.launch.is_none_or(|launch| {
                launches
                    .get_or_insert_with(|| spellings(host, target))
                    .contains(&launch)
            });
            let same = bound.arguments.is_none_or(|arguments| {
                let url = bound.identity.rest().to_owned();
                identify(&Launch::Remote { url }, None, &NoLookup).arguments == arguments
            });
            (exact && same).then_some(Covers {
                path: place.path.len(),
                launch: bound.launch.is_some(),
                arguments: bound.arguments.is_some(),
                denies: rule.decision == Decision::Denied,
            })
        };
        let rule = best(policy.mcp_servers.iter(), covers)?;
        let gate = Self {
            identity: rule.target.identity.clone(),
            decision: rule.decision,
            tools: rule.tools.clone(),
            note: rule.note.clone(),
        };
        (gate.is_denied() || !gate.tools.allow_everything()).then_some(gate)
    }

    /// Whether the server may not be called at all.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.decision == Decision::Denied
    }

    /// Judges a call's body: of a denied server everything is refused, else calls of tools that may not be
    /// called, and what cannot be read and so might be one.
    ///
    /// # Errors
    /// [`Refusal::McpDenied`].
    pub fn judge(&self, body: &[u8]) -> Result<(), Refusal> {
        let messages = message::read(body);
        let denial = |tool: Option<String>, id: Option<String>| {
            Err(Refusal::McpDenied(Box::new(McpDenial {
                identity: self.identity.clone(),
                tool,
                note: self.note.clone(),
                id,
            })))
        };
        let Some(messages) = messages else {
            return if body.is_empty() && !self.is_denied() {
                Ok(())
            } else {
                denial(None, None)
            };
        };
        if self.is_denied() {
            let id = messages.into_iter().next().map(|message| message.id);
            return denial(None, id);
        }
        for message in messages {
            match message.tool {
                message::Tool::None => {}
                message::Tool::Named(tool) if self.tools.allows(&tool) => {}
                message::Tool::Named(tool) => return denial(Some(tool), Some(message.id)),
                message::Tool::Unclear => return denial(None, Some(message.id)),
            }
        }
        Ok(())
    }
}

impl McpDenial {
    /// One for tests.
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self {
            identity: McpIdentity::new(tidegate_policy::Scheme::Url, "https://a.example/x")
                .unwrap(),
            tool: Some("drop".into()),
            note: None,
            id: Some("1".into()),
        }
    }

    /// The answer as JSON-RPC, for a call that was.
    #[must_use]
    pub fn rpc_body(&self) -> Option<String> {
        let id = self.id.as_deref()?;
        let message = serde_json::to_string(&self.to_string()).ok()?;
        Some(format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{CODE},\"message\":{message}}}}}"
        ))
    }
}

impl fmt::Display for McpDenial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Your organisation does not allow ")?;
        if let Some(tool) = &self.tool {
            let shown: String = tool.chars().filter(|c| !c.is_control()).take(128).collect();
            write!(f, "the tool `{shown}` of ")?;
        }
        write!(f, "the MCP server `{}`", self.identity)?;
        if let Some(note) = self
            .note
            .as_deref()
            .map(str::trim)
            .filter(|note| !note.is_empty())
        {
            write!(f, " ({note})")?;
        }
        f.write_str(". Ask your admin to approve it.")
    }
}

/// How tightly a rule covers a call: by how much of the path, by what it is bound to; among equals one that denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Covers {
    path: usize,
    launch: bool,
    arguments: bool,
    denies: bool,
}

/// The launches that lead to a call of this host and path.
fn spellings(host: &HostName, target: &str) -> Vec<LaunchHash> {
    let bare = target.strip_suffix('/').unwrap_or(target);
    let both = if bare == target {
        vec![target]
    } else {
        vec![target, bare]
    };
    let urls = ["https", "http"].iter().flat_map(|scheme| {
        both.iter()
            .map(move |path| format!("{scheme}://{host}{path}"))
    });
    urls.map(|url| identify(&Launch::Remote { url }, None, &NoLookup).launch)
        .collect()
}

/// Where a rule about a remote server holds.
struct Place<'a> {
    host: &'a str,
    path: Vec<String>,
}

impl<'a> Place<'a> {
    /// Of a rule about a server that is reached by HTTP. `http` is taken like `https`: nothing is to be had by
    /// the other spelling. A port of its own is another server, which is not relayed here.
    fn of(rule: &'a McpRule) -> Option<Self> {
        let (scheme, rest) = rule
            .target
            .identity
            .as_str()
            .strip_prefix("url:")?
            .split_once("://")?;
        if !matches!(scheme, "http" | "https") {
            return None;
        }
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        Some(Self {
            host,
            path: segments(path),
        })
    }
}

/// The rule that covers the call most tightly.
fn best<'a>(
    rules: impl Iterator<Item = &'a McpRule>,
    mut covers: impl FnMut(&&McpRule) -> Option<Covers>,
) -> Option<&'a McpRule> {
    let fits = rules.filter_map(|rule| covers(&rule).map(|covers| (covers, rule)));
    fits.max_by_key(|(covers, _)| *covers).map(|(_, rule)| rule)
}

/// A path as a server may read it: without query, percent-decoded, and without what leads nowhere.
fn segments(target: &str) -> Vec<String> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let decoded = String::from_utf8_lossy(&percent::decode(path)).into_owned();
    let mut segments = Vec::new();
    for segment in decoded.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment.to_owned()),
        }
    }
    segments
}

#[cfg(test)]
mod tests;
