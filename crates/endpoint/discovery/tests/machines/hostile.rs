//! A home that its owner, or something that got into it, has made a trap of.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    time::{Duration, Instant},
};

use crate::machine::{Machine, names};
use anyhow::Result;
use nix::{
    sys::stat::Mode,
    time::{ClockId, clock_gettime},
    unistd::mkfifo,
};
use tidegate_device_api::{Looked, Scope};
use tidegate_discovery::{Found, Os};

fn looked(found: &Found, path: &str) -> Option<Looked> {
    let mut places = found.coverage.iter();
    places
        .find(|place| place.path == path)
        .map(|place| place.looked)
}

const GOOD: &str = r#"{"mcpServers": {"good": {"command": "npx", "args": ["good-mcp"]}}}"#;

#[test]
fn no_trap_stops_the_scan_or_hides_the_rest() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    machine.write("/home/ada/.cursor/mcp.json", GOOD)?;
    // A pipe that never answers.
    machine.write("/home/ada/.claude/keep", "")?;
    mkfifo(&machine.real("/home/ada/.claude.json"), Mode::S_IRWXU)?;
    // A sparse file of a gigabyte.
    let large = machine.write("/home/ada/.codex/config.toml", "")?;
    File::options().write(true).open(large)?.set_len(1 << 30)?;
    // Without bottom.
    machine.write("/home/ada/.gemini/settings.json", "{\"a\":".repeat(10_000))?;
    // A folder where a file should be.
    fs::create_dir_all(machine.real("/home/ada/.config/zed/settings.json"))?;
    // A device that never ends.
    symlink("/dev/zero", machine.real("/home/ada/.config/zed/x"))?;
    machine.write("/home/ada/.codeium/windsurf/keep", "")?;
    symlink(
        "/dev/zero",
        machine.real("/home/ada/.codeium/windsurf/mcp_config.json"),
    )?;
    // A link that leads to itself.
    machine.write("/home/ada/.junie/mcp/keep", "")?;
    symlink("mcp.json", machine.real("/home/ada/.junie/mcp/mcp.json"))?;
    // Folders that lead back up.
    machine.write("/home/ada/.claude/plugins/cache/a/b/keep", "")?;
    symlink(
        "../..",
        machine.real("/home/ada/.claude/plugins/cache/a/b/c"),
    )?;
    machine.write("/home/ada/.cursor/plugins/local/a/mcp.json", GOOD)?;
    symlink("..", machine.real("/home/ada/.cursor/plugins/local/a/up"))?;

    let began = Instant::now();
    let found = machine.scan();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    for (path, expected) in [
        ("~/.cursor/mcp.json", Looked::Found),
        ("~/.claude.json", Looked::Unreadable),
        ("~/.codex/config.toml", Looked::TooLarge),
        ("~/.gemini/settings.json", Looked::TooLarge),
        ("~/.config/zed/settings.json", Looked::Unreadable),
        ("~/.codeium/windsurf/mcp_config.json", Looked::Unreadable),
        ("~/.junie/mcp/mcp.json", Looked::Unreadable),
        ("~/.config/goose/config.yaml", Looked::Absent),
    ] {
        assert_eq!(looked(&found, path), Some(expected), "{path}");
    }
    assert_eq!(names(&found, "cursor"), ["good", "good"]);
    Ok(())
}

#[test]
fn a_link_into_what_is_not_the_persons_gives_nothing() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    let secret = machine.write("/etc/shadow", GOOD)?;
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    machine.write("/home/ada/.cursor/keep", "")?;
    symlink(secret, machine.real("/home/ada/.cursor/mcp.json"))?;
    // One that everybody may read: people keep their settings in a repository and link to them.
    let own = machine.write("/home/ada/dotfiles/claude.json", GOOD)?;
    fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    symlink(
        "dotfiles/claude.json",
        machine.real("/home/ada/.claude.json"),
    )?;
    let found = machine.scan();
    // Whoever runs this test owns the file; the home's owner is another, unless they are the same.
    let same = nix::unistd::getuid().as_raw() == machine.ada().uid;
    assert_eq!(names(&found, "cursor").is_empty(), !same);
    assert_eq!(names(&found, "claude-code"), ["good"]);
    let entry = found.servers.iter().find_map(|located| {
        let claude = located.server.client.as_str() == "claude-code";
        located.entry.as_ref().filter(|_| claude)
    });
    let file = entry.map(|entry| entry.file.as_path());
    assert_eq!(file, Some("/home/ada/.claude.json".as_ref()));
    Ok(())
}

#[test]
fn one_bad_entry_hides_no_other() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    machine.write(
        "/home/ada/.claude.json",
        r#"{"mcpServers": {"a": 1, "b": {"command": "x"}, "c": {"command": []}, "d": {"url": 7},
            "e": {"command": "y"}, "e": {"command": "z"}},
            "projects": {"/p": 5, "/q": {"mcpServers": "no"}}}"#,
    )?;
    // The file ends in the middle, as when a disk is full.
    machine.write(
        "/home/ada/.cursor/mcp.json",
        r#"{"mcpServers": {"whole": {"command": "x"}, "cut": {"command": "y", "args": ["--sa"#,
    )?;
    machine.write(
        "/home/ada/.codex/config.toml",
        "[mcp_servers.x]\ncommand = \"x\"\ncommand = 2\n",
    )?;
    machine.write(
        "/home/ada/.continue/config.yaml",
        "mcpServers:\n  - name: y\n    command: x\n\t- z\n",
    )?;
    let found = machine.scan();
    assert_eq!(names(&found, "claude-code"), ["b", "e"]);
    let last = found
        .servers
        .iter()
        .find(|located| located.server.name == "e");
    assert_eq!(
        last.and_then(|located| located.raw.command.as_deref()),
        Some("z")
    );
    assert_eq!(names(&found, "cursor"), ["whole"]);
    for path in [
        "~/.claude.json",
        "~/.cursor/mcp.json",
        "~/.codex/config.toml",
        "~/.continue/config.yaml",
    ] {
        assert_eq!(looked(&found, path), Some(Looked::Broken), "{path}");
    }
    let details = found
        .coverage
        .iter()
        .filter_map(|place| place.detail.as_deref());
    let details: Vec<_> = details.collect();
    let says = |text: &str| details.iter().any(|detail| detail.contains(text));
    assert!(
        says("entry \"a\": it is no object") && says("stands twice"),
        "{details:?}"
    );
    assert!(
        says("entry \"cut\": the file ends inside of it"),
        "{details:?}"
    );
    Ok(())
}

#[test]
fn other_encodings_are_read() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    let wide: Vec<u8> = format!("\u{feff}{GOOD}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    machine.write("/home/ada/.cursor/mcp.json", wide)?;
    machine.write(
        "/home/ada/.claude.json",
        format!("\u{feff}{}", GOOD.replace(' ', "\r\n")),
    )?;
    machine.write(
        "/home/ada/.junie/mcp/mcp.json",
        b"{\"mcpServers\": {\"\xff\": {\"command\": \"x\"}}}",
    )?;
    let found = machine.scan();
    assert_eq!(names(&found, "cursor"), ["good"]);
    assert_eq!(names(&found, "claude-code"), ["good"]);
    assert_eq!(names(&found, "jetbrains").len(), 1);
    assert_eq!(
        looked(&found, "~/.junie/mcp/mcp.json"),
        Some(Looked::Broken)
    );
    Ok(())
}

#[test]
fn one_name_in_three_projects_is_three_servers() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    let mut projects = Vec::new();
    for name in ["a", "b", "c"] {
        projects.push(format!(r#""/home/ada/{name}": {{"mcpServers": {{"db": {{"command": "npx", "args": ["db-{name}"]}}}}}}"#));
        let text = format!(
            r#"{{"mcpServers": {{"db": {{"command": "npx", "args": ["shared-{name}"]}}}}}}"#
        );
        machine.write(&format!("/home/ada/{name}/.mcp.json"), text)?;
    }
    machine.write(
        "/home/ada/.claude.json",
        format!(r#"{{"projects": {{{}}}}}"#, projects.join(",")),
    )?;
    let found = machine.scan();
    let servers = found.servers.iter().map(|located| &located.server);
    let mut what: Vec<_> = servers
        .map(|server| {
            (
                server.scope,
                server.project.clone(),
                server.identity.to_string(),
            )
        })
        .collect();
    what.sort();
    let mut expected = Vec::new();
    for (scope, kind) in [(Scope::Local, "db"), (Scope::Project, "shared")] {
        for name in ["a", "b", "c"] {
            expected.push((
                scope,
                Some(format!("~/{name}")),
                format!("npm:{kind}-{name}"),
            ));
        }
    }
    assert_eq!(what, expected);
    Ok(())
}

#[test]
fn more_than_is_read_is_said() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    let servers: Vec<_> = (0..3_000)
        .map(|n| format!(r#""s{n}": {{"command": "c{n}"}}"#))
        .collect();
    machine.write(
        "/home/ada/.cursor/mcp.json",
        format!(r#"{{"mcpServers": {{{}}}}}"#, servers.join(",")),
    )?;
    let found = machine.scan();
    assert_eq!(found.servers.len(), 2_000);
    assert_eq!(looked(&found, "~"), Some(Looked::TooLarge));
    Ok(())
}

#[test]
fn five_hundred_projects_take_no_time() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    let mut projects = Vec::new();
    for number in 0..600 {
        let folder = format!("/home/ada/src/team{}/project{number}", number % 20);
        let text =
            format!(r#"{{"mcpServers": {{"s": {{"command": "npx", "args": ["p{number}"]}}}}}}"#);
        machine.write(&format!("{folder}/.mcp.json"), text)?;
        projects.push(format!("\"{folder}\": {{}}"));
    }
    machine.write(
        "/home/ada/.claude.json",
        format!(r#"{{"projects": {{{}}}}}"#, projects.join(",")),
    )?;
    // Time of this thread: other tests and builds run at the same time.
    let spent = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from);
    let before = spent()?;
    let found = machine.scan();
    let took = spent()? - before;
    println!("500 projects, {} servers: {took:?}", found.servers.len());
    assert_eq!(found.servers.len(), 500);
    assert_eq!(looked(&found, "~"), Some(Looked::TooLarge));
    assert!(took < Duration::from_secs(1), "{took:?}");
    Ok(())
}
