//! A backend that lives on while nobody takes what it hands over, as the loader's does without a relay.

use std::io::ErrorKind;

use anyhow::ensure;
use tidegate_redirect::{FailMode, Redirector, Tables};

use crate::{
    agent::{Agent, connect, real},
    rig::{AI4, AI6, at, inside, tables},
};

#[test]
fn while_nobody_serves_the_fail_mode_holds_and_then_connections_come_again() {
    inside(|rig| async move {
        let _real = [real(at(AI4, 443)).await?, real(at(AI6, 443)).await?];
        let agent = Agent::serve(rig.start_with(rig.options(), &tables())?);
        for address in [at(AI4, 443), at(AI6, 443)] {
            ensure!(connect(address).await?.answer == "agent");
            agent.linux.serving(false)?;
            ensure!(connect(address).await?.answer == "real");
            agent.linux.apply(&Tables {
                fail: FailMode::Closed,
                ..tables()
            })?;
            let refused = connect(address).await.map(|found| found.answer);
            let kind = refused.as_ref().err().map(std::io::Error::kind);
            ensure!(kind == Some(ErrorKind::NetworkUnreachable), "{refused:?}");
            // Said twice it is the same.
            agent.linux.serving(false)?;
            agent.linux.serving(true)?;
            agent.linux.serving(true)?;
            ensure!(connect(address).await?.answer == "agent");
            agent.linux.apply(&tables())?;
        }
        Ok(())
    });
}
