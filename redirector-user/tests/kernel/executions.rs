//! Executions: what is told of them, when, and what comes of a reader that is late. Those of the whole machine
//! are told, so every test looks for its own.

use std::{
    fs,
    process::{Child, Command},
};

use anyhow::{Context, Result, ensure};
use tidegate_redirect::{Execution, Executions, Redirector};

use crate::rig::inside;

/// More than the ring buffer holds.
const TOO_MANY: usize = 2_500;

/// A program that ends at once, as it was executed.
fn execute() -> Result<u32> {
    let mut child = Command::new("true").spawn()?;
    let pid = child.id();
    child.wait()?;
    Ok(pid)
}

/// Reads up to a process; all that was told, and whether any was not.
fn up_to(told: &mut dyn Executions, pid: u32) -> Result<(Vec<Execution>, bool)> {
    let (mut all, mut missed) = (Vec::new(), false);
    while !all.iter().any(|one: &Execution| one.pid == pid) {
        missed |= told.next(&mut all)?;
    }
    Ok((all, missed))
}

/// When a process started, as `/proc` says.
fn start(pid: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("stat")?;
    let field = fields
        .split_ascii_whitespace()
        .nth(19)
        .context("its start")?;
    Ok(field.parse()?)
}

struct Sleeper(Child);

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_process_is_told_with_its_start_and_who_started_it() {
    inside(|rig| async move {
        let linux = rig.start()?;
        let mut told = linux.executions().context("nothing is told")?;
        ensure!(linux.executions().is_none(), "there is one reader");
        linux.tell_executions(true)?;
        linux.tell_executions(true)?;
        let sleeper = Sleeper(Command::new("sleep").arg("60").spawn()?);
        let (all, _) = up_to(&mut *told, sleeper.0.id())?;
        let own = std::process::id();
        let expected = Execution {
            pid: sleeper.0.id(),
            uid: 0,
            start: Some(start(sleeper.0.id())?),
            parent: Some((own, start(own)?)),
        };
        ensure!(all.contains(&expected), "{all:?} {expected:?}");
        Ok(())
    });
}

/// A second program in the same process is told too, as the process that it was.
#[test]
fn another_program_in_one_process_is_told_again() {
    inside(|rig| async move {
        let linux = rig.start()?;
        let mut told = linux.executions().context("nothing is told")?;
        linux.tell_executions(true)?;
        let mut child = Command::new("sh").args(["-c", "exec true"]).spawn()?;
        child.wait()?;
        let (all, _) = up_to(&mut *told, execute()?)?;
        let own: Vec<_> = all.iter().filter(|one| one.pid == child.id()).collect();
        ensure!(own.len() == 2 && own[0] == own[1], "{own:?}");
        Ok(())
    });
}

#[test]
fn nothing_is_told_while_nobody_wants_to_hear_it() {
    inside(|rig| async move {
        let linux = rig.start()?;
        let mut told = linux.executions().context("nothing is told")?;
        let before = execute()?;
        linux.tell_executions(true)?;
        let first = execute()?;
        linux.tell_executions(false)?;
        linux.tell_executions(false)?;
        let between = execute()?;
        linux.tell_executions(true)?;
        let (all, missed) = up_to(&mut *told, execute()?)?;
        let heard = |pid: u32| all.iter().any(|one| one.pid == pid);
        ensure!(
            !heard(before) && heard(first) && !heard(between) && !missed,
            "{all:?}"
        );
        Ok(())
    });
}

#[test]
fn a_reader_that_is_late_hears_that_it_missed_some_and_then_the_rest() {
    inside(|rig| async move {
        let linux = rig.start()?;
        let mut told = linux.executions().context("nothing is told")?;
        linux.tell_executions(true)?;
        let many = format!("i=0; while [ $i -lt {TOO_MANY} ]; do /bin/true; i=$((i+1)); done");
        ensure!(Command::new("sh").args(["-c", &many]).status()?.success());
        let (mut all, mut missed) = (Vec::new(), false);
        while !missed {
            missed = told.next(&mut all)?;
        }
        ensure!(all.len() < TOO_MANY, "{}", all.len());
        let (_, missed) = up_to(&mut *told, execute()?)?;
        ensure!(!missed, "what was told of once is told of again");
        Ok(())
    });
}
