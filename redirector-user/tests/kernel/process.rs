//! The agent as a process of its own: killed, stopped, started again.

use std::{
    env,
    io::{self, BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use aya::maps::{Array, HashMap, MapData};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirect_abi::Moment;
use tidegate_redirector_user::{Linux, Options};
use tokio::io::AsyncWriteExt;

use crate::{
    agent::{PATIENCE, client, read, real},
    pins::Pinned,
    rig::{AI4, Rig, at, inside, tables},
};

const CGROUP: &str = "TIDEGATE_TEST_CGROUP";
const PINS: &str = "TIDEGATE_TEST_PINS";
const CLOSED: &str = "TIDEGATE_TEST_CLOSED";
const LIMIT: Duration = Duration::from_millis(500);

/// The other process's body: the tests below run this binary again for this one test. Run among the
/// others it has nothing to do.
#[test]
fn the_agents_process() {
    let Some(cgroup) = env::var_os(CGROUP) else {
        return;
    };
    let options = Options {
        cgroup: Some(cgroup.into()),
        pins: env::var_os(PINS).map(PathBuf::from),
        answer_limit: LIMIT,
        ..Options::default()
    };
    let fail = if env::var_os(CLOSED).is_some() {
        FailMode::Closed
    } else {
        FailMode::Open
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let linux = Linux::start(options).expect("a redirector");
        linux.apply(&Tables { fail, ..tables() }).expect("tables");
        println!("serving");
        loop {
            let mut flow = linux.accept().await.expect("a flow");
            flow.stream.write_all(b"agent").await.ok();
        }
    });
}

struct Process(Child);

impl Process {
    fn start(rig: &Rig, pins: Option<&Pinned>, closed: bool) -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command
            .args(["--exact", "process::the_agents_process", "--nocapture"])
            .env(CGROUP, &rig.cgroup)
            .stdout(Stdio::piped());
        if let Some(dir) = pins.and_then(|pins| pins.options(rig).pins) {
            command.env(PINS, dir);
        }
        if closed {
            command.env(CLOSED, "1");
        }
        let mut process = Self(command.spawn()?);
        let output = process.0.stdout.take().context("its output")?;
        let serves = BufReader::new(output)
            .lines()
            .any(|line| line.is_ok_and(|line| line.ends_with("serving")));
        ensure!(serves, "the process has ended");
        Ok(process)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(self.0.id() as i32), signal)?)
    }

    fn kill(mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Who answers now. A stopped agent's listener still takes connections for a while, so not for long.
async fn who() -> io::Result<String> {
    client(|| {
        let mut stream = TcpStream::connect_timeout(&at(AI4, 443), PATIENCE)?;
        stream.set_read_timeout(Some(LIMIT / 2))?;
        read(&mut stream)
    })
    .await
}

/// Asks until the outcome is as expected.
async fn until(expected: impl Fn(&io::Result<String>) -> bool) -> Result<()> {
    let since = Instant::now();
    loop {
        let outcome = who().await;
        if expected(&outcome) {
            return Ok(());
        }
        ensure!(since.elapsed() < PATIENCE, "still {outcome:?}");
    }
}

fn answers(who: &'static str) -> impl Fn(&io::Result<String>) -> bool {
    move |outcome| outcome.as_ref().is_ok_and(|answer| answer == who)
}

fn is_closed(outcome: &io::Result<String>) -> bool {
    outcome
        .as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::NetworkUnreachable)
}

#[test]
fn killed_without_pins_everything_goes_direct() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let agent = Process::start(&rig, None, true)?;
        until(answers("agent")).await?;
        agent.kill()?;
        until(answers("real")).await
    });
}

#[test]
fn killed_with_pins_the_policy_decides_until_the_next_start() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let pins = Pinned::new(&rig);
        Process::start(&rig, Some(&pins), true)?.kill()?;
        // At once: the listener is gone, and no question has to wait for its answer.
        let outcome = who().await;
        ensure!(is_closed(&outcome), "{outcome:?}");
        let open = Process::start(&rig, Some(&pins), false)?;
        until(answers("agent")).await?;
        open.kill()?;
        let outcome = who().await;
        ensure!(answers("real")(&outcome), "{outcome:?}");
        let _closed = Process::start(&rig, Some(&pins), true)?;
        until(answers("agent")).await
    });
}

#[test]
fn a_stopped_process_is_found_out_and_may_go_on() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let agent = Process::start(&rig, None, true)?;
        until(answers("agent")).await?;
        agent.signal(Signal::SIGSTOP)?;
        until(is_closed).await?;
        agent.signal(Signal::SIGCONT)?;
        until(answers("agent")).await
    });
}

#[test]
fn a_stopped_process_lets_through_where_the_policy_is_open() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let agent = Process::start(&rig, None, false)?;
        until(answers("agent")).await?;
        agent.signal(Signal::SIGSTOP)?;
        until(answers("real")).await?;
        agent.signal(Signal::SIGCONT)?;
        until(answers("agent")).await
    });
}

/// The question that the killed agent left open is not the next one's.
#[test]
fn killed_while_stopped_the_next_agent_starts_afresh() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let pins = Pinned::new(&rig);
        let agent = Process::start(&rig, Some(&pins), true)?;
        until(answers("agent")).await?;
        agent.signal(Signal::SIGSTOP)?;
        until(is_closed).await?;
        agent.kill()?;
        ensure!(is_closed(&who().await));
        let _next = Process::start(&rig, Some(&pins), true)?;
        let outcome = who().await;
        ensure!(answers("agent")(&outcome), "{outcome:?}");
        Ok(())
    });
}

/// Another process takes the port of an agent that was killed, and no question is open.
#[test]
fn a_squatter_on_the_agents_port_gets_nothing() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let pins = Pinned::new(&rig);
        // It has taken no connection: the remains of one would keep the port for a minute.
        Process::start(&rig, Some(&pins), false)?.kill()?;
        let served: HashMap<MapData, u64, [u32; 2]> = pins.map("SERVED")?;
        let [port, _] = served.iter().next().context("no namespace")??.1;
        let moments: Array<MapData, u64> = pins.map("MOMENTS")?;
        ensure!(moments.get(&(Moment::Asked as u32), 0)? == 0);
        let squatter = TcpListener::bind(at("127.0.0.1", u16::try_from(port)?))?;
        squatter.set_nonblocking(true)?;
        let outcome = who().await;
        ensure!(answers("real")(&outcome), "{outcome:?}");
        ensure!(squatter.accept().is_err());
        Ok(())
    });
}
