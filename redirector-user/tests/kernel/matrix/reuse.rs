//! Sockets and ports that are used again: nothing of before may stick to them.

use std::{io, net::SocketAddr, os::fd::OwnedFd};

use anyhow::ensure;

use crate::{
    agent::{Agent, client, connect, look, real},
    raw,
    rig::{AI4, AI6, OTHER4, at, inside, ip, tables},
};

/// A socket may be disconnected and connected elsewhere.
#[test]
fn a_socket_that_goes_elsewhere_forgets_where_it_was() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let _real = real(at(OTHER4, 443)).await?;
        let seen = client(|| {
            let socket = raw::tcp(at(AI4, 443))?;
            raw::connect_to(&socket, at(AI4, 443))?;
            raw::disconnect(&socket)?;
            raw::connect_to(&socket, at(OTHER4, 443))?;
            look(raw::stream(socket))
        })
        .await?;
        ensure!(
            seen.answer == "real" && seen.peer == at(OTHER4, 443),
            "{seen:?}"
        );
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        ensure!(agent.is_idle());
        Ok(())
    });
}

#[test]
fn a_socket_that_goes_to_another_governed_address_is_reported_with_that() {
    inside(|rig| async move {
        let mut tables = tables();
        tables.addresses.push(ip(OTHER4));
        let mut agent = Agent::serve(rig.start_with(rig.options(), &tables)?);
        let seen = client(|| {
            let socket = raw::tcp(at(AI4, 443))?;
            raw::connect_to(&socket, at(AI4, 443))?;
            raw::disconnect(&socket)?;
            raw::connect_to(&socket, at(OTHER4, 443))?;
            look(raw::stream(socket))
        })
        .await?;
        ensure!(seen.peer == at(OTHER4, 443), "{seen:?}");
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        ensure!(agent.flow().await?.destination == at(OTHER4, 443));
        Ok(())
    });
}

/// A port is not a connection: two sources may share it.
#[test]
fn one_source_port_of_two_source_addresses() {
    inside(|rig| async move {
        let mut tables = tables();
        tables.addresses.push(ip("203.0.113.30"));
        let mut agent = Agent::serve(rig.start_with(rig.options(), &tables)?);
        let pairs = [
            (at("127.0.0.1", 40_000), at(AI4, 443)),
            (at(OTHER4, 40_000), at("203.0.113.30", 443)),
            (at("::1", 40_000), at(AI6, 443)),
        ];
        let mut kept = Vec::new();
        for (from, to) in pairs {
            kept.push(
                client(move || {
                    let socket = raw::tcp(to)?;
                    raw::set_number(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
                    raw::bind_to(&socket, from)?;
                    raw::connect_to(&socket, to)?;
                    Ok(socket)
                })
                .await?,
            );
        }
        for (from, to) in pairs {
            let flow = agent.flow().await?;
            ensure!(flow.destination == to, "{flow:?}");
            ensure!(flow.stream.peer_addr()? == from, "{flow:?}");
        }
        Ok(())
    });
}

/// Who connects to the agent itself was sent by nobody.
#[test]
fn a_connection_to_the_agent_itself_is_no_flow() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        connect(at(AI4, 443)).await?;
        let listener = agent.flow().await?.stream.local_addr()?;
        let seen = connect(listener).await?;
        ensure!(seen.answer.is_empty(), "{seen:?}");
        ensure!(agent.is_idle() && agent.counter("strangers") == 1);
        Ok(())
    });
}

/// Connects from a port that is used more than once.
fn from(port: u16, to: SocketAddr, linger: bool) -> io::Result<OwnedFd> {
    let socket = raw::tcp(to)?;
    raw::set_number(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    if linger {
        // Closing it resets the connection, which leaves nothing behind.
        raw::set(
            &socket,
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            &[1, 0, 0, 0, 0, 0, 0, 0],
        )?;
    }
    raw::bind_to(&socket, at("127.0.0.1", port))?;
    raw::connect_to(&socket, to)?;
    Ok(socket)
}

/// The same from the port of a connection that is already dead when the agent looks: what that one
/// has left must not speak for this one.
#[test]
fn a_connection_to_the_agent_inherits_nothing_from_its_port() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        connect(at(AI4, 443)).await?;
        let listener = agent.flow().await?.stream.local_addr()?;
        // The agent shares this thread, so it does not look in between.
        drop(from(40_002, at(AI4, 443), true)?);
        let direct = from(40_002, listener, true)?;
        let seen = client(move || look(raw::stream(direct))).await?;
        ensure!(seen.answer.is_empty(), "{seen:?}");
        ensure!(agent.counter("strangers") == 2 && agent.is_idle());
        Ok(())
    });
}

/// Another connection on loopback, from the port of one that is still on its way, takes nothing away.
#[test]
fn a_port_that_is_shared_on_loopback_costs_nobody_its_destination() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let _local = real(at("127.0.0.1", 5432)).await?;
        let governed = from(40_003, at(AI4, 443), false)?;
        let local = from(40_003, at("127.0.0.1", 5432), false)?;
        let seen = client(move || look(raw::stream(local))).await?;
        ensure!(seen.answer == "real", "{seen:?}");
        let seen = client(move || look(raw::stream(governed))).await?;
        ensure!(seen.answer == "agent", "{seen:?}");
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        Ok(())
    });
}

/// What was created before the programs came is theirs too when it connects.
#[test]
fn a_socket_that_is_older_than_the_redirector() {
    inside(|rig| async move {
        let socket = raw::tcp(at(AI4, 443))?;
        let mut agent = Agent::serve(rig.start()?);
        let seen = client(move || {
            raw::connect_to(&socket, at(AI4, 443))?;
            look(raw::stream(socket))
        })
        .await?;
        ensure!(seen.answer == "agent", "{seen:?}");
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        Ok(())
    });
}
