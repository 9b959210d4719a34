//! HTTP/3 to governed destinations is refused at once; all other UDP is left alone.

use std::{
    io,
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
};

use anyhow::ensure;
use tidegate_redirect::{FailMode, Tables};

use crate::{
    agent::Agent,
    pins::Pinned,
    rig::{AI4, AI6, OTHER4, at, inside, tables},
};

fn any(to: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::bind(if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })
}

fn by_connect(to: SocketAddr) -> io::Result<()> {
    any(to)?.connect(to)
}

fn by_sendto(to: SocketAddr) -> io::Result<()> {
    any(to)?.send_to(b"x", to).map(drop)
}

fn governed() -> [SocketAddr; 3] {
    let mapped: SocketAddr = "[::ffff:203.0.113.10]:443".parse().expect("an address");
    [at(AI4, 443), at(AI6, 443), mapped]
}

#[test]
fn quic_is_refused_so_that_clients_fall_back() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        for to in governed() {
            for way in [by_connect, by_sendto] {
                let error = way(to).expect_err("refused");
                ensure!(
                    error.kind() == ErrorKind::ConnectionRefused,
                    "{to}: {error:?}"
                );
            }
        }
        ensure!(agent.counter("quic_refused") == 6);
        Ok(())
    });
}

#[test]
fn other_udp_is_left_alone() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        for to in [at(OTHER4, 443), at(AI4, 53), at(AI6, 3478)] {
            by_connect(to)?;
            by_sendto(to)?;
        }
        ensure!(agent.counter("quic_refused") == 0);
        Ok(())
    });
}

#[test]
fn quic_passes_where_the_tables_say_so() {
    inside(|rig| async move {
        let tables = Tables {
            refuse_quic: false,
            ..tables()
        };
        let _agent = Agent::serve(rig.start_with(rig.options(), &tables)?);
        for to in governed() {
            by_connect(to)?;
            by_sendto(to)?;
        }
        Ok(())
    });
}

/// Without an agent there is nothing to fall back to.
#[test]
fn without_the_agent_the_fail_mode_decides() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        drop(rig.start_with(pins.options(&rig), &tables())?);
        by_sendto(at(AI4, 443))?;
        let closed = Tables {
            fail: FailMode::Closed,
            ..tables()
        };
        drop(rig.start_with(pins.options(&rig), &closed)?);
        let error = by_sendto(at(AI4, 443)).expect_err("closed");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");
        Ok(())
    });
}
