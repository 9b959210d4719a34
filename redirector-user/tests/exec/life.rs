//! The guard's own life: when it ends, however it ends, everything starts again.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, ensure};
use nix::{
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};
use tidegate_redirector_user::exec::ExecGuard;

use crate::place::{native, starts, with_guard};

const DENIED: &str = "TIDEGATE_TEST_DENIED";

/// The other process's body: the tests below run this binary again for this one test. Run among the
/// others it has nothing to do.
#[test]
fn the_guards_process() {
    let Some(path) = env::var_os(DENIED) else {
        return;
    };
    let (mut guard, _refused) = ExecGuard::open().expect("a guard");
    for (_, outcome) in guard.set(&[native(path.as_ref())]) {
        outcome.expect("denied");
    }
    println!("guarding");
    loop {
        thread::park();
    }
}

struct Guarding(Child);

impl Guarding {
    fn start(path: &std::path::Path) -> Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["--exact", "life::the_guards_process", "--nocapture"])
            .env(DENIED, path)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("its output")?;
        let guarding = Self(child);
        let guards = BufReader::new(output)
            .lines()
            .any(|line| line.is_ok_and(|line| line.ends_with("guarding")));
        ensure!(guards, "the process has ended");
        Ok(guarding)
    }
}

impl Drop for Guarding {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn killed_it_frees_everything() {
    with_guard(|place| {
        let app = place.program("app")?;
        let mut guarding = Guarding::start(&app)?;
        ensure!(!starts(&mut Command::new(&app))?);
        guarding.0.kill()?;
        guarding.0.wait()?;
        ensure!(starts(&mut Command::new(&app))?);
        Ok(())
    });
}

/// Stopped it holds up whoever starts a denied app, and nobody else; and killed then, it frees those who
/// wait.
#[test]
fn stopped_and_killed_it_frees_who_waits() {
    with_guard(|place| {
        let (app, other) = (place.program("app")?, place.program("other")?);
        let mut guarding = Guarding::start(&app)?;
        let guard = Pid::from_raw(guarding.0.id().cast_signed());
        kill(guard, Signal::SIGSTOP)?;
        // The signal is only on its way: until all of its threads stand still, one may yet answer.
        let stopped = waitpid(guard, Some(WaitPidFlag::WUNTRACED))?;
        ensure!(stopped == WaitStatus::Stopped(guard, Signal::SIGSTOP));
        let waiting = thread::spawn(move || starts(&mut Command::new(&app)));
        for _ in 0..50 {
            ensure!(starts(&mut Command::new(&other))?);
        }
        guarding.0.kill()?;
        guarding.0.wait()?;
        ensure!(waiting.join().expect("who waits")?);
        Ok(())
    });
}

#[test]
fn dropped_it_frees_everything_at_once() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        place.deny(&[native(&app)])?;
        ensure!(!starts(&mut Command::new(&app))?);
        let place = {
            let crate::place::Place { folder, guard, .. } = place;
            drop(guard);
            folder
        };
        ensure!(starts(&mut Command::new(place.path().join("app")))?);
        Ok(())
    });
}
