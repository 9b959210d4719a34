//! A server behind the shim, and a client's end of it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tidegate_policy::{
    Decision, Document, Launch, McpRule, McpTarget, NoLookup, ToolRules, identify,
};

/// Whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where a test's decisions, notes and logs lie.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn decisions(&self) -> PathBuf {
        self.path("mcp.json")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The words that start our own server.
    pub(crate) fn server(&self) -> Vec<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/through/server.py");
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec!["python3".to_owned(), text(&script), text(&self.path("log"))]
    }

    /// Replaces the decisions, as the agent does.
    pub(crate) fn decide(&self, words: &[String], decision: Decision, tools: ToolRules) {
        let launch = Launch::Local {
            command: words[0].clone(),
            args: words[1..].to_vec(),
        };
        let rule = McpRule {
            target: McpTarget {
                identity: identify(&launch, None, &NoLookup).identity,
                arguments: None,
                launch: None,
            },
            decision,
            tools,
            note: Some("use the other one".to_owned()),
        };
        let document = Document {
            mcp_servers: vec![rule],
            ..Document::ungoverned()
        };
        let new = self.path("mcp.json.new");
        fs::write(&new, serde_json::to_vec(&document).unwrap()).unwrap();
        fs::rename(new, self.decisions()).unwrap();
    }

    /// Starts a server behind the shim.
    pub(crate) fn start(&self, fail: &str, words: &[String]) -> Behind {
        let mut command = Command::new(shim());
        command
            .args([self.decisions().as_os_str(), self.path("notes").as_os_str()])
            .args([fail, "--"])
            .args(words);
        Behind::start(command)
    }
}

/// `cargo test` builds the examples beside the tests.
fn shim() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let shim = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples/mcp_run");
    assert!(
        shim.exists(),
        "build the example `mcp_run` first: cargo test -p tidegate-shim"
    );
    shim
}

/// A process with its three ends.
pub(crate) struct Behind {
    pub(crate) child: Child,
    pub(crate) input: Option<ChildStdin>,
    pub(crate) output: BufReader<ChildStdout>,
    _alive: Sender<()>,
}

impl Behind {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .env("SHIM_TEST", "kept")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        // What hangs is killed, so that the test fails instead.
        let (alive, watched) = channel();
        let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        std::thread::spawn(move || {
            if watched.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL).unwrap_or_default();
            }
        });
        Self {
            child,
            input,
            output: BufReader::new(output),
            _alive: alive,
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn say(&mut self, message: &str) {
        self.write(format!("{message}\n").as_bytes());
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn hear(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Asks and hears.
    pub(crate) fn ask(&mut self, method: &str, params: &str) -> Value {
        self.say(&format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"{method}\",\"params\":{params}}}"
        ));
        self.hear()
    }

    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(id, signal).unwrap();
    }

    /// Hangs up, and returns the code and what was said on standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).unwrap();
        self.outcome()
    }

    /// The code and what was said on standard error, until nobody holds it any more.
    pub(crate) fn outcome(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        (self.child.wait().unwrap().code(), said)
    }

    /// Waits until the server said that it is ready.
    pub(crate) fn ready(&mut self) {
        let mut said = Vec::new();
        let errors = self.child.stderr.as_mut().unwrap();
        let mut byte = [0];
        while !said.ends_with(b"ready\n") {
            assert_eq!(
                errors.read(&mut byte).unwrap(),
                1,
                "{}",
                said.escape_ascii()
            );
            said.push(byte[0]);
        }
    }
}

pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

pub(crate) fn shell(script: &str) -> Vec<String> {
    vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()]
}
