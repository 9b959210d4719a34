//! What of the server's messages changes: denied tools in a list that was asked for, and nothing else.

use std::fs;

use tidegate_device_api::SeenTools;
use tidegate_policy::{Decision, LaunchHash, McpVerdict, ToolRules};

use super::Listing;
use crate::{
    lines::{Fate, Judge},
    pending::Asked,
    seen::Notes,
    session::Session,
};

fn session(deny: &[&str], folder: Option<&std::path::Path>) -> Session {
    let verdict = McpVerdict {
        decision: Decision::Approved,
        unknown: false,
        tools: ToolRules {
            allow: None,
            deny: deny.iter().map(|name| (*name).to_owned()).collect(),
        },
        note: None,
    };
    let folder = folder.map(std::path::Path::to_owned);
    let notes = Notes::new(folder, "npm:x".parse().unwrap(), LaunchHash([0; 32]), || 9);
    Session::new("srv", verdict, notes)
}

fn asked(session: &Session, id: &str) {
    let id: Box<serde_json::value::RawValue> = serde_json::from_str(id).unwrap();
    session.pending().ask(&id, Asked::Tools { first: true });
}

fn judged(session: &Session, line: &str) -> Fate {
    Listing { session }.line(line.as_bytes())
}

const LIST: &str = "{\"id\":1 , \"result\":{\"x\":1.50,\"tools\":[ {\"name\":\"ls\",\"z\":[]},\
    {\"description\":\"d\",\"name\":\"rm\"},{\"odd\":1} ],\"nextCursor\":\"n\"},\"jsonrpc\":\"2.0\"}\n";

#[test]
fn a_denied_tool_is_left_out_and_the_rest_is_byte_exact() {
    let session = session(&["rm"], None);
    asked(&session, "1");
    let changed = LIST.replace(" {\"name\":\"ls\"", "{\"name\":\"ls\"");
    let changed = changed.replace("{\"description\":\"d\",\"name\":\"rm\"},", "");
    let changed = changed.replace("{\"odd\":1} ]", "{\"odd\":1}]");
    assert_eq!(judged(&session, LIST), Fate::Replace(changed.into_bytes()));
    // It was answered: another one is none that was asked for.
    assert_eq!(judged(&session, LIST), Fate::Pass);
}

#[test]
fn batches_are_looked_into() {
    let session = session(&["rm"], None);
    asked(&session, "1");
    asked(&session, "2");
    let one = LIST.trim();
    let two = one.replace("\"id\":1", "\"id\":2");
    let Fate::Replace(bytes) = judged(
        &session,
        &format!("[{one},{{\"id\":9,\"result\":{{}}}},{two}]\n"),
    ) else {
        panic!("it stays");
    };
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        !text.contains("\"rm\"") && text.matches("\"ls\"").count() == 2,
        "{text}"
    );
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
}

#[test]
fn what_was_not_asked_for_stays() {
    let other = session(&["rm"], None);
    asked(&other, "2");
    assert_eq!(judged(&other, LIST), Fate::Pass);
    let request =
        "{\"id\":2,\"method\":\"roots/list\",\"result\":{\"tools\":[{\"name\":\"rm\"}]}}\n";
    assert_eq!(judged(&other, request), Fate::Pass);
    assert!(
        other.pending().awaits_tools(),
        "a request of the server answers nothing"
    );
    let free = session(&[], None);
    asked(&free, "1");
    assert_eq!(judged(&free, LIST), Fate::Pass);
    for odd in [
        "junk\n",
        "{\"id\":2,\"result\":{\"tools\":3}}\n",
        "{\"id\":2,\"error\":{}}\n",
    ] {
        assert_eq!(judged(&other, odd), Fate::Pass);
    }
}

#[test]
fn all_tools_are_noted_denied_ones_too() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(&["rm"], Some(folder.path()));
    asked(&session, "1");
    judged(&session, LIST);
    let note = fs::read(folder.path().join(format!("{}.json", LaunchHash([0; 32])))).unwrap();
    let seen: SeenTools = serde_json::from_slice(&note).unwrap();
    let names: Vec<_> = seen.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!((names, seen.seen_at), (vec!["ls", "rm"], 9));
}
