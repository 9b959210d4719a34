//! Commands as they may be written, and patterns against every way to write a URL.

use std::path::PathBuf;

use tidegate_discovery::Home;

use super::{commands, matches, patterns, target, url};
use crate::machine::fixture::located;

#[test]
fn patterns_catch_every_spelling_of_a_url_and_not_its_neighbours() {
    let evil = patterns("https://Evil.example.com/", true);
    assert_eq!(evil, ["*://evil.example.com/*"]);
    for caught in [
        "https://evil.example.com/mcp",
        "http://evil.example.com/mcp",
        "wss://evil.example.com",
        "https://EVIL.example.com:443/x?y=z",
        "https://user@evil.example.com./",
    ] {
        assert!(
            evil.iter().any(|pattern| matches(pattern, caught)),
            "{caught}"
        );
    }
    assert!(!matches(&evil[0], "https://not-evil.example.com/"));

    let path = patterns("https://mcp.example.com/a/", true);
    for caught in [
        "https://mcp.example.com/a",
        "http://mcp.example.com/a/",
        "https://mcp.example.com/a?t=1",
    ] {
        assert!(
            path.iter().any(|pattern| matches(pattern, caught)),
            "{caught}"
        );
    }
    for free in [
        "https://mcp.example.com/ab",
        "https://mcp.example.com/",
        "https://x.example.com/a",
    ] {
        assert!(!path.iter().any(|pattern| matches(pattern, free)), "{free}");
    }
    let shared = patterns("https://mcp.example.com", false);
    assert!(
        shared
            .iter()
            .any(|pattern| matches(pattern, "https://mcp.example.com"))
    );
    assert!(
        !shared
            .iter()
            .any(|pattern| matches(pattern, "https://mcp.example.com/b"))
    );
    assert!(patterns("https://*/x", true).is_empty() && patterns("not a url", true).is_empty());
}

#[test]
fn variables_are_filled_in_as_far_as_they_are_known() {
    let home = Home {
        user: "ann".into(),
        uid: 1000,
        gid: 1000,
        path: PathBuf::from("/home/ann"),
    };
    let written = |args: &[&str]| {
        let mut server = located("claude-code", "s");
        server.raw.command = Some("${PY:-python3}".into());
        server.raw.args = args.iter().map(|arg| (*arg).to_owned()).collect();
        server
    };
    let both = commands(&written(&["${HOME}/x"]), Some(&home));
    assert_eq!(
        both,
        Some(vec![
            vec!["python3".to_owned(), "/home/ann/x".to_owned()],
            vec!["${PY:-python3}".to_owned(), "${HOME}/x".to_owned()],
        ])
    );
    assert_eq!(commands(&written(&["${UNKNOWN}"]), Some(&home)), None);
    let mut secret = written(&[]);
    secret.secret = true;
    assert_eq!(commands(&secret, Some(&home)), None);
}

#[test]
fn a_url_whose_path_holds_a_secret_is_not_written_down() -> anyhow::Result<()> {
    let mut server = located("claude-code", "s");
    server.server.identity = "url:https://mcp.example.com/t".parse()?;
    server.raw.url = Some("https://MCP.example.com/t?key=1".into());
    assert_eq!(url(&server), Some("https://mcp.example.com/t"));
    server.raw.url = Some("https://mcp.example.com/secret".into());
    assert_eq!(url(&server), None);
    // A bridge is a command, whatever it leads to.
    server.raw.url = None;
    assert_eq!(
        (url(&server), target(&server)),
        (None, Some("https://mcp.example.com/t"))
    );
    Ok(())
}
