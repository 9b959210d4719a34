//! Ten thousand connections at once, or nearly: none may be told of another's destination.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, stream};
use tidegate_redirect::{Redirector, Tables};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{agent::PATIENCE, rig::inside};

const ALL: u32 = 10_000;
/// As many as file descriptors allow comfortably: each connection takes two in this process.
const AT_ONCE: usize = 250;
/// Destinations of each family.
const PLACES: u32 = 200;

fn place(number: u32) -> SocketAddr {
    let host = number % PLACES;
    if number.is_multiple_of(2) {
        let [.., last] = (host + 1).to_be_bytes();
        (Ipv4Addr::new(198, 51, 100, last), 443).into()
    } else {
        (Ipv6Addr::from(0x2001_0db8 << 96 | u128::from(host)), 443).into()
    }
}

#[test]
fn ten_thousand_connections_each_with_its_own_destination() {
    inside(|rig| async move {
        let tables = Tables {
            addresses: (0..2 * PLACES).map(|number| place(number).ip()).collect(),
            ..Tables::default()
        };
        let linux = Arc::new(rig.start_with(rig.options(), &tables)?);
        let serving = Arc::clone(&linux);
        // The agent says to each where it believes it was going.
        let agent = tokio::spawn(async move {
            while let Ok(mut flow) = serving.accept().await {
                tokio::spawn(async move {
                    let told = flow.destination.to_string();
                    flow.stream.write_all(told.as_bytes()).await.ok();
                });
            }
        });
        let wrong: Vec<_> = stream::iter(0..ALL)
            .map(|number| async move { visit(place(number)).await })
            .buffer_unordered(AT_ONCE)
            .filter_map(|outcome| async { outcome.err() })
            .collect()
            .await;
        ensure!(
            wrong.is_empty(),
            "{} wrong, as {:?}",
            wrong.len(),
            wrong.first()
        );
        let counters = linux.counters();
        for name in ["redirected", "published", "accepted"] {
            ensure!(
                counters.contains(&(name, u64::from(ALL))),
                "{name}: {counters:?}"
            );
        }
        agent.abort();
        Ok(())
    });
}

async fn visit(to: SocketAddr) -> Result<()> {
    let mut stream = tokio::time::timeout(PATIENCE, TcpStream::connect(to))
        .await
        .context("too slow")??;
    let mut told = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut told))
        .await
        .context("no answer")??;
    ensure!(told == to.to_string(), "{to} was told {told}");
    ensure!(stream.peer_addr()? == to);
    Ok(())
}
