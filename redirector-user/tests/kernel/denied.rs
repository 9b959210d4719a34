//! Denied processes: refused at once, with an errno that programs understand, and told about.

use std::{io::ErrorKind, net::UdpSocket};

use anyhow::{Context, ensure};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirector_user::EventKind;

use crate::{
    agent::{Agent, PATIENCE, connect, real},
    pins::Pinned,
    rig::{AI4, AI6, OTHER4, at, inside, tables},
};

fn denying() -> Tables {
    Tables {
        denied: vec![std::process::id()],
        ..tables()
    }
}

#[test]
fn a_denied_process_is_refused_and_the_agent_hears_of_it() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start_with(rig.options(), &denying())?);
        for to in [at(AI4, 443), at(AI6, 443)] {
            let error = connect(to).await.expect_err("refused");
            ensure!(error.kind() == ErrorKind::ConnectionRefused, "{error:?}");
            let event = tokio::time::timeout(PATIENCE, agent.linux.event())
                .await
                .context("no event")??;
            ensure!(
                event.kind == EventKind::Denied && event.destination == to,
                "{event:?}"
            );
            let opener = event.opener.context("no opener")?;
            ensure!(opener.pid == std::process::id());
        }
        ensure!(agent.counter("denied") == 2 && agent.is_idle());
        Ok(())
    });
}

#[test]
fn denied_processes_reach_what_is_not_governed() {
    inside(|rig| async move {
        let _agent = Agent::serve(rig.start_with(rig.options(), &denying())?);
        let _real = real(at(OTHER4, 443)).await?;
        ensure!(connect(at(OTHER4, 443)).await?.answer == "real");
        Ok(())
    });
}

#[test]
fn a_denial_holds_for_udp_even_where_quic_is_allowed() {
    inside(|rig| async move {
        let tables = Tables {
            refuse_quic: false,
            ..denying()
        };
        let _agent = Agent::serve(rig.start_with(rig.options(), &tables)?);
        let error = UdpSocket::bind("0.0.0.0:0")?
            .send_to(b"x", at(AI4, 443))
            .expect_err("refused");
        ensure!(error.kind() == ErrorKind::ConnectionRefused, "{error:?}");
        Ok(())
    });
}

#[test]
fn a_denial_that_is_lifted_is_lifted() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start_with(rig.options(), &denying())?);
        connect(at(AI4, 443)).await.expect_err("refused");
        agent.linux.apply(&tables())?;
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await.map(drop)
    });
}

/// Nobody reads the events: they are lost and counted, and the refusals go on.
#[test]
fn a_full_ring_buffer_changes_no_verdict() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start_with(rig.options(), &denying())?);
        for _ in 0..1_500 {
            let error = std::net::TcpStream::connect(at(AI4, 443)).expect_err("refused");
            ensure!(error.kind() == ErrorKind::ConnectionRefused, "{error:?}");
        }
        let lost = agent.counter("events_lost");
        ensure!(
            agent.counter("denied") == 1_500 && lost > 0 && lost < 1_500,
            "{lost}"
        );
        Ok(())
    });
}

/// A pid may be another process's once the agent is gone: then the fail mode decides alone.
#[test]
fn without_the_agent_the_fail_mode_decides() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        drop(rig.start_with(pins.options(&rig), &denying())?);
        let _real = real(at(AI4, 443)).await?;
        ensure!(connect(at(AI4, 443)).await?.answer == "real");
        let closed = Tables {
            fail: FailMode::Closed,
            ..denying()
        };
        drop(rig.start_with(pins.options(&rig), &closed)?);
        let error = connect(at(AI4, 443)).await.expect_err("closed");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");
        Ok(())
    });
}
