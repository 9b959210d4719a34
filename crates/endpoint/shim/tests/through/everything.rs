//! A server of others, where npm has it: the reference server that offers everything.

use std::process::Command;

use tidegate_policy::{Decision, ToolRules};

use crate::behind::{Place, words};

const SERVER: &str = "npx -y @modelcontextprotocol/server-everything";

/// Fetches it. It may not be possible on this machine, and then this says so.
fn is_there() -> bool {
    let fetched = Command::new("npx")
        .args([
            "-y",
            "-p",
            "@modelcontextprotocol/server-everything",
            "-c",
            "true",
        ])
        .output();
    match fetched {
        Ok(output) if output.status.success() => true,
        other => {
            eprintln!("SKIPPED: {SERVER} cannot be fetched here: {other:?}");
            false
        }
    }
}

#[test]
fn the_reference_server_works_through_the_shim() {
    if !is_there() {
        return;
    }
    let place = Place::new();
    let words = words(SERVER);
    let tools = ToolRules {
        allow: None,
        deny: vec!["echo".to_owned()],
    };
    place.decide(&words, Decision::Approved, tools);
    let mut behind = place.start("closed", &words);
    let hello = behind.ask(
        "initialize",
        "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}",
    );
    assert!(hello["result"]["serverInfo"].is_object(), "{hello}");
    behind.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    // It may say other things in between.
    let mut answer = |method: &str, params: &str| {
        let mut heard = behind.ask(method, params);
        while heard["id"] != 5 || heard.get("method").is_some() {
            heard = behind.hear();
        }
        heard
    };
    let list = answer("tools/list", "{}");
    let tools = list["result"]["tools"].as_array().unwrap();
    assert!(
        tools.len() > 2 && tools.iter().all(|tool| tool["name"] != "echo"),
        "{list}"
    );
    let refused = answer(
        "tools/call",
        "{\"name\":\"echo\",\"arguments\":{\"message\":\"x\"}}",
    );
    assert_eq!(refused["error"]["code"], -32001);
    let sum = answer(
        "tools/call",
        "{\"name\":\"get-sum\",\"arguments\":{\"a\":2,\"b\":40}}",
    );
    assert!(sum.to_string().contains("42"), "{sum}");
    let launch = std::fs::read_dir(place.path("notes"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let note = std::fs::read_to_string(launch.path()).unwrap();
    assert!(
        note.contains("\"echo\"") && note.contains("npm:@modelcontextprotocol/server-everything")
    );
    assert_eq!(behind.end().0, Some(0));
}
