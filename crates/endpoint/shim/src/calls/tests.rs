//! Which of the client's messages pass, and what it is told about those that do not.

use std::io::{Read, Seek};

use proptest::prelude::*;
use serde_json::Value;
use tidegate_policy::{Decision, LaunchHash, McpVerdict, ToolRules};

use super::Calls;
use crate::{
    client::ToClient,
    lines::{Fate, Judge},
    seen::Notes,
    session::Session,
};

fn session(deny: &[&str]) -> Session {
    let verdict = McpVerdict {
        decision: Decision::Approved,
        unknown: false,
        tools: ToolRules {
            allow: None,
            deny: deny.iter().map(|name| (*name).to_owned()).collect(),
        },
        note: Some("ask IT".to_owned()),
    };
    let notes = Notes::new(None, "npm:x".parse().unwrap(), LaunchHash([0; 32]), || 0);
    Session::new("srv", verdict, notes)
}

/// What becomes of a line, and what the client is told.
fn judged(session: &Session, line: &str) -> (Fate, String) {
    let mut file = tempfile::tempfile().unwrap();
    let client = ToClient::new(file.try_clone().unwrap());
    let fate = Calls {
        session,
        client: &client,
    }
    .line(line.as_bytes());
    let mut said = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut said).unwrap();
    (fate, said)
}

fn call(name: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{{{name}}}}}\n")
}

#[test]
fn a_denied_tool_is_answered_and_not_called() {
    let (fate, said) = judged(&session(&["rm"]), &call("\"name\":\"rm\",\"arguments\":{}"));
    assert_eq!(fate, Fate::Drop);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&said["id"], &said["error"]["code"]),
        (&7.into(), &(-32001).into())
    );
    let sentence = said["error"]["message"].as_str().unwrap();
    assert!(
        sentence.contains("\"rm\"") && sentence.ends_with(": ask IT"),
        "{sentence}"
    );
}

#[test]
fn whatever_a_server_could_read_as_a_denied_call_does_not_pass() {
    let session = session(&["rm"]);
    for line in [
        call("\"name\":\"ls\",\"name\":\"rm\""),
        call("\"name\":\"rm\",\"name\":\"ls\""),
        call("\"Name\":\"rm\""),
        call("\"name\":\"ls\",\"NAME\":\"rm\""),
        call("\"n\\u0061me\":\"r\\u006d\""),
        call("\"name\":[\"rm\"]"),
        call(""),
        call("\"name\":\"ls\"").replace("\"params\"", "\"params\":{\"name\":\"rm\"},\"params\""),
        call("\"name\":\"rm\"").replace("\"params\"", "\"param\u{17f}\""),
        call("\"name\":\"rm\"").replace("\"method\"", "\"METHOD\""),
        call("\"name\":\"rm\"").replace("\"method\"", "\"method\":\"ping\",\"method\""),
        call("\"name\":\"rm\"").replace("\"id\":7,", ""),
        call("\"name\":\"rm\"").replace("\"id\":7", "\"id\":NaN"),
        call("\"name\":\"rm\"").replace("{\"json", "\u{feff}{\"json"),
        call("\"name\":\"rm\"").replace("}}", "}},"),
        format!("{{\"x\":\r{}\r}}\n", call("\"name\":\"rm\"").trim()),
        format!("[[{}]]\n", call("\"name\":\"rm\"").trim()),
        format!("[{}]\n", call("\"name\":\"rm\"").trim()),
        call("\"name\":\"rm\"").replace('\n', ""),
        call("\"name\":\"rm\"").replace('\n', "\r\n"),
        "\"tools/call\"\n".to_owned(),
    ] {
        let (fate, _) = judged(&session, &line);
        assert_eq!(fate, Fate::Drop, "{line}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let session = session(&["rm"]);
    for line in [
        call("\"name\":\"ls\",\"arguments\":{\"name\":\"rm\",\"name\":\"rm\"}"),
        call("\"name\":\"rm\"").replace("tools/call", "prompts/get"),
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n".to_owned(),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\r\n".to_owned(),
        "\n".to_owned(),
    ] {
        let (fate, said) = judged(&session, &line);
        assert_eq!((fate, said.as_str()), (Fate::Pass, ""), "{line}");
    }
}

#[test]
fn a_batch_loses_only_what_is_denied() {
    let session = session(&["rm"]);
    let (ls, rm) = (call("\"name\": \"ls\""), call("\"name\":\"rm\""));
    let (ls, rm) = (ls.trim(), rm.trim());
    let (fate, said) = judged(&session, &format!("[{ls}, {rm},{ls}]\n"));
    assert_eq!(fate, Fate::Replace(format!("[{ls},{ls}]\n").into_bytes()));
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said.as_array().unwrap().len(), 1);
    assert_eq!(judged(&session, &format!("[{ls}]\n")).0, Fate::Pass);
}

#[test]
fn without_rules_anything_passes_but_a_call_that_says_two_things() {
    let session = session(&[]);
    for line in ["junk\n", "{\"id\":NaN}\n", "[1,2]\n", "{\"a\":\r1}\n"] {
        assert_eq!(judged(&session, line).0, Fate::Pass, "{line}");
    }
    assert_eq!(
        judged(&session, &call("\"name\":\"a\",\"name\":\"b\"")).0,
        Fate::Drop
    );
}

#[test]
fn nothing_is_asked_of_a_server_that_may_not_run() {
    let session = session(&[]);
    session.end("no".to_owned());
    let (fate, said) = judged(&session, &call("\"name\":\"ls\""));
    assert_eq!(fate, Fate::Drop);
    assert!(said.contains("\"no\""));
}

proptest! {
    /// Whatever stands around it, a denied call that any lenient reader could find never passes.
    #[test]
    fn a_denied_call_never_passes(
        before in prop::collection::vec(prop::sample::select(vec![
            "\"id\":1,", "\"x\":[1,{\"name\":\"ls\"}],", "\"params\":{\"name\":\"ls\"},", " ", "\t",
            "\"method\":\"ping\",", "\"Params\":null,",
        ]), 0..4),
        after in prop::collection::vec(prop::sample::select(vec![
            ",\"params\":{\"name\":\"ls\"}", ",\"method\":\"ping\"", ",\"name\":\"ls\"", " ", ",\"id\":2",
        ]), 0..4),
    ) {
        let call = "\"method\":\"tools/call\",\"params\":{\"name\":\"rm\"}";
        let line = format!("{{{}{call}{}}}\n", before.concat(), after.concat());
        prop_assert_eq!(judged(&session(&["rm"]), &line).0, Fate::Drop);
    }

    #[test]
    fn any_line_is_judged(line in "\\PC{0,60}", strict in any::<bool>()) {
        let deny: &[&str] = if strict { &["rm"] } else { &[] };
        judged(&session(deny), &format!("{line}\n"));
    }
}
