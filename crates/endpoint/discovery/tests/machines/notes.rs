//! What our shim leaves: its place in an entry, and the tools that it saw.

use anyhow::{Context, Result};
use tidegate_device_api::{SeenTools, Tool, ToolSource};
use tidegate_discovery::Os;

use crate::machine::Machine;

#[test]
fn a_wrapped_entry_is_what_is_inside() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    machine.write(
        "/home/ada/.claude.json",
        r#"{"mcpServers": {
            "bare": {"command": "npx", "args": ["-y", "some-mcp", "--token", "planted"]},
            "wrapped": {"command": "/usr/bin/tidegate-edge", "args": ["mcp-run", "--client", "claude-code", "--", "npx", "-y", "some-mcp", "--token", "planted"]},
            "fake": {"command": "/usr/bin/tidegate-edge", "args": ["mcp-run"]}}}"#,
    )?;
    let found = machine.scan();
    let find = |name: &str| {
        let mut servers = found.servers.iter();
        servers
            .find(|located| located.server.name == name)
            .context("a server")
    };
    let (bare, wrapped, fake) = (find("bare")?, find("wrapped")?, find("fake")?);
    assert!(wrapped.wrapped && !bare.wrapped && !fake.wrapped);
    assert_eq!(wrapped.raw, bare.raw);
    assert_eq!(wrapped.server.launch, bare.server.launch);
    assert_eq!(wrapped.server.identity, bare.server.identity);
    assert!(bare.secret && wrapped.secret && !fake.secret);
    Ok(())
}

#[test]
fn tools_that_were_seen_are_told_as_such() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    machine.write(
        "/home/ada/.codex/config.toml",
        "[mcp_servers.s]\ncommand = \"uvx\"\nargs = [\"s-mcp\"]\nenabled_tools = [\"a\"]\n\
         [mcp_servers.t]\ncommand = \"uvx\"\nargs = [\"t-mcp\"]\n",
    )?;
    let server = machine.scan().servers.remove(0).server;
    assert_eq!(server.tool_source, Some(ToolSource::Config));
    let tool = |name: &str, description: Option<String>| Tool {
        name: name.into(),
        description,
    };
    let note = SeenTools {
        identity: server.identity.clone(),
        tools: vec![
            tool("b", Some("x".repeat(400))),
            tool("a", None),
            tool("bad name\n", None),
        ],
        seen_at: 1,
    };
    let path = format!(
        "/home/ada/.local/state/tidegate/tools/{}.json",
        server.launch
    );
    machine.write(&path, serde_json::to_vec(&note)?)?;
    let found = machine.scan();
    let (first, second) = (&found.servers[0].server, &found.servers[1].server);
    assert_eq!(first.tool_source, Some(ToolSource::Shim));
    assert_eq!(
        first.tools,
        [tool("a", None), tool("b", Some("x".repeat(300)))]
    );
    assert_eq!((second.tool_source, second.tools.len()), (None, 0));
    Ok(())
}
