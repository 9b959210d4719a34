//! What is told is ended or goes on: real processes, lines that are none, answers about others.

use std::process::{Command, Stdio};

use tidegate_device_api::EffectState;

use super::*;
use crate::fleet::{kill::tests::document, pass::here};

fn start_of(pid: u32) -> u64 {
    tidegate_discovery::started(pid).unwrap()
}

/// Real processes, told as the loader tells them: the denied server is ended, however it is spelled, and a
/// process that only has its number is not.
#[test]
fn a_denied_server_ends_and_what_else_is_told_goes_on() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("server.py");
    std::fs::write(&script, "import sys\nsys.stdin.read()\n")?;
    let home = Home {
        user: "ada".into(),
        uid: rustix::process::getuid().as_raw(),
        gid: rustix::process::getgid().as_raw(),
        path: folder.path().to_owned(),
    };
    let python = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).spawn()
    };
    let path = script.to_str().unwrap();
    let (mut denied, mut respelled) = (
        python(&["python3", path])?,
        python(&["env", "python3", "-u", path])?,
    );
    let (mut reused, mut other) = (python(&["python3", path])?, python(&["cat"])?);
    let places = here();
    // Launchers that are scripts become the interpreter by and by.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let look = Look::of(&places, &home);
    let settled = |pid: u32| loop {
        let seems = look.look(pid, start_of(pid), "codex".parse().unwrap());
        let seems = seems.map(|seems| seems.server.identity.to_string());
        if let Some(identity) = seems.filter(|identity| identity.starts_with("path:server.py")) {
            return identity;
        }
        assert!(std::time::Instant::now() < until, "it is no server");
        std::thread::yield_now();
    };
    let identity = settled(denied.id());
    assert_eq!(
        [settled(respelled.id()), settled(reused.id())],
        [identity.clone(), identity.clone()]
    );
    let told = |pid: u32, start: u64| Executed {
        pid,
        start,
        uid: home.uid,
        client: "codex".parse().unwrap(),
    };
    let list = [
        told(denied.id(), start_of(denied.id())),
        told(respelled.id(), start_of(respelled.id())),
        told(reused.id(), start_of(reused.id()) + 1),
        told(other.id(), start_of(other.id())),
        told(u32::MAX, 1),
    ];
    let task = Task {
        places: here(),
        home: home.clone(),
        document: document(&identity, Decision::Denied, Decision::Pending),
    };
    let mut input = serde_json::to_vec(&task)?;
    for line in [serde_json::to_vec(&list)?, b"[]".to_vec()] {
        input.push(b'\n');
        input.extend(line);
    }
    let mut output = Vec::new();
    watch(&input[..], &mut output)?;
    let lines: Vec<&[u8]> = output.split(|byte| *byte == b'\n').collect();
    let effects: Vec<Effect> = serde_json::from_slice(lines[0])?;
    assert_eq!((effects.len(), lines[1]), (2, &b"[]"[..]), "{effects:?}");
    assert!(
        effects
            .iter()
            .all(|effect| effect.state == EffectState::Verified)
    );
    assert!(!denied.wait()?.success() && !respelled.wait()?.success());
    for child in [&mut reused, &mut other] {
        assert!(child.try_wait()?.is_none(), "it goes on");
        child.kill()?;
        child.wait()?;
    }
    Ok(())
}

#[test]
fn what_a_child_says_is_about_its_own_servers() -> anyhow::Result<()> {
    let effect =
        r#"{"item": {"kind": "app", "app": "codex"}, "decision": "denied", "state": "verified"}"#;
    for said in ["[]", "7", "{\"a\": []}", &format!("[{effect}]")] {
        let ended = Ended {
            user: "ada".into(),
            said: RawValue::from_string(said.to_owned())?,
        };
        assert_eq!(ended.effects(), [], "{said}");
    }
    Ok(())
}

#[test]
fn lines_that_are_none_are_errors() {
    for bad in ["{", "[1]\n", "{}\n"] {
        assert!(watch(bad.as_bytes(), Vec::new()).is_err(), "{bad}");
    }
    assert!(watch(&b""[..], Vec::new()).is_ok());
}

#[test]
fn executions_matter_where_something_is_denied() {
    assert!(!is_wanted(&Document::ungoverned()));
    assert!(is_wanted(&document(
        "npm:x",
        Decision::Denied,
        Decision::Pending
    )));
    let mut all = Document::ungoverned();
    all.default_mcp_decision = Decision::Denied;
    assert!(is_wanted(&all));
}
