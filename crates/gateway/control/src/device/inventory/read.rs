//! Reading an inventory: what a device found in files that anybody may have written. Every text and
//! every list is cut to its bound, and one entry that cannot be read hides no other.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tidegate_device_api::{Coverage, InstalledApp, Inventory, McpServer};
use tidegate_governance::record::printable;
use tidegate_store::NewInventory;

/// The most entries of a kind; the others are counted as left out.
const MOST: usize = 4_000;
/// The most tools of a server, and the most arguments and names of what it is given.
const MOST_TOOLS: usize = 500;
const MOST_WORDS: usize = 64;

#[derive(Deserialize)]
struct Sheet<'a> {
    #[serde(borrow, default)]
    apps: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    mcp_servers: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    coverage: Vec<&'a RawValue>,
    #[serde(default)]
    truncated: bool,
}

/// An inventory, as it was uploaded.
///
/// # Errors
/// It is not JSON of this shape.
pub(super) fn inventory(body: &[u8]) -> Result<NewInventory, serde_json::Error> {
    let sheet: Sheet<'_> = serde_json::from_slice(body)?;
    let given = sheet.apps.len() + sheet.mcp_servers.len() + sheet.coverage.len();
    let inventory = Inventory {
        apps: entries(&sheet.apps, app),
        mcp_servers: entries(&sheet.mcp_servers, server),
        coverage: entries(&sheet.coverage, coverage),
        truncated: sheet.truncated,
    };
    let kept = inventory.apps.len() + inventory.mcp_servers.len() + inventory.coverage.len();
    Ok(NewInventory {
        hash: Sha256::digest(body).into(),
        bytes: body.len(),
        inventory,
        dropped: given - kept,
    })
}

fn entries<T: DeserializeOwned>(given: &[&RawValue], bound: impl Fn(&mut T)) -> Vec<T> {
    let read = |entry: &&RawValue| {
        let mut entry = serde_json::from_str::<T>(entry.get()).ok()?;
        bound(&mut entry);
        Some(entry)
    };
    given.iter().filter_map(read).take(MOST).collect()
}

fn app(app: &mut InstalledApp) {
    cut(&mut app.name, 255);
    cut_some(&mut app.version, 64);
    cut_some(&mut app.publisher, 255);
    cut(&mut app.path, 1_024);
    cut_some(&mut app.user, 255);
}

fn server(server: &mut McpServer) {
    cut_some(&mut server.user, 255);
    cut(&mut server.config_path, 1_024);
    cut_some(&mut server.project, 1_024);
    cut(&mut server.name, 255);
    cut_some(&mut server.version, 64);
    cut_some(&mut server.command, 1_024);
    server.args.truncate(MOST_WORDS);
    server.args.iter_mut().for_each(|text| cut(text, 1_024));
    cut_some(&mut server.url, 2_048);
    server.given.truncate(MOST_WORDS);
    server.given.iter_mut().for_each(|text| cut(text, 128));
    server.tools.truncate(MOST_TOOLS);
    for tool in &mut server.tools {
        cut(&mut tool.name, 128);
        let short = |text: &String| text.chars().take(300).collect();
        tool.description = tool.description.as_ref().map(short);
        cut_some(&mut tool.description, 1_200);
    }
}

fn coverage(place: &mut Coverage) {
    cut_some(&mut place.user, 255);
    cut(&mut place.path, 1_024);
    cut_some(&mut place.detail, 500);
}

/// Cuts a text to a number of bytes and makes it printable.
fn cut(text: &mut String, most: usize) {
    if text.len() > most || text.contains(char::is_control) {
        *text = printable(text, most);
    }
}

fn cut_some(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        cut(text, most);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tidegate_device_api::Transport;

    use super::*;

    fn a_server(name: &str) -> Value {
        json!({
            "client": "claude-code", "scope": "user", "config_path": "~/.claude.json",
            "name": name, "identity": "npm:x", "arguments": "0".repeat(64),
            "launch": "1".repeat(64), "transport": "stdio", "enabled": true,
        })
    }

    #[test]
    fn one_bad_entry_hides_no_other_and_is_counted() {
        let mut newer = a_server("newer");
        newer["transport"] = json!("carrier_pigeon");
        newer["added_by_a_newer_agent"] = json!({ "a": [1] });
        let body = json!({
            "mcp_servers": [a_server("a"), { "name": "no more" }, 7, newer, a_server("b")],
            "apps": [null], "coverage": [], "truncated": true, "later": 1,
        })
        .to_string();
        let read = inventory(body.as_bytes()).unwrap();
        let servers = &read.inventory.mcp_servers;
        let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
        assert_eq!(names, ["a", "newer", "b"]);
        assert_eq!(servers[1].transport, Transport::Other);
        assert_eq!((read.dropped, read.inventory.truncated), (3, true));
        let hash: [u8; 32] = Sha256::digest(body.as_bytes()).into();
        assert_eq!((read.hash, read.bytes), (hash, body.len()));
        for bad in ["", "7", "{\"apps\": {}}", "{\"apps\": [1]"] {
            assert!(inventory(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_and_lists_have_bounds() {
        let mut server = a_server(&format!("a\n\0{}", "x".repeat(1_000)));
        server["args"] = json!(vec!["y".repeat(5_000); 100]);
        server["tools"] = json!(vec![
            json!({ "name": "t", "description": "ä".repeat(900) });
            600
        ]);
        let many = vec![json!({ "client": "codex", "path": "~/x", "looked": "absent" }); MOST + 7];
        let body = json!({ "mcp_servers": [server], "coverage": many }).to_string();
        let read = inventory(body.as_bytes()).unwrap();
        let server = &read.inventory.mcp_servers[0];
        assert!(server.name.len() <= 255 && !server.name.contains(char::is_control));
        assert_eq!((server.args.len(), server.args[0].len()), (64, 1_024));
        assert_eq!(server.tools.len(), 500);
        let told = server.tools[0].description.as_ref().unwrap();
        assert_eq!(told.chars().count(), 300);
        assert_eq!((read.inventory.coverage.len(), read.dropped), (MOST, 7));
    }
}
