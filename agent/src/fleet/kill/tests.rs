//! Real processes that are ended, and those beside them that are not.

use std::process::{Child, Command, Stdio};

use tidegate_policy::{LaunchHash, McpRule, McpTarget, ToolRules};

use super::*;

struct Process(Child);

impl Process {
    fn start(words: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::piped());
        Ok(Self(command.spawn()?))
    }

    fn runs(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn server(pid: u32, start: u64, identity: &str) -> Running {
    Running {
        pid,
        start,
        identity: identity.parse().unwrap(),
        arguments: LaunchHash([1; 32]),
        launch: LaunchHash([2; 32]),
        client: Some("codex".parse().unwrap()),
        raw: tidegate_discovery::RawLaunch {
            command: None,
            args: Vec::new(),
            url: None,
        },
        listed: false,
    }
}

fn home() -> Home {
    Home {
        user: "ada".into(),
        uid: 1000,
        gid: 1000,
        path: "/home/ada".into(),
    }
}

/// One rule, and what holds for servers that nobody has decided about.
pub(in crate::fleet) fn document(identity: &str, decision: Decision, others: Decision) -> Document {
    Document {
        mcp_servers: vec![McpRule {
            target: McpTarget {
                identity: identity.parse().unwrap(),
                arguments: None,
                launch: None,
            },
            decision,
            tools: ToolRules::default(),
            note: None,
        }],
        default_mcp_decision: others,
        ..Document::ungoverned()
    }
}

/// What was decided makes a server of a process, whatever it says; what nobody decided about has to say that it
/// is one.
#[test]
fn only_what_is_a_server_is_denied_for_being_unknown() {
    use Decision::{Approved, Denied, Pending};
    let is = |rule: Decision, others: Decision, identity: &str, says: bool| {
        let document = document("npm:known", rule, others);
        is_denied(&document, &server(1, 1, identity), says)
    };
    for says in [false, true] {
        assert!(is(Denied, Pending, "npm:known", says));
        assert!(is(Denied, Denied, "npm:known", says));
        assert!(!is(Approved, Denied, "npm:known", says));
        assert!(!is(Denied, Pending, "npm:other", says));
        assert_eq!(is(Approved, Denied, "npm:other", says), says);
    }
}

#[test]
fn a_denied_server_is_ended_and_its_neighbour_is_not() -> anyhow::Result<()> {
    let (mut denied, mut other) = (
        Process::start(&["sleep", "60"])?,
        Process::start(&["sleep", "60"])?,
    );
    let document = document("npm:known", Decision::Denied, Decision::Pending);
    let seems = |process: &Process, identity: &str| {
        let pid = process.0.id();
        Seems {
            server: server(pid, started(pid).unwrap(), identity),
            says_so: true,
        }
    };
    let seem = vec![seems(&denied, "npm:known"), seems(&other, "npm:other")];
    assert!(executed(&home(), seem.clone(), &document, |_| true).is_empty());
    assert!(denied.runs(), "it is a client");
    let effects = executed(&home(), seem, &document, |_| false);
    assert_eq!(effects.len(), 1);
    assert_eq!(effects[0].state, EffectState::Verified);
    assert_eq!(effects[0].means, [Means::Kill]);
    assert!(!denied.runs() && other.runs());
    Ok(())
}

#[test]
fn a_server_that_does_not_end_by_itself_is_ended_by_force() -> anyhow::Result<()> {
    use std::io::{BufRead, BufReader};
    let mut stubborn = Command::new("sh")
        .args([
            "-c",
            "trap '' TERM; echo ready; while :; do read line; done",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(stubborn.stdout.take().unwrap()).read_line(&mut line)?;
    let mut stubborn = Process(stubborn);
    let pid = stubborn.0.id();
    let began = Instant::now();
    let effects = end(
        &home(),
        vec![server(pid, started(pid).unwrap(), "npm:known")],
    );
    assert_eq!(effects[0].state, EffectState::Verified);
    assert!(began.elapsed() < 2 * PATIENCE && !stubborn.runs());
    Ok(())
}

/// A number that is another's by now: whoever has it goes on.
#[test]
fn whoever_started_at_another_time_is_not_touched() -> anyhow::Result<()> {
    let mut other = Process::start(&["sleep", "60"])?;
    let pid = other.0.id();
    let start = started(pid).unwrap();
    let effects = end(
        &home(),
        vec![
            server(pid, start + 1, "npm:known"),
            server(u32::MAX, 1, "npm:known"),
        ],
    );
    assert!(
        effects
            .iter()
            .all(|effect| effect.state == EffectState::Verified),
        "they are gone"
    );
    assert!(other.runs());
    Ok(())
}
