//! Loading the embedded object and attaching its programs.

use std::{
    fs::File,
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::Path,
};

use aya::{
    Ebpf, EbpfLoader, VerifierLogLevel,
    programs::{
        CgroupAttachMode, Program, ProgramError,
        links::{FdLink, LinkError},
    },
};
use tidegate_redirect::{Limitation, RedirectError};
use tidegate_redirect_abi::{MAPS, PROGRAMS};

use crate::{bpf, bpf_error, os, pins::Pins, probe};

static OBJECT: &[u8] = aya::include_bytes_aligned!("../ebpf/redirector.o");

/// A program that is in force, and where.
pub(crate) struct Attached {
    pub(crate) name: &'static str,
    pub(crate) id: u32,
    /// The kernel's `enum bpf_attach_type`.
    pub(crate) hook: u32,
}

/// Where each program is attached.
const fn hook(program: &str) -> u32 {
    match program.as_bytes() {
        b"dns_ingress" => 0,
        b"on_tcp_connect" => 3,
        b"connect4" => 10,
        b"connect6" => 11,
        b"sendmsg4" => 14,
        b"sendmsg6" => 15,
        b"getpeername4" => 29,
        _ => 30,
    }
}

/// Creates the maps (or takes over pinned ones) and lets the kernel verify the programs.
pub(crate) fn load(pins: Option<&Pins>) -> Result<(Ebpf, Vec<Limitation>), RedirectError> {
    let features = probe::features();
    let mut limitations = features.limitations();
    let set_retval = u32::from(features.set_retval);
    let mut loader = EbpfLoader::new();
    loader
        .override_global("HAS_SET_RETVAL", &set_retval, true)
        .verifier_log_level(VerifierLogLevel::STATS);
    if let Some(pins) = pins {
        for map in MAPS {
            loader.map_pin_path(map, pins.maps.join(map));
        }
    }
    let mut object = loader
        .load(OBJECT)
        .map_err(bpf_error("loading the kernel programs"))?;
    for name in PROGRAMS {
        if name == "dns_ingress" && !features.bpf_loop {
            continue;
        }
        match verify(program(&mut object, name)?) {
            Ok(()) => {}
            Err(error) if name == "dns_ingress" => {
                limitations.push(probe::no_dns(&error.to_string()));
            }
            Err(error) => return Err(bpf_error(format!("loading {name}"))(error)),
        }
    }
    Ok((object, limitations))
}

fn program<'a>(object: &'a mut Ebpf, name: &str) -> Result<&'a mut Program, RedirectError> {
    object.program_mut(name).ok_or_else(|| {
        RedirectError::Unsupported(format!("the embedded object has no program {name}"))
    })
}

fn verify(program: &mut Program) -> Result<(), ProgramError> {
    match program {
        Program::CgroupSockAddr(program) => program.load(),
        Program::CgroupSkb(program) => program.load(),
        Program::SockOps(program) => program.load(),
        _ => Err(ProgramError::UnexpectedProgramType),
    }
}

/// Attaches all programs that were loaded; where there are pins, by way of them.
pub(crate) fn attach(
    object: &mut Ebpf,
    cgroup: &Path,
    pins: Option<&Pins>,
) -> Result<Vec<Attached>, RedirectError> {
    let directory =
        File::open(cgroup).map_err(os(format!("opening the cgroup {}", cgroup.display())))?;
    let inode = directory
        .metadata()
        .map_err(os(format!("the cgroup {}", cgroup.display())))?
        .ino();
    let mut attached = Vec::new();
    for name in PROGRAMS {
        let program = program(object, name)?;
        let Ok(info) = program.info() else {
            continue;
        };
        match pins {
            Some(pins) => pinned(program, &directory, inode, &pins.link(name), name)?,
            None => {
                link(program, &directory, None).map_err(explain(name))?;
            }
        }
        attached.push(Attached {
            name,
            id: info.id(),
            hook: hook(name),
        });
    }
    Ok(attached)
}

/// Swaps the program into the link that is pinned there, or attaches it and pins the link. A link to
/// another cgroup, or to one that is gone, is replaced.
fn pinned(
    program: &mut Program,
    cgroup: &File,
    inode: u64,
    path: &Path,
    name: &'static str,
) -> Result<(), RedirectError> {
    if let Ok(old) = bpf::open_pinned(path) {
        let fd = program
            .fd()
            .map_err(bpf_error(format!("the program {name}")))?
            .as_fd();
        if bpf::link_cgroup(old.as_fd()).is_ok_and(|at| at == inode)
            && bpf::update_link(old.as_fd(), fd).is_ok()
        {
            return Ok(());
        }
        std::fs::remove_file(path).map_err(os(format!("removing the old pin of {name}")))?;
    }
    link(program, cgroup, Some(path)).map_err(explain(name))
}

/// An error whose usual cause is known.
fn explain(name: &'static str) -> impl FnOnce(ProgramError) -> RedirectError {
    move |error| {
        let error = bpf_error(format!("attaching {name}"))(error);
        match &error {
            RedirectError::Os { error: inner, .. }
                if inner.kind() == std::io::ErrorKind::PermissionDenied =>
            {
                RedirectError::Unsupported(format!(
                    "{error}; either this is not root with CAP_BPF and CAP_NET_ADMIN, or another \
                     program is attached to this cgroup or above it in a way that admits no other \
                     (see `bpftool cgroup tree`)"
                ))
            }
            _ => error,
        }
    }
}

/// Attaches; the link stays with the program (and goes with it) or is pinned.
///
/// `Single` means that no flags are passed: links admit others anyway, and the kernel refuses the flag.
fn link(program: &mut Program, cgroup: &File, pin: Option<&Path>) -> Result<(), ProgramError> {
    let keep = |link: FdLink, path: &Path| -> Result<(), ProgramError> {
        link.pin(path).map(drop).map_err(|error| {
            ProgramError::IOError(std::io::Error::other(format!("pinning the link: {error}")))
        })
    };
    let convert =
        |error: LinkError| ProgramError::IOError(std::io::Error::other(error.to_string()));
    match program {
        Program::CgroupSockAddr(program) => {
            let id = program.attach(cgroup, CgroupAttachMode::Single)?;
            if let Some(path) = pin {
                keep(program.take_link(id)?.try_into().map_err(convert)?, path)?;
            }
        }
        Program::CgroupSkb(program) => {
            let id = program.attach(
                cgroup,
                aya::programs::CgroupSkbAttachType::Ingress,
                CgroupAttachMode::Single,
            )?;
            if let Some(path) = pin {
                keep(program.take_link(id)?.try_into().map_err(convert)?, path)?;
            }
        }
        Program::SockOps(program) => {
            let id = program.attach(cgroup, CgroupAttachMode::Single)?;
            if let Some(path) = pin {
                keep(program.take_link(id)?.try_into().map_err(convert)?, path)?;
            }
        }
        _ => return Err(ProgramError::UnexpectedProgramType),
    }
    Ok(())
}
