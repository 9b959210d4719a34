//! A client as data: where it keeps its servers, in what format, below which keys, in what shape.

use tidegate_device_api::{Scope, Transport};

use super::scan::Scan;
use crate::{Format, Os};

/// A client of MCP servers.
pub(crate) struct Client {
    /// As the catalogue names it.
    pub(crate) id: &'static str,
    /// Where its servers stand. Of two rows that lead to the same entry the first counts.
    pub(crate) rows: &'static [Row],
    /// The projects that it keeps a list of.
    pub(crate) projects: Option<fn(&mut Scan<'_>) -> Vec<String>>,
    /// Servers that stand in no plain file, such as those of installed plugins.
    pub(crate) more: Option<fn(&mut Scan<'_>)>,
    /// Its switches that stand elsewhere than in the entries.
    pub(crate) switches: Option<fn(&mut Scan<'_>)>,
}

impl Client {
    /// A client that is told by its rows alone.
    pub(crate) const fn plain(id: &'static str, rows: &'static [Row]) -> Self {
        Self {
            id,
            rows,
            projects: None,
            more: None,
            switches: None,
        }
    }
}

/// A place of a client.
pub(crate) struct Row {
    pub(crate) scope: Scope,
    pub(crate) os: &'static [Os],
    /// A pattern: see [`super::paths`].
    pub(crate) path: &'static str,
    pub(crate) format: Format,
    /// Down to where the servers stand; `*` is any key, and the key of the project in `projects`.
    pub(crate) keys: &'static [&'static str],
    pub(crate) shape: Shape,
}

/// A row of JSON.
pub(crate) const fn json(
    scope: Scope,
    os: &'static [Os],
    path: &'static str,
    keys: &'static [&'static str],
    shape: Shape,
) -> Row {
    Row {
        scope,
        os,
        path,
        format: Format::Jsonc,
        keys,
        shape,
    }
}

impl Row {
    /// The same place in another format.
    pub(crate) const fn written(mut self, format: Format) -> Self {
        self.format = format;
        self
    }
}

pub(crate) const ANY: &[Os] = &[Os::Linux, Os::Macos, Os::Windows];
pub(crate) const UNIX: &[Os] = &[Os::Linux, Os::Macos];
pub(crate) const LINUX: &[Os] = &[Os::Linux];
pub(crate) const MACOS: &[Os] = &[Os::Macos];
pub(crate) const WINDOWS: &[Os] = &[Os::Windows];

/// How servers stand at a row's keys.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// A map from names to entries.
    Map(Dialect),
    /// A map from names to entries, or a list of entries that say their `name`.
    Either(Dialect),
    /// The same, or below the key `servers` in it (OpenCode 2).
    Nested(Dialect),
    /// The whole document is the map, unless it has the key `mcpServers`.
    Flat(Dialect),
    /// The document is the manifest of an MCP bundle.
    Bundle,
}

/// In what clients that write the same differ.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    /// What a plain `url` is spoken to by.
    pub(crate) url: Transport,
    /// An entry with both a URL and a command is remote.
    pub(crate) url_first: bool,
}

/// Most clients: a command first, and a URL is streamable HTTP.
pub(crate) const USUAL: Dialect = Dialect {
    url: Transport::Http,
    url_first: false,
};
/// Clients that look at the URL first.
pub(crate) const URL_FIRST: Dialect = Dialect {
    url: Transport::Http,
    url_first: true,
};
