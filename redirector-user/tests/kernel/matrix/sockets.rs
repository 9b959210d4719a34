//! Sockets that are not the plainest: options, early data, other ways to connect.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsRawFd, OwnedFd},
};

use anyhow::{Result, ensure};
use io_uring::{IoUring, opcode, types};
use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{SockaddrLike, SockaddrStorage},
};

use crate::{
    agent::{Agent, Seen, client, look},
    raw,
    rig::{AI4, AI6, OTHER4, Rig, at, inside, skip},
};

/// The client connects in its own way; the agent gets it with the exact destination.
async fn is_redirected(
    rig: Rig,
    to: SocketAddr,
    work: impl FnOnce(SocketAddr) -> io::Result<OwnedFd> + Send + 'static,
) -> Result<(Agent, Seen)> {
    let mut agent = Agent::serve(rig.start()?);
    let seen = client(move || look(raw::stream(work(to)?))).await?;
    ensure!(seen.answer == "agent", "{seen:?}");
    ensure!(seen.peer == to, "{seen:?}");
    let flow = agent.flow().await?;
    ensure!(flow.destination == to, "{flow:?}");
    Ok((agent, seen))
}

#[test]
fn a_socket_that_speaks_only_ipv6() {
    inside(|rig| async move {
        is_redirected(rig, at(AI6, 443), |to| {
            let socket = raw::tcp(to)?;
            raw::set_number(&socket, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 1)?;
            raw::connect_to(&socket, to)?;
            Ok(socket)
        })
        .await
        .map(drop)
    });
}

#[test]
fn a_socket_that_does_not_block() {
    inside(|rig| async move {
        is_redirected(rig, at(AI4, 443), |to| {
            let socket = raw::any(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_NONBLOCK, 0)?;
            let begun = raw::connect_to(&socket, to);
            assert!(begun.is_err_and(|error| error.raw_os_error() == Some(libc::EINPROGRESS)));
            let mut wait = [PollFd::new(
                std::os::fd::AsFd::as_fd(&socket),
                PollFlags::POLLOUT,
            )];
            poll(&mut wait, PollTimeout::from(20_000_u16))?;
            // Clients ask again to see how it went: that is no second connection.
            raw::connect_to(&socket, to)?;
            let again = raw::connect_to(&socket, to);
            assert!(again.is_err_and(|error| error.raw_os_error() == Some(libc::EISCONN)));
            Ok(socket)
        })
        .await
        .map(drop)
    });
}

#[test]
fn fast_open_by_sendto() {
    inside(|rig| async move {
        is_redirected(rig, at(AI4, 443), |to| {
            let socket = raw::tcp(to)?;
            raw::fast_open(&socket, to, b"hello")?;
            Ok(socket)
        })
        .await
        .map(drop)
    });
}

#[test]
fn fast_open_by_option() {
    inside(|rig| async move {
        is_redirected(rig, at(AI6, 443), |to| {
            let socket = raw::tcp(to)?;
            raw::set_number(&socket, libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT, 1)?;
            raw::connect_to(&socket, to)?;
            nix::unistd::write(&socket, b"hello")?;
            Ok(socket)
        })
        .await
        .map(drop)
    });
}

#[test]
fn a_source_address_of_the_apps_choice() {
    inside(|rig| async move {
        let (_agent, seen) = is_redirected(rig, at(AI4, 443), |to| {
            let socket = raw::tcp(to)?;
            raw::bind_to(&socket, at(OTHER4, 0))?;
            raw::connect_to(&socket, to)?;
            Ok(socket)
        })
        .await?;
        ensure!(seen.local.ip() == at(OTHER4, 0).ip());
        Ok(())
    });
}

#[test]
fn an_ipv6_source_address_of_the_apps_choice() {
    inside(|rig| async move {
        crate::rig::add_address("2001:db8::20")?;
        let from = at("2001:db8::20", 0);
        let (_agent, seen) = is_redirected(rig, at(AI6, 443), move |to| {
            let socket = raw::tcp(to)?;
            raw::bind_to(&socket, from)?;
            raw::connect_to(&socket, to)?;
            Ok(socket)
        })
        .await?;
        ensure!(seen.local.ip() == from.ip());
        Ok(())
    });
}

/// Bound to a device that does not lead to loopback, as VPN clients do.
#[test]
fn a_socket_that_is_bound_to_a_device() {
    inside(|rig| async move {
        crate::rig::ip_command(&["link", "add", "one", "type", "veth", "peer", "name", "two"])?;
        crate::rig::ip_command(&["link", "set", "one", "up"])?;
        let (agent, _) = is_redirected(rig, at(AI4, 443), |to| {
            let socket = raw::tcp(to)?;
            raw::set(&socket, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, b"one\0")?;
            raw::connect_to(&socket, to)?;
            Ok(socket)
        })
        .await?;
        ensure!(agent.counter("unbound_from_device") == 1);
        Ok(())
    });
}

#[test]
#[allow(unsafe_code, reason = "the ring's queue takes entries on trust")]
fn connecting_by_io_uring() {
    inside(|rig| async move {
        let Ok(mut ring) = IoUring::new(4) else {
            skip("this kernel has no io_uring");
            return Ok(());
        };
        is_redirected(rig, at(AI4, 443), move |to| {
            let socket = raw::tcp(to)?;
            let address = SockaddrStorage::from(to);
            let entry = opcode::Connect::new(
                types::Fd(socket.as_raw_fd()),
                address.as_ptr().cast(),
                address.len(),
            )
            .build();
            // SAFETY: the socket and the address outlive the wait below.
            unsafe { ring.submission().push(&entry) }.map_err(io::Error::other)?;
            ring.submit_and_wait(1)?;
            let done = ring.completion().next().ok_or(io::ErrorKind::NotFound)?;
            if done.result() < 0 {
                return Err(io::Error::from_raw_os_error(-done.result()));
            }
            Ok(socket)
        })
        .await
        .map(drop)
    });
}

/// The storage is on the subflow, so `getpeername` of an MPTCP socket shows the agent: known.
#[test]
fn mptcp_is_redirected() {
    inside(|rig| async move {
        let to = at(AI4, 443);
        let Ok(socket) = raw::any(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_MPTCP) else {
            skip("this kernel has no MPTCP");
            return Ok(());
        };
        let mut agent = Agent::serve(rig.start()?);
        let seen = client(move || {
            raw::connect_to(&socket, to)?;
            look(raw::stream(socket))
        })
        .await?;
        ensure!(seen.answer == "agent", "{seen:?}");
        ensure!(agent.flow().await?.destination == to);
        Ok(())
    });
}
