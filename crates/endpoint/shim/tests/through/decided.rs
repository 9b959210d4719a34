//! What was decided holds: at the start, while a server runs, and for single tools.

use std::{fs, os::unix::fs::PermissionsExt};

use tidegate_device_api::SeenTools;
use tidegate_policy::{Decision, ToolRules};

use crate::behind::{Place, shell};

const INITIALIZE: &str =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"initialize\",\"params\":{}}";

fn without(tool: &str) -> ToolRules {
    ToolRules {
        allow: None,
        deny: vec![tool.to_owned()],
    }
}

#[test]
fn a_denied_server_does_not_start() {
    let place = Place::new();
    let words = place.server();
    place.decide(&words, Decision::Denied, ToolRules::default());
    let mut behind = place.start("open", &words);
    behind.say("{\"jsonrpc\":\"2.0\",\"method\":\"note\"}");
    behind.say(INITIALIZE);
    let answer = behind.hear();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&"a".into(), &(-32001).into())
    );
    let sentence = answer["error"]["message"].as_str().unwrap();
    assert!(
        sentence.ends_with("denied by your organisation: use the other one"),
        "{sentence}"
    );
    let (code, said) = behind.end();
    assert_eq!(code, Some(1));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!place.path("log").exists(), "it was started");
}

#[test]
fn without_decisions_it_does_as_it_is_told_to() {
    let place = Place::new();
    let mut open = place.start("open", &place.server());
    assert_eq!(open.ask("tools/call", "{\"name\":\"read\"}")["id"], 5);
    let (code, said) = open.end();
    assert_eq!(code, Some(0));
    assert!(said.contains("without decisions"), "{said}");
    let mut closed = place.start("closed", &place.server());
    closed.say(INITIALIZE);
    assert_eq!(closed.hear()["error"]["code"], -32001);
    assert_eq!(closed.end().0, Some(1));
}

#[test]
fn decisions_that_anybody_could_write_are_none() {
    let place = Place::new();
    let words = place.server();
    place.decide(&words, Decision::Denied, ToolRules::default());
    fs::set_permissions(place.decisions(), fs::Permissions::from_mode(0o666)).unwrap();
    let mut behind = place.start("open", &words);
    assert_eq!(behind.ask("x", "{}")["id"], 5);
    let (_, said) = behind.end();
    assert!(said.contains("not trusted"), "{said}");
}

#[test]
fn a_server_that_is_denied_while_it_runs_ends_at_once() {
    let place = Place::new();
    let mut words = place.server();
    words.push("--fork".to_owned());
    place.decide(&words, Decision::Approved, ToolRules::default());
    let mut behind = place.start("open", &words);
    assert_eq!(behind.ask("initialize", "{}")["id"], 5);
    behind.say("{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"wait\"}");
    behind.ask("x", "{}");
    place.decide(&words, Decision::Denied, ToolRules::default());
    let mut answer = behind.hear();
    if answer["id"] == 5 {
        // An answer passes before it is looked into, so what it answers may be refused as well.
        assert_eq!(answer["error"]["code"], -32001);
        answer = behind.hear();
    }
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&77.into(), &(-32001).into())
    );
    let input = behind.input.take();
    // Standard error ends when the server, and what it started, have ended.
    let (code, said) = behind.outcome();
    assert_eq!(code, Some(1));
    assert!(said.contains("is denied by your organisation"), "{said}");
    assert!(place.log().contains("signal 15"));
    drop(input);
}

#[test]
fn a_server_that_does_not_want_to_end_is_killed() {
    let place = Place::new();
    let words = shell("trap '' TERM; echo '{}'; while :; do read -r x || sleep 0.1; done");
    place.decide(&words, Decision::Pending, ToolRules::default());
    let mut behind = place.start("open", &words);
    assert_eq!(behind.line(), "{}\n");
    place.decide(&words, Decision::Denied, ToolRules::default());
    assert_eq!(behind.line(), "", "nothing waited for an answer");
    assert_eq!(behind.outcome().0, Some(1));
}

#[test]
fn denied_tools_are_not_listed_and_not_called() {
    let place = Place::new();
    let words = place.server();
    place.decide(&words, Decision::Approved, without("remove"));
    let mut behind = place.start("open", &words);
    let list = behind.ask("tools/list", "{}");
    assert_eq!(list["result"]["tools"].as_array().unwrap().len(), 1);
    assert_eq!(list["result"]["nextCursor"], "2");
    behind.ask("tools/list", "{\"cursor\":\"2\"}");
    let called = behind.ask("tools/call", "{\"name\":\"read\"}");
    assert_eq!(called["result"]["content"][0]["text"], "read");
    for attempt in [
        "{\"name\":\"remove\"}",
        "{\"name\":\"read\",\"name\":\"remove\"}",
    ] {
        let refused = behind.ask("tools/call", attempt);
        assert_eq!(
            (&refused["id"], &refused["error"]["code"]),
            (&5.into(), &(-32001).into())
        );
    }
    let call = |id: u8, name: &str| {
        format!("{{\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{name}\"}}}}")
    };
    behind.say(&format!("[{},{}]", call(1, "remove"), call(2, "write")));
    let (one, other) = (behind.hear(), behind.hear());
    assert_eq!(
        (&one[0]["id"], &one[0]["error"]["code"]),
        (&1.into(), &(-32001).into())
    );
    assert_eq!(
        (&other[0]["id"], other.as_array().unwrap().len()),
        (&2.into(), 1)
    );
    assert_eq!(behind.end().0, Some(0));
    assert!(!place.log().contains("remove"), "{}", place.log());

    let notes: Vec<_> = fs::read_dir(place.path("notes")).unwrap().collect();
    assert_eq!(notes.len(), 1);
    let note = fs::read(notes[0].as_ref().unwrap().path()).unwrap();
    let seen: SeenTools = serde_json::from_slice(&note).unwrap();
    let names: Vec<_> = seen.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["read", "remove", "write"]);
    assert_eq!(seen.identity.as_str(), "path:server.py");
}

#[test]
fn a_tool_can_be_denied_and_allowed_while_its_server_runs() {
    let place = Place::new();
    let words = place.server();
    place.decide(&words, Decision::Approved, ToolRules::default());
    let mut behind = place.start("open", &words);
    let call = |behind: &mut crate::behind::Behind| {
        behind.ask("tools/call", "{\"name\":\"remove\"}")["error"]["code"] == -32001
    };
    assert!(!call(&mut behind));
    // Each call waits for its answer, so this ends as soon as the decision has come.
    place.decide(&words, Decision::Approved, without("remove"));
    while !call(&mut behind) {}
    place.decide(&words, Decision::Approved, ToolRules::default());
    while call(&mut behind) {}
    // Decisions that cannot be read change nothing.
    place.decide(&words, Decision::Approved, without("remove"));
    while !call(&mut behind) {}
    fs::write(place.decisions(), "{").unwrap();
    fs::remove_file(place.decisions()).unwrap();
    assert!(call(&mut behind));
    assert_eq!(behind.end().0, Some(0));
}
