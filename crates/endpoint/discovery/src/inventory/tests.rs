//! Inventories: one order, one copy, and no more than fits.

use tidegate_device_api::{
    Coverage, InstallSource, InstalledApp, InstalledKind, LARGEST_INVENTORY, Looked, McpServer,
    Scope, Tool, Transport,
};
use tidegate_policy::{AppId, Launch, NoLookup, identify};

use super::inventory;
use crate::{Found, Located, RawLaunch};

fn client() -> AppId {
    "claude-code".parse().expect("an id")
}

fn server(name: &str, description: usize) -> Located {
    let launch = Launch::Remote {
        url: "https://mcp.example.com/mcp".into(),
    };
    let what = identify(&launch, None, &NoLookup);
    let tool = Tool {
        name: "t".into(),
        description: Some("d".repeat(description)),
    };
    Located {
        server: McpServer {
            user: None,
            client: client(),
            scope: Scope::User,
            config_path: "~/.claude.json".into(),
            project: None,
            name: name.into(),
            identity: what.identity,
            version: None,
            arguments: what.arguments,
            launch: what.launch,
            transport: Transport::Http,
            command: None,
            args: Vec::new(),
            url: Some("https://mcp.example.com/mcp".into()),
            given: Vec::new(),
            enabled: true,
            tools: vec![tool],
            tool_source: None,
        },
        raw: RawLaunch::default(),
        secret: false,
        wrapped: false,
        entry: None,
    }
}

fn place(path: &str) -> Coverage {
    Coverage {
        user: None,
        client: client(),
        path: path.into(),
        looked: Looked::Absent,
        detail: None,
    }
}

#[test]
fn the_order_of_finding_does_not_matter() {
    let app = InstalledApp {
        app: client(),
        name: "Claude Code".into(),
        kind: InstalledKind::Cli,
        version: None,
        publisher: None,
        path: "~/.local/bin/claude".into(),
        source: InstallSource::Vendor,
        user: None,
    };
    let one = Found {
        apps: vec![app],
        servers: vec![server("b", 1), server("a", 1)],
        coverage: vec![place("~/b"), place("~/a")],
        ..Found::default()
    };
    let mut other = one.clone();
    other.servers.reverse();
    other.coverage.reverse();
    other.coverage.push(place("~/a"));
    let user = |name: &str| Some(name.to_owned());
    let found = [
        (user("ada"), one.clone()),
        (user("bob"), one.clone()),
        (None, one),
    ];
    let mut turned = found.clone();
    turned.reverse();
    turned[0].1 = other;
    let (first, second) = (inventory(&found), inventory(&turned));
    assert_eq!(first.json, second.json);
    assert_eq!(first.hash, second.hash);
    assert_eq!(first.inventory.mcp_servers.len(), 6);
    assert!(!first.inventory.truncated);
    let users: Vec<_> = first
        .inventory
        .apps
        .iter()
        .map(|app| app.user.as_deref())
        .collect();
    assert_eq!(users, [None, Some("ada"), Some("bob")]);
    assert_eq!(first.hash.to_string().len(), 64);
    let read = serde_json::from_slice(&first.json).ok();
    assert_eq!(read.as_ref(), Some(&first.inventory));
}

#[test]
fn what_does_not_fit_goes_in_order() {
    let many = |servers: usize, description: usize, places: usize| {
        let found = Found {
            servers: (0..servers)
                .map(|n| server(&n.to_string(), description))
                .collect(),
            coverage: (0..places).map(|n| place(&format!("~/{n}"))).collect(),
            ..Found::default()
        };
        let sealed = inventory(&[(None, found)]);
        assert!(sealed.json.len() <= LARGEST_INVENTORY);
        sealed.inventory
    };
    let places = many(10, 5, 100_000);
    assert!(places.truncated && places.coverage.is_empty() && places.mcp_servers.len() == 10);
    assert!(places.mcp_servers[0].tools[0].description.is_some());
    let wordy = many(200, 30_000, 10);
    assert!(wordy.truncated && wordy.mcp_servers.len() == 200);
    assert!(wordy.mcp_servers[0].tools[0].description.is_none());
    let crowd = many(20_000, 5, 10);
    assert!(crowd.truncated && (1..20_000).contains(&crowd.mcp_servers.len()));
}
