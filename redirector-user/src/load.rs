//! Loading the embedded object and attaching its programs.

use std::{
    fs::File,
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::Path,
};

use aya::{
    Ebpf, EbpfLoader, VerifierLogLevel,
    programs::{
        CgroupAttachMode, CgroupSkbAttachType, Program, ProgramError,
        links::{FdLink, LinkError},
    },
};
use tidegate_redirect::{Limitation, RedirectError};
use tidegate_redirect_abi::{LINES, LINES_LEVEL, MAPS, OFFSETS, PROGRAMS, TRACEPOINTS};

use crate::{KernelLog, bpf, bpf_error, kernel_types, os, pins::Pins, probe};

static OBJECT: &[u8] = aya::include_bytes_aligned!("../ebpf/redirector.o");

/// A program that is in force, and where.
pub(crate) struct Attached {
    pub(crate) name: &'static str,
    pub(crate) id: u32,
    /// The kernel's `enum bpf_attach_type`.
    pub(crate) hook: u32,
}

/// A page; where pages are larger, the library rounds up.
const SMALLEST_RING: u32 = 4096;
/// `BPF_CGROUP_INET_INGRESS`.
const INGRESS: u32 = 0;

/// Where each program is attached.
const fn hook(program: &str) -> u32 {
    match program.as_bytes() {
        b"dns_ingress" => INGRESS,
        b"backstop_egress" => 1,
        b"on_tcp_connect" => 3,
        b"connect4" => 10,
        b"connect6" => 11,
        b"sendmsg4" => 14,
        b"sendmsg6" => 15,
        b"getpeername4" => 29,
        _ => 30,
    }
}

/// Creates the maps (or takes over pinned ones) and lets the kernel verify the programs. Where it refuses
/// them with their log, they come without it: the last is how much they say.
pub(crate) fn load(
    pins: Option<&Pins>,
    level: KernelLog,
) -> Result<(Ebpf, Vec<Limitation>, KernelLog), RedirectError> {
    let quiet =
        || load_at(pins, KernelLog::Off).map(|(object, limits)| (object, limits, KernelLog::Off));
    if level == KernelLog::Off {
        return quiet();
    }
    match load_at(pins, level) {
        Ok((object, limitations)) => Ok((object, limitations, level)),
        Err(error) => {
            tracing::warn!(%error, "the kernel does not take the programs with their log");
            quiet()
        }
    }
}

fn load_at(
    pins: Option<&Pins>,
    level: KernelLog,
) -> Result<(Ebpf, Vec<Limitation>), RedirectError> {
    let features = probe::features();
    let mut limitations = features.limitations();
    let set_retval = u32::from(features.set_retval);
    let mut loader = EbpfLoader::new();
    let number = level as u8;
    if level == KernelLog::Off {
        // It cannot be left out; the smallest there is.
        loader.map_max_entries(LINES, SMALLEST_RING);
    }
    loader
        .override_global("HAS_SET_RETVAL", &set_retval, true)
        .override_global(LINES_LEVEL, &number, true)
        .verifier_log_level(VerifierLogLevel::STATS);
    // Without them the programs do not look.
    let offsets = if features.read_kernel {
        kernel_types::offsets().ok()
    } else {
        None
    };
    for (global, _, _) in OFFSETS {
        let offset = offsets
            .and_then(|offsets| offsets.iter().find(|(name, _)| *name == global))
            .map_or(&0, |(_, offset)| offset);
        loader.override_global(global, offset, true);
    }
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
            // Without its log it may be taken.
            Err(error) if level > KernelLog::Off => {
                return Err(bpf_error(format!("loading {name}"))(error));
            }
            Err(error) if name == "dns_ingress" => {
                limitations.push(probe::no_dns(&error.to_string()));
            }
            Err(error) if name == "backstop_egress" => {
                limitations.push(probe::no_backstop(&error.to_string()));
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
        Program::RawTracePoint(program) => program.load(),
        _ => Err(ProgramError::UnexpectedProgramType),
    }
}

/// Loads and attaches the programs that watch processes, all or none. They are not pinned: what they note
/// is of use only while somebody applies tables.
///
/// # Errors
/// Why they cannot; the rest works without them.
pub(crate) fn watch(object: &mut Ebpf) -> Result<(), String> {
    kernel_types::offsets()?;
    let outcome = TRACEPOINTS.iter().try_for_each(|(name, tracepoint)| {
        let program = program(object, name).map_err(|error| error.to_string())?;
        verify(program).map_err(|error| bpf_error(format!("loading {name}"))(error).to_string())?;
        match program {
            Program::RawTracePoint(program) => program
                .attach(tracepoint)
                .map(drop)
                .map_err(|error| bpf_error(format!("attaching {name}"))(error).to_string()),
            _ => Err(format!("{name} is not of a kind that watches processes")),
        }
    });
    if outcome.is_err() {
        for (name, _) in TRACEPOINTS {
            if let Ok(Program::RawTracePoint(program)) = program(object, name)
                && let Err(error) = program.unload()
            {
                tracing::debug!(%error, name, "was not loaded");
            }
        }
    }
    outcome
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
                link(program, &directory, hook(name), None).map_err(explain(name))?;
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
    link(program, cgroup, hook(name), Some(path)).map_err(explain(name))
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
fn link(
    program: &mut Program,
    cgroup: &File,
    hook: u32,
    pin: Option<&Path>,
) -> Result<(), ProgramError> {
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
            let way = if hook == INGRESS {
                CgroupSkbAttachType::Ingress
            } else {
                CgroupSkbAttachType::Egress
            };
            let id = program.attach(cgroup, way, CgroupAttachMode::Single)?;
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
