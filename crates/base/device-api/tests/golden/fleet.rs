//! What the fleet says: the inventory, effects, requests, and a check-in with all of it.

use tidegate_device_api::{
    AccessRequest, Coverage, Effect, EffectItem, EffectReport, EffectState, InstallSource,
    InstalledApp, InstalledKind, Inventory, Looked, McpServer, Means, RequestAnswer, Scope, Tool,
    ToolSource, Transport, Wanted,
};
use tidegate_policy::{AppId, Decision, LaunchHash, McpIdentity};

use super::*;

fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

fn identity(text: &str) -> McpIdentity {
    text.parse().unwrap()
}

fn hash(digit: &str) -> LaunchHash {
    digit.repeat(64).parse().unwrap()
}

fn server() -> McpServer {
    McpServer {
        user: Some("ann".into()),
        client: app("claude-code"),
        scope: Scope::Local,
        config_path: "~/.claude.json".into(),
        project: Some("~/src/shop".into()),
        name: "files".into(),
        identity: identity("npm:@modelcontextprotocol/server-filesystem"),
        version: Some("2025.8.21".into()),
        arguments: hash("a"),
        launch: hash("b"),
        transport: Transport::Stdio,
        command: Some("npx".into()),
        args: vec![
            "-y".into(),
            "@modelcontextprotocol/server-filesystem".into(),
        ],
        url: None,
        given: vec!["API_TOKEN".into()],
        enabled: true,
        tools: vec![Tool {
            name: "read_file".into(),
            description: Some("Reads a file".into()),
        }],
        tool_source: Some(ToolSource::Shim),
    }
}

pub(super) fn inventory() -> Inventory {
    Inventory {
        apps: vec![InstalledApp {
            app: app("codex"),
            name: "Codex".into(),
            kind: InstalledKind::Cli,
            version: Some("0.130.0".into()),
            publisher: Some("OpenAI".into()),
            path: "/usr/lib/node_modules/@openai/codex".into(),
            source: InstallSource::Npm,
            user: None,
        }],
        mcp_servers: vec![
            server(),
            McpServer {
                user: None,
                client: app("codex"),
                scope: Scope::Managed,
                config_path: "/etc/codex/managed_config.toml".into(),
                project: None,
                name: "wiki".into(),
                identity: identity("url:https://mcp.example.com/sse"),
                version: None,
                transport: Transport::Http,
                command: None,
                args: Vec::new(),
                url: Some("https://mcp.example.com/sse".into()),
                given: Vec::new(),
                enabled: false,
                tools: Vec::new(),
                tool_source: None,
                ..server()
            },
        ],
        coverage: vec![Coverage {
            user: Some("ann".into()),
            client: app("cursor"),
            path: "~/.cursor/mcp.json".into(),
            looked: Looked::Broken,
            detail: Some("line 3: a value is missing".into()),
        }],
        truncated: true,
    }
}

pub(super) fn effects() -> EffectReport {
    EffectReport {
        revision: 7,
        effects: vec![
            Effect {
                item: EffectItem::McpServer {
                    identity: identity("npm:@modelcontextprotocol/server-filesystem"),
                    launch: hash("b"),
                    client: app("claude-code"),
                    name: "files".into(),
                    user: Some("ann".into()),
                    config_path: "~/.claude.json".into(),
                },
                decision: Decision::Denied,
                state: EffectState::PendingRestart,
                means: vec![Means::NativePolicy, Means::ConfigEdit],
                detail: Some("Claude Code runs, and reads it when it starts".into()),
            },
            Effect {
                item: EffectItem::App { app: app("cursor") },
                decision: Decision::Denied,
                state: EffectState::Verified,
                means: vec![Means::Socket, Means::Exec],
                detail: None,
            },
        ],
        truncated: false,
    }
}

pub(super) fn requests() -> Vec<AccessRequest> {
    let of = |number: u8, wanted| AccessRequest {
        id: format!("0195d2a0-0000-7000-8000-00000000000{number}"),
        wanted,
        reason: "for the release".into(),
        user: "ann".into(),
    };
    vec![
        of(1, Wanted::App { app: app("cursor") }),
        of(
            2,
            Wanted::McpServer {
                identity: identity("pypi:mcp-server-git"),
            },
        ),
        of(
            3,
            Wanted::Support {
                name: "Some App".into(),
            },
        ),
    ]
}

#[test]
fn inventories() -> Result<()> {
    is(&inventory(), include_str!("inventory.json"))?;
    is(
        &Inventory::default(),
        "{\n  \"apps\": [],\n  \"mcp_servers\": [],\n  \"coverage\": []\n}",
    )
}

#[test]
fn effects_of_decisions() -> Result<()> {
    is(&effects(), include_str!("effects.json"))?;
    let more = EffectReport {
        truncated: true,
        effects: Vec::new(),
        ..effects()
    };
    is(
        &more,
        "{\n  \"revision\": 7,\n  \"effects\": [],\n  \"truncated\": true\n}",
    )
}

#[test]
fn requests_of_people() -> Result<()> {
    let golden: Vec<&str> = include_str!("requests.txt").split("\n---\n").collect();
    let requests = requests();
    assert_eq!(golden.len(), requests.len());
    requests
        .iter()
        .zip(golden)
        .try_for_each(|(one, golden)| is(one, golden))
}

#[test]
fn a_check_in_with_everything() -> Result<()> {
    let request = CheckInRequest {
        revision: 7,
        wait_seconds: 60,
        agent_version: "0.2.0".into(),
        effective: true,
        problem: None,
        apps: Vec::new(),
        seq: 1_795_680_000,
        machine_id_hash: Some("5e".repeat(32)),
        inventory: Some("c0".repeat(32)),
        effects: Some(effects()),
        requests: requests(),
        open: vec!["0195d2a0-0000-7000-8000-000000000009".into()],
    };
    is(&request, include_str!("check_in_request_fleet.json"))?;
    let response = CheckInResponse {
        policy: None,
        next_seconds: 60,
        want_inventory: true,
        scan: true,
        answers: vec![
            RequestAnswer {
                id: "0195d2a0-0000-7000-8000-000000000008".into(),
                granted: true,
                note: None,
            },
            RequestAnswer {
                id: "0195d2a0-0000-7000-8000-000000000009".into(),
                granted: false,
                note: Some("Use the other one.".into()),
            },
        ],
        ..CheckInResponse::default()
    };
    is(&response, include_str!("check_in_response_fleet.json"))
}
