//! Who connects: threads, children, other users. The process counts, not the thread.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    thread,
};

use anyhow::{Result, ensure};

use crate::{
    agent::{Agent, client, look},
    raw,
    rig::{AI4, at, inside},
};

/// A child that connects, reads five bytes and prints them.
fn child() -> Command {
    let mut command = Command::new("bash");
    command
        .args(["-c", "exec 3<>/dev/tcp/203.0.113.10/443; head -c5 <&3"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    command
}

#[test]
fn a_thread_is_reported_as_its_process() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        client(|| {
            let inner = thread::Builder::new()
                .name("not-the-main".into())
                .spawn(|| {
                    let socket = raw::tcp(at(AI4, 443))?;
                    raw::connect_to(&socket, at(AI4, 443))?;
                    look(raw::stream(socket))
                })?;
            inner.join().map_err(|_| io::Error::other("a panic"))?
        })
        .await?;
        let opener = agent.flow().await?.opener.expect("an opener");
        ensure!(opener.pid == std::process::id(), "{opener:?}");
        ensure!(opener.comm == "not-the-main", "{opener:?}");
        Ok(())
    });
}

#[test]
fn a_child_is_reported_as_itself() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let child = child().spawn()?;
        let pid = child.id();
        let output = client(move || child.wait_with_output()).await?;
        ensure!(output.stdout == b"agent", "{output:?}");
        let flow = agent.flow().await?;
        let opener = flow.opener.expect("an opener");
        ensure!(opener.pid == pid && opener.comm == "bash", "{opener:?}");
        ensure!(flow.destination == at(AI4, 443));
        Ok(())
    });
}

#[test]
fn another_user_is_reported_as_such() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let output = client(|| child().uid(65_534).gid(65_534).output()).await?;
        ensure!(output.stdout == b"agent", "{output:?}");
        ensure!(agent.flow().await?.opener.expect("an opener").uid == 65_534);
        Ok(())
    });
}

/// The hook belongs to the socket's cgroup, the opener is who connects.
#[test]
fn an_inherited_socket_is_reported_as_its_connectors() {
    inside(|rig| async move {
        let mut agent = Agent::serve(rig.start()?);
        let socket = raw::any(libc::AF_INET, libc::SOCK_STREAM, 0)?;
        let child = connect_in_child(&socket)?;
        let seen = client(move || look(raw::stream(socket))).await?;
        ensure!(seen.answer == "agent", "{seen:?}");
        let opener = agent.flow().await?.opener.expect("an opener");
        ensure!(opener.pid == child, "{opener:?}");
        Ok(())
    });
}

#[allow(
    unsafe_code,
    reason = "a fork without exec, to connect an inherited socket"
)]
fn connect_in_child(socket: &std::os::fd::OwnedFd) -> Result<u32> {
    use nix::{
        sys::wait::{WaitStatus, waitpid},
        unistd::{ForkResult, fork},
    };
    // SAFETY: the child makes one system call and exits.
    match unsafe { fork() }? {
        ForkResult::Child => {
            let failed = raw::connect_to(socket, at(AI4, 443)).is_err();
            // SAFETY: ends the child without running anything of the parent's.
            unsafe { libc::_exit(i32::from(failed)) }
        }
        ForkResult::Parent { child } => {
            ensure!(waitpid(child, None)? == WaitStatus::Exited(child, 0));
            Ok(child.as_raw() as u32)
        }
    }
}
