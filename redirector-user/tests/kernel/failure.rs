//! An agent that is gone or hangs: the kernel finds out by itself and does what the policy says.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirector_user::EventKind;

use crate::{
    agent::{Agent, PATIENCE, connect, real},
    rig::{AI4, AI6, at, inside, tables},
};

fn closed() -> Tables {
    Tables {
        fail: FailMode::Closed,
        ..tables()
    }
}

/// Without pins everything ends with the agent.
#[test]
fn an_unpinned_agent_that_ends_leaves_nothing() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        drop(rig.start_with(rig.options(), &closed())?);
        ensure!(connect(at(AI4, 443)).await?.answer == "real");
        Ok(())
    });
}

/// It still listens, but it does not move: stopped, or swapped out for good.
#[test]
fn an_agent_that_hangs_is_found_out_and_may_come_back() {
    inside(|rig| async move {
        let _real = real(at(AI4, 443)).await?;
        let mut options = rig.options();
        options.heartbeat_limit = Duration::from_millis(500);
        let agent = Agent::serve(rig.start_with(options, &tables())?);
        agent.linux.heartbeat();
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        let since = Instant::now();
        while connect(at(AI4, 443)).await?.answer != "real" {
            ensure!(since.elapsed() < PATIENCE, "it was never found out");
        }
        let event = tokio::time::timeout(PATIENCE, agent.linux.event())
            .await
            .context("no event")??;
        ensure!(event.kind == EventKind::Stale && event.destination == at(AI4, 443));
        ensure!(agent.counter("failed_open") >= 1);

        agent.linux.apply(&closed())?;
        let error = connect(at(AI4, 443)).await.expect_err("closed");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");
        ensure!(agent.counter("failed_closed") >= 1);

        agent.linux.heartbeat();
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
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
        options.heartbeat_limit = Duration::ZERO;
        let linux = rig.start_with(options, &closed())?;
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
