//! New tables: in force at once, or not at all.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::ensure;
use tidegate_redirect::{Redirector, Tables};

use crate::{
    agent::{Agent, connect, real},
    rig::{AI4, OTHER4, at, inside, ip, tables},
};

#[test]
fn what_is_no_longer_listed_is_no_longer_governed() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let _real = real(at(AI4, 443)).await?;
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        agent.linux.apply(&Tables {
            addresses: vec![ip(OTHER4)],
            ..Tables::default()
        })?;
        ensure!(connect(at(AI4, 443)).await?.answer == "real");
        ensure!(connect(at(OTHER4, 443)).await?.answer == "agent");
        ensure!(agent.flow().await?.destination == at(OTHER4, 443));
        Ok(())
    });
}

#[test]
fn tables_that_do_not_fit_leave_the_old_ones() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let _real = real(at(OTHER4, 443)).await?;
        let mut addresses = vec![ip(OTHER4)];
        addresses
            .extend((0..20_000_u32).map(|number| IpAddr::V4(Ipv4Addr::from(0x0b00_0000 + number))));
        let error = agent
            .linux
            .apply(&Tables {
                addresses,
                ..Tables::default()
            })
            .expect_err("too many");
        ensure!(error.to_string().contains("writing the tables"), "{error}");
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        ensure!(connect(at(OTHER4, 443)).await?.answer == "real");
        // And there is room again.
        agent.linux.apply(&tables())?;
        Ok(())
    });
}

#[test]
fn a_name_that_is_none_is_refused_before_anything_changes() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let error = agent
            .linux
            .apply(&Tables {
                names: vec!["fine.example".into(), "not..fine".into()],
                ..Tables::default()
            })
            .expect_err("no name");
        ensure!(error.to_string().contains("not..fine"), "{error}");
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await.map(drop)
    });
}
