//! The agent's own connections never come back to it, and nobody else can have that.

use anyhow::ensure;
use tidegate_redirect::Redirector;
use tokio::{io::AsyncReadExt, net::TcpSocket};

use crate::{
    agent::{Agent, client, look, real},
    raw,
    rig::{AI4, AI6, at, inside},
};

#[test]
fn an_exempt_socket_goes_where_it_wants() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        for to in [at(AI4, 443), at(AI6, 443)] {
            let _real = real(to).await?;
            let socket = if to.is_ipv4() {
                TcpSocket::new_v4()?
            } else {
                TcpSocket::new_v6()?
            };
            agent.linux.bypass(&socket)?;
            let mut stream = socket.connect(to).await?;
            ensure!(stream.peer_addr()? == to);
            let mut answer = [0; 4];
            stream.read_exact(&mut answer).await?;
            ensure!(&answer == b"real");
        }
        ensure!(agent.is_idle() && agent.counter("bypassed") == 2);
        Ok(())
    });
}

/// `SO_MARK` needs no more than `CAP_NET_RAW`, which containers have.
#[test]
fn a_mark_gains_nothing() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let _real = real(at(AI4, 443)).await?;
        for mark in [1, 0xA1, i32::MAX] {
            let seen = client(move || {
                let socket = raw::tcp(at(AI4, 443))?;
                raw::set_number(&socket, libc::SOL_SOCKET, libc::SO_MARK, mark)?;
                raw::connect_to(&socket, at(AI4, 443))?;
                look(raw::stream(socket))
            })
            .await?;
            ensure!(seen.answer == "agent", "{seen:?}");
            agent.flow().await?;
        }
        Ok(())
    });
}

/// The exemption is the socket's, not the process's.
#[test]
fn the_agents_other_sockets_are_as_anybodys() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let exempt = TcpSocket::new_v4()?;
        agent.linux.bypass(&exempt)?;
        let seen = crate::agent::connect(at(AI4, 443)).await?;
        ensure!(seen.answer == "agent", "{seen:?}");
        agent.flow().await.map(drop)
    });
}
