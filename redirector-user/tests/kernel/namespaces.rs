//! Network namespaces: 127.0.0.1 is each one's own, and so are ports.

use std::{
    io::ErrorKind,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use nix::unistd::gettid;
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirector_user::{EventKind, Namespace};

use crate::{
    agent::{Agent, PATIENCE, Seen, client, look},
    raw,
    rig::{AI4, AI6, at, inside, new_network, tables},
};

/// From where, to where.
type Trip = (SocketAddr, SocketAddr);

/// A container of a kind: a thread in a namespace of its own that makes connections when told.
struct Container {
    path: PathBuf,
    trips: Option<mpsc::Sender<(Trip, mpsc::Sender<std::io::Result<Seen>>)>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Container {
    fn new() -> Result<Self> {
        let (trips, orders) = mpsc::channel::<(Trip, mpsc::Sender<std::io::Result<Seen>>)>();
        let (ready, up) = mpsc::channel();
        let thread = thread::spawn(move || -> Result<()> {
            new_network()?;
            ready.send(PathBuf::from(format!(
                "/proc/{}/task/{}/ns/net",
                std::process::id(),
                gettid()
            )))?;
            for ((from, to), answer) in orders {
                answer.send(visit(from, to))?;
            }
            Ok(())
        });
        Ok(Self {
            path: up.recv_timeout(PATIENCE).context("the namespace")?,
            trips: Some(trips),
            thread: Some(thread),
        })
    }

    async fn connect(&self, from: SocketAddr, to: SocketAddr) -> std::io::Result<Seen> {
        let (answer, seen) = mpsc::channel();
        self.trips
            .as_ref()
            .expect("open")
            .send(((from, to), answer))
            .map_err(std::io::Error::other)?;
        client(move || seen.recv_timeout(PATIENCE).map_err(std::io::Error::other)?).await
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        drop(self.trips.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("a thread").expect("the container");
        }
    }
}

fn visit(from: SocketAddr, to: SocketAddr) -> std::io::Result<Seen> {
    let socket = raw::tcp(to)?;
    raw::bind_to(&socket, from)?;
    raw::connect_to(&socket, to)?;
    look(raw::stream(socket))
}

#[test]
fn a_namespace_without_a_listener_follows_the_fail_mode() {
    inside(|rig| async move {
        let tables = Tables {
            fail: FailMode::Closed,
            ..tables()
        };
        let agent = Agent::serve(rig.start_with(rig.options(), &tables)?);
        let container = Container::new()?;
        let error = container
            .connect(at("0.0.0.0", 0), at(AI4, 443))
            .await
            .expect_err("closed");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");
        let event = tokio::time::timeout(PATIENCE, agent.linux.event())
            .await
            .context("no event")??;
        ensure!(event.kind == EventKind::NoListener, "{event:?}");

        // Open: nobody is there, so the container's own network refuses.
        agent.linux.apply(&crate::rig::tables())?;
        let error = container
            .connect(at("0.0.0.0", 0), at(AI4, 443))
            .await
            .expect_err("nobody there");
        ensure!(error.kind() == ErrorKind::ConnectionRefused, "{error:?}");
        ensure!(agent.counter("failed_open") == 1);
        Ok(())
    });
}

#[test]
fn a_served_namespace_is_redirected_and_told_apart() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let container = Container::new()?;
        let cookie = agent
            .linux
            .serve_namespace(&Namespace::Path(container.path.clone()))?;
        // The same source port here and there, to different destinations.
        let port = 40_001;
        let there = container
            .connect(at("127.0.0.1", port), at(AI4, 443))
            .await?;
        let six = container.connect(at("::1", port), at(AI6, 443)).await?;
        let here = client(move || visit(at("::1", port), at(AI6, 443))).await?;
        for seen in [&there, &six, &here] {
            ensure!(seen.answer == "agent", "{seen:?}");
        }
        let mut flows = Vec::new();
        for _ in 0..3 {
            let flow = agent.flow().await?;
            let netns = flow.opener.as_ref().expect("an opener").netns;
            flows.push((flow.destination, netns == cookie));
        }
        flows.sort();
        ensure!(
            flows
                == [
                    (at(AI4, 443), true),
                    (at(AI6, 443), false),
                    (at(AI6, 443), true)
                ],
            "{flows:?}"
        );
        Ok(())
    });
}

#[test]
fn a_namespace_is_served_once_and_left_when_told() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let container = Container::new()?;
        let namespace = Namespace::Path(container.path.clone());
        let cookie = agent.linux.serve_namespace(&namespace)?;
        ensure!(agent.linux.serve_namespace(&namespace)? == cookie);
        agent.linux.leave_namespace(cookie);
        let error = container
            .connect(at("0.0.0.0", 0), at(AI4, 443))
            .await
            .expect_err("nobody there");
        ensure!(error.kind() == ErrorKind::ConnectionRefused, "{error:?}");
        Ok(())
    });
}

#[test]
fn a_namespace_that_is_gone_is_an_error() {
    inside(|rig| async move {
        let linux = rig.start()?;
        let error = linux
            .serve_namespace(&Namespace::Path("/proc/self/ns/nothing".into()))
            .expect_err("gone");
        ensure!(error.to_string().contains("network namespace"), "{error}");
        // A file that is no namespace.
        linux
            .serve_namespace(&Namespace::Path("/proc/self/status".into()))
            .expect_err("no namespace");
        Ok(())
    });
}

#[test]
fn namespaces_that_nobody_is_in_are_left() {
    inside(|rig| async move {
        let agent = Agent::serve(rig.start()?);
        let container = Container::new()?;
        agent
            .linux
            .serve_namespace(&Namespace::Path(container.path.clone()))?;
        ensure!(agent.linux.leave_empty_namespaces()? == 0);
        drop(container);
        ensure!(agent.linux.leave_empty_namespaces()? == 1);
        Ok(())
    });
}

#[test]
fn a_namespace_is_served_once_somebody_in_it_asks() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let following = tokio::spawn(Arc::clone(&agent.linux).follow_namespaces());
        let container = Container::new()?;
        // The first one finds nobody. How many follow it before there is a listener is a matter of time.
        let deadline = Instant::now() + PATIENCE;
        let mut tries = 0;
        let seen = loop {
            match container.connect(at("0.0.0.0", 0), at(AI4, 443)).await {
                Ok(seen) => break seen,
                Err(error) => ensure!(error.kind() == ErrorKind::ConnectionRefused, "{error:?}"),
            }
            tries += 1;
            ensure!(Instant::now() < deadline, "not served after {tries} tries");
        };
        ensure!(tries > 0 && seen.answer == "agent", "{tries}: {seen:?}");
        let flow = agent.flow().await?;
        ensure!(flow.destination == at(AI4, 443), "{flow:?}");
        // Two containers, and the first is left when it is empty.
        drop(container);
        let another = Container::new()?;
        let deadline = Instant::now() + PATIENCE;
        while another
            .connect(at("0.0.0.0", 0), at(AI4, 443))
            .await
            .is_err()
        {
            ensure!(Instant::now() < deadline, "the second is not served");
        }
        // Its last thread may have ended only after the second one asked: then it is left now.
        ensure!(agent.linux.leave_empty_namespaces()? <= 1);
        ensure!(
            agent.linux.leave_empty_namespaces()? == 0,
            "the second is served"
        );
        following.abort();
        Ok(())
    });
}
