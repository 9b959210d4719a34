//! Servers, homes and policies for tests.

use std::path::{Path, PathBuf};

use tidegate_device_api::{McpServer, Scope, Transport};
use tidegate_discovery::{Entry, Format, Found, Home, Located, Os, Places, RawLaunch};
use tidegate_policy::{
    Decision, Document, Identified, Launch, McpRule, McpTarget, NoLookup, ToolRules, identify,
};

fn identified(name: &str) -> Identified {
    let launch = Launch::Local {
        command: "npx".into(),
        args: vec!["-y".into(), format!("pkg-{name}")],
    };
    identify(&launch, None, &NoLookup)
}

/// A local server in a user's configuration; its identity goes by its name.
pub(crate) fn located(client: &str, name: &str) -> Located {
    let is = identified(name);
    Located {
        server: McpServer {
            user: Some("ann".into()),
            client: client.parse().unwrap(),
            scope: Scope::User,
            config_path: "~/config".into(),
            project: None,
            name: name.into(),
            identity: is.identity,
            version: None,
            arguments: is.arguments,
            launch: is.launch,
            transport: Transport::Stdio,
            command: Some("npx".into()),
            args: vec!["-y".into(), format!("pkg-{name}")],
            url: None,
            given: Vec::new(),
            enabled: true,
            tools: Vec::new(),
            tool_source: None,
        },
        raw: RawLaunch {
            command: Some("npx".into()),
            args: vec!["-y".into(), format!("pkg-{name}")],
            url: None,
        },
        secret: false,
        wrapped: false,
        entry: None,
    }
}

/// The same, in a file.
pub(crate) fn entered(
    client: &str,
    name: &str,
    file: &Path,
    format: Format,
    keys: &[&str],
) -> Located {
    let mut server = located(client, name);
    server.entry = Some(Entry {
        file: file.to_owned(),
        format,
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        shared: false,
    });
    server
}

/// A server on the network.
pub(crate) fn remote(client: &str, name: &str, url: &str) -> Located {
    let mut server = located(client, name);
    server.server.identity = format!("url:{url}").parse().unwrap();
    server.server.transport = Transport::Http;
    server.server.command = None;
    server.server.args.clear();
    server.server.url = Some(url.into());
    server.raw = RawLaunch {
        command: None,
        args: Vec::new(),
        url: Some(url.into()),
    };
    server
}

pub(crate) fn found(servers: Vec<Located>) -> Found {
    Found {
        servers,
        ..Found::default()
    }
}

pub(crate) fn places(root: &Path) -> Places {
    Places {
        root: root.to_owned(),
        os: Os::Linux,
    }
}

pub(crate) fn ann() -> Home {
    Home {
        user: "ann".into(),
        uid: 1000,
        gid: 1000,
        path: PathBuf::from("/home/ann"),
    }
}

/// A policy that decides about servers.
pub(crate) fn policy(rules: &[(&Located, Decision)]) -> Document {
    let rule = |(server, decision): &(&Located, Decision)| McpRule {
        target: McpTarget {
            identity: server.server.identity.clone(),
            arguments: None,
            launch: None,
        },
        decision: *decision,
        tools: ToolRules::default(),
        note: None,
    };
    Document {
        mcp_servers: rules.iter().map(rule).collect(),
        ..Document::ungoverned()
    }
}

pub(crate) fn denied(servers: &[&Located]) -> Document {
    let rules: Vec<_> = servers
        .iter()
        .map(|server| (*server, Decision::Denied))
        .collect();
    policy(&rules)
}
