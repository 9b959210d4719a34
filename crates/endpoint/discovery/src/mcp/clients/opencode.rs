//! OpenCode, versions 1 and 2 (its documentation: "Config", "MCP servers").

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags};
use tidegate_device_api::{Looked, Scope};

use crate::{
    Format,
    mcp::{
        row::{ANY, Client, LINUX, MACOS, Row, Shape, USUAL, WINDOWS, json},
        scan::{MOST_PROJECTS, Scan},
    },
    reading,
};

const SERVERS: Shape = Shape::Nested(USUAL);
const KEYS: &[&str] = &["mcp"];

pub(super) const CLIENT: Client = Client {
    id: "opencode",
    rows: ROWS,
    projects: Some(projects),
    more: None,
    switches: None,
};

const ROWS: &[Row] = &[
    json(
        Scope::User,
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/opencode/opencode.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/opencode/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/opencode/config.json",
        KEYS,
        SERVERS,
    ),
    json(Scope::User, ANY, "~/.opencode/opencode.json", KEYS, SERVERS),
    json(
        Scope::User,
        ANY,
        "~/.opencode/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
    json(Scope::User, ANY, "${OPENCODE_CONFIG}", KEYS, SERVERS),
    json(
        Scope::User,
        ANY,
        "${OPENCODE_CONFIG_DIR}/opencode.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        ANY,
        "${OPENCODE_CONFIG_DIR}/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
    json(Scope::Project, ANY, "./opencode.json", KEYS, SERVERS),
    json(Scope::Project, ANY, "./opencode.jsonc", KEYS, SERVERS),
    json(
        Scope::Project,
        ANY,
        "./.opencode/opencode.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Project,
        ANY,
        "./.opencode/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        LINUX,
        "/etc/opencode/opencode.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        LINUX,
        "/etc/opencode/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        MACOS,
        "/Library/Application Support/opencode/opencode.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        MACOS,
        "/Library/Application Support/opencode/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/ProgramData/opencode/opencode.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/ProgramData/opencode/opencode.jsonc",
        KEYS,
        SERVERS,
    ),
];

/// Its database, and the files that older versions kept instead.
fn projects(scan: &mut Scan<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for path in scan.paths(
        "${XDG_DATA_HOME:-~/.local/share}/opencode/opencode*.db",
        None,
    ) {
        // It must be a regular file before SQLite is asked to open it.
        match reading::open(&path, scan.home.map(|home| home.uid)) {
            Ok(_) => match worktrees(&path) {
                Some(found) => {
                    scan.cover(&path, Looked::Found);
                    all.extend(found);
                }
                None => scan.broken(&path, "it is no database with projects".to_owned()),
            },
            Err(looked) => scan.cover(&path, looked),
        }
    }
    let files = "${XDG_DATA_HOME:-~/.local/share}/opencode/storage/project/*.json";
    for path in scan.paths(files, None).into_iter().take(MOST_PROJECTS) {
        let doc = scan.doc_if_there(&path, Format::Jsonc);
        all.extend(doc.and_then(|doc| Some(doc.tree().text_at("worktree")?.to_owned())));
    }
    all
}

/// The projects of a database. Looking must change nothing, and opening one of this kind (WAL) makes files
/// beside it. So where something is not written back yet, it is opened for reading, its shared memory too;
/// else, and where that cannot be, as it lies there.
fn worktrees(path: &Path) -> Option<Vec<String>> {
    let name = path.to_str()?;
    let waits = fs::metadata(format!("{name}-wal")).is_ok_and(|found| found.len() > 0);
    let name: String = name.bytes().map(escaped).collect();
    let live = waits.then_some("mode=ro&readonly_shm=1").into_iter();
    let mut ways = live.chain(["mode=ro&immutable=1"]);
    ways.find_map(|how| query(&format!("file:{name}?{how}")).ok())
}

fn query(uri: &str) -> rusqlite::Result<Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(uri, flags)?;
    // A database is foreign bytes: no functions of its schema, and no view in place of the table.
    database.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    let sql: String = database.query_row(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'project'",
        [],
        |row| row.get(0),
    )?;
    if !sql
        .trim_start()
        .to_ascii_uppercase()
        .starts_with("CREATE TABLE")
    {
        return Err(rusqlite::Error::InvalidQuery);
    }
    let mut rows = database.prepare(
        "SELECT worktree FROM project WHERE length(worktree) < 4096 ORDER BY worktree LIMIT ?1",
    )?;
    let most = i64::try_from(MOST_PROJECTS).unwrap_or(i64::MAX);
    let found = rows.query_map([most], |row| row.get(0))?;
    found.collect()
}

/// A byte of a path in a URI (RFC 3986).
fn escaped(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');
    if plain {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests;
