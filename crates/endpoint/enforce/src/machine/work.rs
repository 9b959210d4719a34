//! What a pass over the machine works on: every server, whose it is, and what was decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use tidegate_device_api::{Coverage, Looked};
use tidegate_discovery::{Format, Found, Home, Located, Places};
use tidegate_policy::{Decision, Document, McpVerdict};

use crate::{
    Settings, disk,
    lever::{self, Native},
    op::Op,
    overlay::{self, Target},
    record::{Edit, Store},
    text::Doc,
    verdict::{self, Duty},
};

/// A server, where it was found and what was decided.
pub(super) struct Seen<'a> {
    /// Whose it is; none for the machine's own.
    pub(super) home: Option<&'a Home>,
    pub(super) located: &'a Located,
    pub(super) verdict: McpVerdict,
    pub(super) duty: Duty,
}

/// Whether a denial is in force in a client's own policy.
pub(super) enum Holds {
    /// It is.
    Yes {
        /// Since when, in seconds since 1970.
        since: u64,
        /// What should be known about it.
        detail: Option<&'static str>,
    },
    /// The file does not say so.
    No,
    /// Another policy is above ours.
    Shadowed(String),
    /// The policy cannot say it, and nothing else can.
    Cannot(&'static str),
    /// The policy cannot say it; the pass over the home reports what does.
    Elsewhere,
}

/// Whether a look at a home failed as a whole.
fn is_whole_home(coverage: &Coverage) -> bool {
    coverage.path == "~" && coverage.looked == Looked::Unreadable
}

/// Everything that a pass over the machine needs to know.
pub(super) struct Work<'a> {
    pub(super) places: &'a Places,
    pub(super) document: &'a Document,
    pub(super) settings: &'a Settings,
    pub(super) store: Store<'a>,
    pub(super) seen: Vec<Seen<'a>>,
    clients: BTreeSet<String>,
    /// A home could not be looked at: what it has is not known, so nothing that is denied is let go.
    pub(super) blind: bool,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        places: &'a Places,
        homes: &'a [(Home, Found)],
        machine: &'a Found,
        document: &'a Document,
        settings: &'a Settings,
        store: Store<'a>,
    ) -> Self {
        let everywhere = homes.iter().map(|(home, found)| (Some(home), found));
        let everywhere = everywhere.chain([(None, machine)]);
        let (mut seen, mut clients) = (Vec::new(), BTreeSet::new());
        let mut blind = false;
        for (home, found) in everywhere {
            blind |= home.is_some() && found.coverage.iter().any(is_whole_home);
            clients.extend(found.apps.iter().map(|app| app.app.to_string()));
            for located in &found.servers {
                clients.insert(located.server.client.to_string());
                let verdict = verdict::of(document, located);
                let duty = verdict::duty(&verdict);
                seen.push(Seen {
                    home,
                    located,
                    verdict,
                    duty,
                });
            }
        }
        Self {
            places,
            document,
            settings,
            store,
            seen,
            clients,
            blind,
        }
    }

    /// Whether a client is on the machine at all: policies for others are clutter.
    pub(super) fn has(&self, native: Native) -> bool {
        let is = |client: &String| match client.parse() {
            Ok(app) => Native::of(&app) == Some(native),
            Err(_) => false,
        };
        let copilot = |client: &String| matches!(client.as_str(), "vscode" | "jetbrains");
        self.clients
            .iter()
            .any(|client| is(client) || (native == Native::Copilot && copilot(client)))
    }

    /// Unknown servers are denied.
    pub(super) fn is_allow_list(&self) -> bool {
        self.document.default_mcp_decision == Decision::Denied
    }

    /// The servers of a client, by name.
    pub(super) fn names(&self, native: Native) -> BTreeMap<&str, Vec<&Seen<'a>>> {
        let mut names: BTreeMap<&str, Vec<&Seen<'a>>> = BTreeMap::new();
        for seen in &self.seen {
            if Native::of(&seen.located.server.client) == Some(native) {
                names
                    .entry(lever::name(seen.located))
                    .or_default()
                    .push(seen);
            }
        }
        names
    }

    /// The names of a client under which everybody's server is denied, so that the name can be. With
    /// each, the message for the person.
    pub(super) fn denied_names(&self, native: Native) -> BTreeMap<&str, Vec<&Seen<'a>>> {
        let mut names = self.names(native);
        names.retain(|_, seen| seen.iter().all(|one| one.duty == Duty::Stop));
        names
    }

    /// The names under which somebody may run something.
    pub(super) fn allowed_names(&self, native: Native) -> Vec<&str> {
        let mut names = self.names(native);
        names.retain(|_, seen| seen.iter().any(|one| one.duty != Duty::Stop));
        names.into_keys().collect()
    }

    /// What a file says without us.
    pub(super) fn base(&self, file: &Path, format: Format) -> serde_json::Value {
        let text = overlay::without_us(self.store, file, format).unwrap_or_default();
        Doc::read(format, &text)
            .map(|doc| doc.value)
            .unwrap_or_default()
    }

    /// A target for everybody to read. A link is followed as long as it stays on this machine.
    pub(super) fn target(&self, file: PathBuf, format: Format, ops: Vec<Op>) -> Target {
        let file = disk::resolve(&file, &self.places.root).unwrap_or(file);
        let edit = |op| Edit {
            op,
            since: None,
            server: None,
        };
        Target {
            file,
            format,
            mode: 0o644,
            edits: ops.into_iter().map(edit).collect(),
        }
    }

    /// Whether something stands in a file, as the file says now, and since when.
    pub(super) fn stands(&self, target: &Target, op: &Op) -> Option<u64> {
        let (text, written) = disk::read(&target.file).ok()??;
        let same = Doc::read(target.format, &text).is_ok_and(|doc| op.stands(&doc));
        let record = self.store.load(&target.file).ok().flatten();
        let edits = record.map(|record| record.edits).unwrap_or_default();
        let since = edits
            .iter()
            .find(|edit| edit.op == *op)
            .and_then(|edit| edit.since);
        same.then_some(since.unwrap_or(written))
    }
}
