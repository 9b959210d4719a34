//! Files that are not there yet are waited for, so that they are looked at when they are.

use std::path::Path;

use anyhow::Result;
use tidegate_discovery::Os;

use crate::machine::{Machine, names};

const REGISTRY: &str = r#"{"projects": {"/home/ada/work": {}, "/home/ada/gone": {}}}"#;

#[test]
fn a_projects_files_are_waited_for() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    machine.write("/home/ada/.claude.json", REGISTRY)?;
    machine.write("/home/ada/work/README", "")?;
    let waits = |path: &str| {
        machine
            .scan()
            .watch
            .iter()
            .any(|one| one == Path::new(path))
    };
    for file in [
        ".mcp.json",
        ".cursor/mcp.json",
        ".vscode/mcp.json",
        ".codex/config.toml",
    ] {
        assert!(waits(&format!("/home/ada/work/{file}")), "{file}");
    }
    // What lies above a project is nobody's, and what is gone can have no files.
    assert!(!waits("/home/.mcp.json") && !waits("/home/ada/.mcp.json"));
    assert!(!waits("/home/ada/gone/.mcp.json"));
    // Waiting is no finding.
    let found = machine.scan();
    assert!(names(&found, "claude-code").is_empty());
    assert!(
        !found
            .coverage
            .iter()
            .any(|one| one.path.ends_with("/work/.mcp.json"))
    );
    machine.write(
        "/home/ada/work/.mcp.json",
        r#"{"mcpServers": {"late": {"command": "npx", "args": ["late-mcp"]}}}"#,
    )?;
    assert_eq!(names(&machine.scan(), "claude-code"), ["late"]);
    assert!(waits("/home/ada/work/.mcp.json"), "and then it is watched");
    Ok(())
}
