//! Processes: what a denied one starts is denied, and who opened a connection is told with its start.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use tidegate_redirect::{Redirector, Tables};

use crate::{
    agent::{Agent, PATIENCE, client, connect},
    rig::{AI4, at, inside, tables},
};

/// A line that has a grandchild connect: it says who answered, then a dot.
const CONNECT: &str =
    "bash -c '( exec 3<>/dev/tcp/203.0.113.10/443; head -c5 <&3 ) 2>/dev/null; true'; echo .";

/// A process that does what it is told, line by line.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self {
            input: child.stdin.take().context("its input")?,
            output: BufReader::new(child.stdout.take().context("its output")?),
            child,
        })
    }

    fn shell() -> Result<Self> {
        Self::start(Command::new("bash").arg("-s"))
    }

    fn tell(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.input, "{line}")
    }

    /// Gives it a line, away from the agent's thread, and reads one.
    async fn answer(mut self, line: &'static str) -> Result<(Self, String)> {
        Ok(client(move || {
            self.tell(line)?;
            let mut answer = String::new();
            self.output.read_line(&mut answer)?;
            Ok((self, answer.trim_end().to_owned()))
        })
        .await?)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn denying(process: u32, decision: u64) -> Tables {
    Tables {
        denied: vec![process],
        decision,
        ..tables()
    }
}

fn allowing(decision: u64) -> Tables {
    Tables {
        decision,
        ..tables()
    }
}

#[test]
fn what_a_denied_process_starts_is_denied_until_that_is_lifted() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let shell = Worker::shell()?;
        let pid = shell.child.id();
        let (shell, answer) = shell.answer(CONNECT).await?;
        ensure!(answer == "agent.", "{answer}");
        agent.linux.apply(&denying(pid, 1))?;
        let (shell, answer) = shell.answer(CONNECT).await?;
        ensure!(answer == ".", "{answer}");
        ensure!(agent.counter("denied") == 1 && agent.counter("denied_by_inheritance") >= 2);
        // Nobody else is.
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.linux.apply(&allowing(1))?;
        let (_shell, answer) = shell.answer(CONNECT).await?;
        ensure!(answer == "agent.", "{answer}");
        Ok(())
    });
}

/// A shell runs in the background when the app above it is denied.
#[test]
fn what_a_denied_process_has_started_before_is_denied_too() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let worker = Worker::start(Command::new("bash").args(["-c", "bash -s; true"]))?;
        let pid = worker.child.id();
        let (worker, answer) = worker.answer(CONNECT).await?;
        ensure!(answer == "agent.", "{answer}");
        agent.linux.apply(&denying(pid, 1))?;
        let (worker, answer) = worker.answer(CONNECT).await?;
        ensure!(answer == ".", "{answer}");
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.linux.apply(&allowing(1))?;
        let (_worker, answer) = worker.answer(CONNECT).await?;
        ensure!(answer == "agent.", "{answer}");
        Ok(())
    });
}

/// What was started while its parent was denied runs on, and is free again when the parent is.
#[test]
fn lifting_a_denial_frees_what_runs_already() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let outer = Worker::start(Command::new("bash").args(["-c", "read -r; bash -s; true"]))?;
        let pid = outer.child.id();
        agent.linux.apply(&denying(pid, 1))?;
        let mut inner = outer;
        inner.tell("go")?;
        let (inner, answer) = inner.answer(CONNECT).await?;
        ensure!(answer == ".", "{answer}");
        // The list is made anew for other reasons: the same decision, the same process.
        agent.linux.apply(&denying(pid, 1))?;
        let (inner, answer) = inner.answer(CONNECT).await?;
        ensure!(answer == ".", "{answer}");
        // And a new decision that denies it too.
        agent.linux.apply(&denying(pid, 2))?;
        let (inner, answer) = inner.answer(CONNECT).await?;
        ensure!(answer == ".", "{answer}");
        agent.linux.apply(&allowing(2))?;
        let (_inner, answer) = inner.answer(CONNECT).await?;
        ensure!(answer == "agent.", "{answer}");
        Ok(())
    });
}

/// A denied process starts another and ends, as daemons do.
#[test]
fn an_orphan_stays_denied_as_long_as_the_decision_does() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let script = "read -r; exec 4<&0; bash -s <&4 & exit 0";
        let mut worker = Worker::start(Command::new("bash").args(["-c", script]))?;
        let pid = worker.child.id();
        agent.linux.apply(&denying(pid, 1))?;
        worker.tell("go")?;
        ensure!(worker.child.wait()?.success());
        // It has left the list by itself.
        agent.linux.apply(&allowing(1))?;
        let (worker, answer) = worker.answer(CONNECT).await?;
        ensure!(answer == ".", "{answer}");
        agent.linux.apply(&allowing(2))?;
        let (_worker, answer) = worker.answer(CONNECT).await?;
        ensure!(answer == "agent.", "{answer}");
        Ok(())
    });
}

/// The first thread may end before the others: the process lives, and is denied.
#[test]
fn a_process_without_its_first_thread_is_still_denied() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        // System call 60 ends the calling thread only.
        let script = "\
import ctypes, socket, sys, threading
def work():
    for line in sys.stdin:
        try:
            print(socket.create_connection(('203.0.113.10', 443)).recv(5).decode(), flush=True)
        except ConnectionRefusedError:
            print('refused', flush=True)
threading.Thread(target=work).start()
ctypes.CDLL(None).syscall(60, 0)
";
        let worker = Worker::start(Command::new("python3").args(["-c", script]))?;
        let pid = worker.child.id();
        agent.linux.apply(&denying(pid, 1))?;
        let since = Instant::now();
        while !fs::read_to_string(format!("/proc/{pid}/stat"))?.contains(") Z ") {
            ensure!(since.elapsed() < PATIENCE, "the thread does not end");
            tokio::task::yield_now().await;
        }
        let (_worker, answer) = worker.answer("go").await?;
        ensure!(answer == "refused", "{answer}");
        Ok(())
    });
}

/// As proc(5) has it: field 22, the name being the only one with brackets.
fn start_of(pid: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a name")?;
    let field = fields.split_ascii_whitespace().nth(19).context("a field")?;
    Ok(field.parse()?)
}

#[test]
fn an_openers_start_is_what_proc_says() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        connect(at(AI4, 443)).await?;
        let opener = agent.flow().await?.opener.context("an opener")?;
        ensure!(
            opener.start == Some(start_of(std::process::id())?),
            "{opener:?}"
        );
        Ok(())
    });
}
