//! Programs of others at the same cgroup, or above it.
#![allow(
    unsafe_code,
    reason = "attaching in the way that the library does not offer"
)]

use std::{
    fs::{self, File},
    io,
    os::fd::{AsFd, AsRawFd},
};

use anyhow::{Context, ensure};
use aya::{
    Ebpf,
    programs::{CgroupSockAddr, ProgramFd},
};
use tidegate_redirector_user::Linux;

use crate::{
    agent::{Agent, connect},
    rig::{AI4, at, inside},
};

/// Whoever was first redirects; the other sees a connection to loopback.
#[test]
fn two_redirectors_redirect_once() {
    inside(|rig| async move {
        let mut first = Agent::serve(rig.start()?);
        let mut second = Agent::serve(rig.start()?);
        let seen = connect(at(AI4, 443)).await?;
        ensure!(
            seen.answer == "agent" && seen.peer == at(AI4, 443),
            "{seen:?}"
        );
        let both = first.counter("redirected") + second.counter("redirected");
        ensure!(both == 1, "{both}");
        let flow = if first.counter("redirected") == 1 {
            first.flow().await?
        } else {
            second.flow().await?
        };
        ensure!(flow.destination == at(AI4, 443));
        Ok(())
    });
}

#[repr(C)]
struct Attach {
    target: u32,
    program: u32,
    kind: u32,
    flags: u32,
}

/// `BPF_PROG_ATTACH` without flags: nobody else may attach below.
fn attach_alone(program: &ProgramFd, cgroup: &File) -> io::Result<()> {
    const PROG_ATTACH: libc::c_int = 8;
    const CONNECT4: u32 = 10;
    let attach = Attach {
        target: cgroup.as_raw_fd() as u32,
        program: program.as_fd().as_raw_fd() as u32,
        kind: CONNECT4,
        flags: 0,
    };
    // SAFETY: the kernel's structure for this command, of the size that is passed.
    let result = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            PROG_ATTACH,
            &raw const attach,
            size_of::<Attach>(),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[test]
fn a_program_above_that_admits_no_other_is_named_as_the_cause() {
    inside(|rig| async move {
        let mut object = Ebpf::load(aya::include_bytes_aligned!("../../ebpf/redirector.o"))?;
        let program: &mut CgroupSockAddr = object
            .program_mut("connect4")
            .context("connect4")?
            .try_into()?;
        program.load()?;
        attach_alone(program.fd()?, &File::open(&rig.cgroup)?)?;
        let below = rig.cgroup.join("below");
        fs::create_dir(&below)?;
        let mut options = rig.options();
        options.cgroup = Some(below.clone());
        let outcome = Linux::start(options);
        fs::remove_dir(below)?;
        let error = outcome.expect_err("refused");
        ensure!(error.to_string().contains("admits no other"), "{error}");
        Ok(())
    });
}
