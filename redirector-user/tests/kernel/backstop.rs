//! Connections from before the agent: dropped where the policy is closed, ended where it is open.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirector_user::EventKind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use crate::{
    agent::{Agent, PATIENCE, connect, real, retry},
    rig::{AI4, AI6, OTHER4, Rig, at, inside, tables},
};

fn closed() -> Tables {
    Tables {
        fail: FailMode::Closed,
        backstop: true,
        ..tables()
    }
}

/// A connection that nobody has touched: the app's end and the server's.
fn pair(to: SocketAddr) -> Result<(TcpStream, TcpStream)> {
    pair_at(to, to)
}

/// The same, where the app names the server in another way.
fn pair_at(server: SocketAddr, to: SocketAddr) -> Result<(TcpStream, TcpStream)> {
    let listener = retry(|| TcpListener::bind(server))?;
    let app = reach(to)?;
    let (server, _) = listener.accept()?;
    for end in [&app, &server] {
        end.set_read_timeout(Some(PATIENCE))?;
    }
    Ok((app, server))
}

/// The kernel adds the route to a new IPv6 address some time after the address.
fn reach(to: SocketAddr) -> Result<TcpStream> {
    let since = Instant::now();
    loop {
        match TcpStream::connect_timeout(&to, PATIENCE) {
            Err(error)
                if error.kind() == ErrorKind::NetworkUnreachable && since.elapsed() < PATIENCE =>
            {
                std::thread::yield_now();
            }
            outcome => return Ok(outcome?),
        }
    }
}

/// Nothing has come.
fn is_silent(server: &mut TcpStream) -> Result<bool> {
    server.set_nonblocking(true)?;
    let read = server.read(&mut [0; 8]);
    server.set_nonblocking(false)?;
    Ok(read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock))
}

#[test]
fn older_connections_are_silenced_until_the_policy_opens() {
    inside(|rig| async move {
        let mapped: SocketAddr = "[::ffff:203.0.113.10]:443".parse()?;
        let mut pairs = vec![
            pair(at(AI4, 443))?,
            pair(at(AI6, 443))?,
            pair_at(at(AI4, 443), mapped)?,
        ];
        let agent = Agent::serve(rig.start_with(rig.options(), &closed())?);
        for (number, (app, server)) in (1..).zip(&mut pairs) {
            app.write_all(b"x")?;
            ensure!(agent.counter("backstopped") >= number);
            ensure!(is_silent(server)?);
        }
        let event = tokio::time::timeout(PATIENCE, agent.linux.event())
            .await
            .context("no event")??;
        ensure!(
            event.kind == EventKind::Bypass && event.opener.is_none(),
            "{event:?}"
        );
        ensure!(event.destination == at(AI4, 443), "{event:?}");

        // The kernel sends again what was not acknowledged.
        agent.linux.apply(&tables())?;
        for (_, server) in &mut pairs {
            let mut byte = [0];
            server.read_exact(&mut byte)?;
            ensure!(&byte == b"x");
        }
        Ok(())
    });
}

#[test]
fn everything_else_passes() {
    inside(|rig| async move {
        let mut pairs = vec![
            pair(at(OTHER4, 443))?,
            pair(at(AI4, 8443))?,
            pair(at(AI6, 8443))?,
        ];
        let mut agent = Agent::serve(rig.start_with(rig.options(), &closed())?);
        for (app, server) in &mut pairs {
            app.write_all(b"x")?;
            let mut byte = [0];
            server.read_exact(&mut byte)?;
        }
        // What is redirected, and what the agent sends itself.
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        let _real = real(at(AI4, 443)).await?;
        let socket = TcpSocket::new_v4()?;
        agent.linux.bypass(&socket)?;
        let mut stream = socket.connect(at(AI4, 443)).await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await?;
        ensure!(&answer == b"real" && agent.counter("backstopped") == 0);
        Ok(())
    });
}

#[test]
fn it_is_off_where_the_policy_is_open_or_says_so() {
    inside(|rig| async move {
        let (mut app, mut server) = pair(at(AI4, 443))?;
        let open = Tables {
            fail: FailMode::Open,
            ..closed()
        };
        let off = Tables {
            backstop: false,
            ..closed()
        };
        let agent = Agent::serve(rig.start_with(rig.options(), &open)?);
        for tables in [open, off] {
            agent.linux.apply(&tables)?;
            app.write_all(b"x")?;
            server.read_exact(&mut [0])?;
        }
        ensure!(agent.counter("backstopped") == 0);
        Ok(())
    });
}

/// A datagram to where a socket was connected before is seen by no other hook.
#[test]
fn older_quic_is_dropped_unless_it_is_allowed() {
    inside(|rig| async move {
        let server = retry(|| UdpSocket::bind(at(AI4, 443)))?;
        server.set_read_timeout(Some(PATIENCE))?;
        let app = UdpSocket::bind("0.0.0.0:0")?;
        app.connect(at(AI4, 443))?;
        let agent = Agent::serve(rig.start_with(rig.options(), &closed())?);
        let error = app.send(b"x").expect_err("dropped");
        ensure!(error.kind() == ErrorKind::PermissionDenied, "{error:?}");
        agent.linux.apply(&Tables {
            refuse_quic: false,
            ..closed()
        })?;
        app.send(b"y")?;
        let mut bytes = [0; 8];
        let length = server.recv(&mut bytes)?;
        ensure!(&bytes[..length] == b"y");
        Ok(())
    });
}

/// It outlives the agent, as the policy does.
#[test]
fn it_holds_without_the_agent() {
    inside(|rig| async move {
        let pins = crate::pins::Pinned::new(&rig);
        let (mut app, mut server) = pair(at(AI4, 443))?;
        drop(rig.start_with(pins.options(&rig), &closed())?);
        app.write_all(b"x")?;
        ensure!(is_silent(&mut server)?);
        drop(pins);
        server.read_exact(&mut [0])?;
        Ok(())
    });
}

async fn own_connection(agent: &Agent) -> Result<tokio::net::TcpStream> {
    let socket = TcpSocket::new_v4()?;
    agent.linux.bypass(&socket)?;
    Ok(socket.connect(at(AI4, 443)).await?)
}

fn ended(app: &mut TcpStream) -> Result<()> {
    let error = app.read(&mut [0]).expect_err("ended");
    ensure!(error.kind() == ErrorKind::ConnectionAborted, "{error:?}");
    Ok(())
}

#[test]
fn older_connections_are_ended_so_that_apps_make_new_ones() {
    inside(|rig: Rig| async move {
        let mapped: SocketAddr = "[::ffff:203.0.113.10]:443".parse()?;
        let mut older = vec![
            pair(at(AI4, 443))?,
            pair(at(AI6, 443))?,
            pair_at(at(AI4, 443), mapped)?,
        ];
        let (mut other, mut other_server) = pair(at(OTHER4, 443))?;
        let mut agent = Agent::serve(rig.start()?);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        let listener = retry(|| TcpListener::bind(at(AI4, 443)))?;
        let mut own = own_connection(&agent).await?;
        let (mut own_server, _) = listener.accept()?;

        ensure!(agent.linux.reset_older()? == 3);
        for (app, _) in &mut older {
            ended(app)?;
        }
        other.write_all(b"x")?;
        other_server.read_exact(&mut [0])?;
        own.write_all(b"x").await?;
        own_server.read_exact(&mut [0])?;
        ensure!(agent.linux.reset_older()? == 0);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await.map(drop)
    });
}

/// Other cgroups are none of its business.
#[test]
fn connections_of_other_cgroups_are_left_alone() {
    inside(|rig| async move {
        let (mut app, mut server) = pair(at(AI4, 443))?;
        let below = rig.cgroup.join("below");
        std::fs::create_dir(&below)?;
        std::fs::write(below.join("cgroup.type"), "threaded")?;
        let mut options = rig.options();
        options.cgroup = Some(below.clone());
        let agent = Agent::serve(rig.start_with(options, &tables())?);
        let ended = agent.linux.reset_older()?;
        drop(agent);
        std::fs::remove_dir(below)?;
        ensure!(ended == 0, "{ended}");
        app.write_all(b"x")?;
        server.read_exact(&mut [0])?;
        Ok(())
    });
}
