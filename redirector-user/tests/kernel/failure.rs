//! An agent that is gone or hangs: the kernel finds out by itself and does what the policy says.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use aya::maps::{Array, MapData};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirect_abi::Moment;
use tidegate_redirector_user::EventKind;

use crate::{
    agent::{Agent, PATIENCE, connect, real},
    pins::Pinned,
    raw,
    rig::{AI4, AI6, OTHER4, at, inside, tables},
};

fn closed() -> Tables {
    Tables {
        fail: FailMode::Closed,
        ..tables()
    }
}

/// Without pins everything ends with the agent, as soon as nobody has its descriptors any more: a child that
/// another test starts holds copies of them until it executes its program.
#[test]
fn an_unpinned_agent_that_ends_leaves_nothing() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        drop(rig.start_with(rig.options(), &closed())?);
        let since = Instant::now();
        while !matches!(connect(at(AI4, 443)).await, Ok(seen) if seen.answer == "real") {
            ensure!(since.elapsed() < PATIENCE, "it left something");
        }
        Ok(())
    });
}

/// Whether a connection is redirected, found out without the agent's help: its own address is the
/// loopback's then, also before it is made. It is not waited for, since nobody accepts, and the backlog
/// may be full.
fn is_redirected() -> std::io::Result<bool> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
    let socket = raw::any(libc::AF_INET, kind, 0)?;
    match raw::connect_to(&socket, at(AI4, 443)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(raw::stream(socket).local_addr()?.ip().is_loopback()),
    }
}

/// It still listens, but it does not move: this test blocks the thread that its tasks run on.
#[test]
fn an_agent_that_hangs_is_found_out_and_may_come_back() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let mut options = rig.options();
        options.answer_limit = Duration::from_millis(300);
        let mut agent = Agent::serve(rig.start_with(options, &tables())?);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        let since = Instant::now();
        while is_redirected()? {
            ensure!(since.elapsed() < PATIENCE, "it was never found out");
        }
        ensure!(agent.counter("failed_open") >= 1);
        agent.linux.apply(&closed())?;
        let error = is_redirected().expect_err("closed");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");
        ensure!(agent.counter("failed_closed") >= 1);

        // It moves again, and answers what is in the ring buffer.
        let event = tokio::time::timeout(PATIENCE, agent.linux.event())
            .await
            .context("no event")??;
        ensure!(event.kind == EventKind::Stale && event.destination == at(AI4, 443));
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        Ok(())
    });
}

/// Its tasks move, but nobody takes what they accepted.
#[test]
fn an_agent_that_takes_no_flows_is_found_out_and_may_come_back() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let mut options = rig.options();
        options.answer_limit = Duration::from_millis(300);
        let linux = rig.start_with(options, &tables())?;
        let since = Instant::now();
        while is_redirected()? {
            ensure!(since.elapsed() < PATIENCE, "it was never found out");
            tokio::task::yield_now().await;
        }
        let mut agent = Agent::serve(linux);
        agent.flow().await?;
        let since = Instant::now();
        while !is_redirected()? {
            ensure!(since.elapsed() < PATIENCE, "it never came back");
            tokio::task::yield_now().await;
        }
        Ok(())
    });
}

/// A question that got lost is put again, so one lost record does not end the redirection.
#[test]
fn a_lost_question_is_put_again() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let mut agent = Agent::serve(rig.start_with(pins.options(&rig), &closed())?);
        // Open since long ago, and nobody will ever read it.
        let mut moments: Array<MapData, u64> = pins.map("MOMENTS")?;
        moments.set(Moment::Asked as u32, 1, 0)?;
        let error = is_redirected().expect_err("stale");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");
        let since = Instant::now();
        while moments.get(&(Moment::Asked as u32), 0)? != 0 {
            ensure!(since.elapsed() < PATIENCE, "it was never answered");
            tokio::task::yield_now().await;
        }
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await.map(drop)
    });
}

/// Overdue questions are put once in each limit, however many connections there are.
#[test]
fn a_hanging_agent_is_not_flooded_with_questions() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let agent = Agent::serve(rig.start_with(pins.options(&rig), &closed())?);
        let mut moments: Array<MapData, u64> = pins.map("MOMENTS")?;
        moments.set(Moment::Asked as u32, 1, 0)?;
        for _ in 0..100 {
            is_redirected().expect_err("stale");
        }
        let asked = agent.counter("asked");
        ensure!(asked == 1, "{asked}");
        Ok(())
    });
}

/// Where nothing is governed nothing is asked, so nobody wakes up.
#[test]
fn other_traffic_asks_nothing() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let mut agent = Agent::serve(rig.start_with(pins.options(&rig), &closed())?);
        let _other = real(at(OTHER4, 443)).await?;
        for _ in 0..50 {
            ensure!(connect(at(OTHER4, 443)).await?.answer == "real");
        }
        let moments: Array<MapData, u64> = pins.map("MOMENTS")?;
        for moment in [Moment::Asked, Moment::AskedLast] {
            ensure!(moments.get(&(moment as u32), 0)? == 0, "{moment:?}");
        }
        ensure!(agent.counter("asked") == 0);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        ensure!(agent.counter("asked") == 1);
        Ok(())
    });
}

#[test]
fn health_is_measured() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let health = agent.linux.health();
        ensure!(health.effective && health.problem.is_none(), "{health:?}");
        // On a kernel like the one this was written on everything works.
        if let Some(limitation) = health.limitations.first() {
            bail!("{limitation:?}");
        }
        // The canary is nobody's connection.
        let since = Instant::now();
        while agent.counter("canaries") == 0 {
            ensure!(since.elapsed() < PATIENCE);
            tokio::task::yield_now().await;
        }
        ensure!(agent.counter("accepted") == 0);
        Ok(())
    });
}

#[test]
fn health_says_when_the_agent_counts_as_gone() {
    inside(|rig| async move {
        let mut options = rig.options();
        options.answer_limit = Duration::ZERO;
        let linux = rig.start_with(options, &closed())?;
        // The first puts the question. This thread is the one that would answer it.
        ensure!(linux.health().effective);
        let health = linux.health();
        let problem = health.problem.context("no problem")?;
        ensure!(
            !health.effective && problem.contains("not redirected"),
            "{problem}"
        );
        Ok(())
    });
}

/// A namespace without IPv6 on loopback has no listener there; IPv4 goes on.
#[test]
fn without_ipv6_the_rest_works() {
    inside(|rig| async move {
        std::fs::write("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "1").ok();
        let mut agent = Agent::serve(rig.start()?);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        ensure!(
            agent
                .linux
                .health()
                .limitations
                .iter()
                .any(|one| one.name == "no_ipv6_loopback")
        );
        agent.linux.apply(&closed())?;
        let error = connect(at(AI6, 443)).await.expect_err("no way there");
        ensure!(
            error.kind() == ErrorKind::NetworkUnreachable
                || error.raw_os_error() == Some(libc::EADDRNOTAVAIL),
            "{error:?}"
        );
        Ok(())
    });
}
