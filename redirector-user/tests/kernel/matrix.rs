//! Kinds of clients: however a socket is made and connected, the agent gets it, with the exact
//! original destination, and the app notices nothing.

use anyhow::ensure;

use crate::{
    agent::{Agent, connect, real},
    rig::{AI4, AI6, OTHER4, at, inside},
};

mod callers;
mod many;
mod reuse;
mod sockets;

#[test]
fn ipv4_is_redirected_and_the_app_sees_its_destination() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let seen = connect(at(AI4, 443)).await?;
        let flow = agent.flow().await?;
        ensure!(
            seen.answer == "agent" && seen.peer == at(AI4, 443),
            "{seen:?}"
        );
        ensure!(flow.destination == at(AI4, 443), "{flow:?}");
        let opener = flow.opener.expect("an opener");
        ensure!(
            opener.pid == std::process::id() && opener.uid == 0,
            "{opener:?}"
        );
        ensure!(opener.netns != 0);
        Ok(())
    });
}

#[test]
fn ipv6_is_redirected() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let seen = connect(at(AI6, 443)).await?;
        ensure!(
            seen.answer == "agent" && seen.peer == at(AI6, 443),
            "{seen:?}"
        );
        ensure!(agent.flow().await?.destination == at(AI6, 443));
        Ok(())
    });
}

#[test]
fn a_mapped_address_is_ipv4() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let mapped = "[::ffff:203.0.113.10]:443".parse()?;
        let seen = connect(mapped).await?;
        ensure!(seen.answer == "agent" && seen.peer == mapped, "{seen:?}");
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        Ok(())
    });
}

#[test]
fn what_is_not_governed_is_not_touched() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let _other = real(at(OTHER4, 443)).await?;
        let _port = real(at(AI4, 8443)).await?;
        for to in [at(OTHER4, 443), at(AI4, 8443)] {
            let seen = connect(to).await?;
            ensure!(seen.answer == "real" && seen.peer == to, "{seen:?}");
        }
        ensure!(agent.is_idle());
        Ok(())
    });
}
