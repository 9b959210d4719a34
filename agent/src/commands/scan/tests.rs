//! A made-up home, and what is printed of it.

use std::fs;

use tempfile::TempDir;
use tidegate_discovery::Os;

use super::*;

const SECRET: &str = "sk-ant-api03-AAAABBBBCCCCDDDDEEEEFFFF0123456789";

struct Made {
    root: TempDir,
}

impl Made {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        Self { root }
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn look(&self) -> Inventory {
        let places = Places {
            root: self.root.path().into(),
            os: Os::Linux,
        };
        let home = Home {
            user: "ada".into(),
            uid: getuid().as_raw(),
            gid: getgid().as_raw(),
            path: "/home/ada".into(),
        };
        own(&places, &home)
    }
}

fn developer() -> Made {
    let claude = format!(
        r#"{{"mcpServers": {{"github": {{"command": "npx",
             "args": ["-y", "@modelcontextprotocol/server-github@2025.4.8", "--token", "{SECRET}"],
             "env": {{"GITHUB_TOKEN": "{SECRET}"}}}},
             "docs": {{"type": "http", "url": "https://docs.example.com/mcp?api_key={SECRET}",
             "headers": {{"Authorization": "Bearer {SECRET}"}}}}}}}}"#
    );
    Made::new()
        .file("home/ada/.claude.json", &claude)
        .file("home/ada/.cursor/mcp.json", "{ not JSON at all")
        .file(
            "home/ada/.npm-global/lib/node_modules/@anthropic-ai/claude-code/package.json",
            r#"{"name": "@anthropic-ai/claude-code", "version": "2.1.10", "author": "Anthropic <s@example.com>"}"#,
        )
        .file(
            "var/lib/dpkg/status",
            "Package: code\nStatus: install ok installed\nVersion: 1.117.0\n",
        )
}

#[test]
fn people_read_a_table_for_each_client() {
    let text = report::text(&developer().look(), false);
    let lines: Vec<&str> = text.lines().collect();
    let after = |heading: &str| {
        let at = lines.iter().position(|line| *line == heading);
        let at = at.unwrap_or_else(|| panic!("no {heading} in\n{text}"));
        let words = |line: &&str| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        lines[at + 1..]
            .iter()
            .take_while(|line| !line.is_empty())
            .map(words)
            .collect::<Vec<_>>()
    };
    let claude = after("Claude Code (claude-code)");
    assert_eq!(
        claude[0],
        [
            "APP",
            "VERSION",
            "KIND",
            "PUBLISHER",
            "SOURCE",
            "USER",
            "PATH"
        ]
    );
    let path = "~/.npm-global/lib/node_modules/@anthropic-ai/claude-code";
    assert_eq!(
        claude[1],
        [
            "Claude",
            "Code",
            "2.1.10",
            "cli",
            "Anthropic",
            "npm",
            "ada",
            path
        ]
    );
    assert_eq!(claude[2][..4], ["SERVER", "SCOPE", "IDENTITY", "TRANSPORT"]);
    assert_eq!(
        claude[3][..5],
        [
            "docs",
            "user",
            "url:https://docs.example.com/mcp",
            "http",
            "yes"
        ]
    );
    let github = "npm:@modelcontextprotocol/server-github@2025.4.8";
    assert_eq!(
        claude[4][..6],
        ["github", "user", github, "stdio", "yes", "unknown"]
    );
    let code = after("Visual Studio Code (vscode)");
    assert_eq!(
        code[1][..6],
        ["Visual", "Studio", "Code", "1.117.0", "editor", "Microsoft"]
    );
    let summary = lines
        .iter()
        .find(|line| line.starts_with("Looked at "))
        .unwrap();
    assert!(
        summary.contains(" found, ")
            && summary.contains(" absent, ")
            && summary.contains("1 broken"),
        "{summary}"
    );
    assert!(
        text.contains("~/.cursor/mcp.json") && !text.contains("~/.bun/"),
        "{text}"
    );
}

#[test]
fn coverage_shows_every_place() {
    let inventory = developer().look();
    let text = report::text(&inventory, true);
    assert!(text.contains("~/.bun/install/global/node_modules"));
    let places = text
        .lines()
        .skip_while(|line| !line.starts_with("Looked at "));
    assert_eq!(places.count(), inventory.coverage.len() + 2);
}

#[test]
fn no_secret_is_printed() {
    let inventory = developer().look();
    assert_eq!(inventory.mcp_servers.len(), 2);
    let json = serde_json::to_string_pretty(&inventory).unwrap();
    for printed in [report::text(&inventory, true), json] {
        assert!(
            !printed.contains(SECRET) && !printed.contains(&SECRET[..16]),
            "{printed}"
        );
        assert!(printed.contains("github"));
    }
}

#[test]
fn json_is_an_inventory() {
    let inventory = developer().look();
    let json = serde_json::to_string_pretty(&inventory).unwrap();
    assert_eq!(serde_json::from_str::<Inventory>(&json).unwrap(), inventory);
    assert_eq!(developer().look(), inventory);
}

#[test]
fn an_empty_home_is_told_as_that() {
    let text = report::text(&Made::new().look(), false);
    assert!(
        text.starts_with("No AI app and no MCP server was found.\nLooked at "),
        "{text}"
    );
}

#[test]
fn a_name_cannot_draw_on_the_terminal() {
    let made = Made::new().file(
        "home/ada/.claude.json",
        r#"{"mcpServers": {"a\u001b[2J\u202e\nb": {"command": "npx", "args": ["-y", "pkg"]}}}"#,
    );
    let text = report::text(&made.look(), true);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(text.contains("npm:pkg"), "{text}");
}

#[test]
fn home_counts_when_it_is_the_callers() {
    let mine = tempfile::tempdir().unwrap();
    assert!(is_own(mine.path(), getuid()));
    assert!(!is_own(mine.path(), Uid::from_raw(getuid().as_raw() + 1)));
    assert!(!is_own(Path::new("relative"), getuid()));
    assert!(!is_own(Path::new("/none/at/all"), getuid()));
}
