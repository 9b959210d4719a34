//! The embedded object: nothing in it is forgotten, and the kernel has little to verify.

use anyhow::{Context, Result, ensure};
use aya::{
    Ebpf, EbpfLoader,
    programs::{CgroupSockAddr, loaded_programs},
};
use tidegate_redirect_abi::{
    EXECUTIONS, LINES_LEVEL, MAPS, OFFSETS, OWN_MAPS, PROGRAMS, TRACEPOINTS,
};

use crate::rig::inside;

/// The kernel takes a million instructions; loading takes time with each.
const MOST_INSTRUCTIONS: u32 = 4_000;

static OBJECT: &[u8] = aya::include_bytes_aligned!("../../ebpf/redirector.o");

/// A map that is in no list would be neither kept nor meant to go.
#[test]
fn every_map_and_program_is_listed() {
    inside(|_| async move {
        let object = Ebpf::load(OBJECT)?;
        let mut maps: Vec<&str> = object
            .maps()
            .map(|(name, _)| name)
            .filter(|name| !name.starts_with('.'))
            .collect();
        maps.sort_unstable();
        let mut listed = [MAPS.as_slice(), &OWN_MAPS, &["SCRATCH"]].concat();
        listed.sort_unstable();
        ensure!(maps == listed, "{maps:?}");
        let mut programs: Vec<&str> = object.programs().map(|(name, _)| name).collect();
        programs.sort_unstable();
        let mut listed = PROGRAMS.to_vec();
        listed.extend(TRACEPOINTS.map(|(program, _)| program));
        listed.push(EXECUTIONS.0);
        listed.sort_unstable();
        ensure!(programs == listed, "{programs:?}");
        Ok(())
    });
}

/// As they are really loaded: with everything that this kernel has switched on.
#[test]
fn the_verifier_has_little_to_look_at() {
    inside(|rig| async move {
        let before: Vec<u32> = ids().collect();
        let _linux = rig.start()?;
        let mut seen = 0;
        for program in loaded_programs() {
            let Ok(program) = program else { continue };
            let name = program.name_as_str().unwrap_or_default();
            let ours = PROGRAMS.contains(&name)
                || TRACEPOINTS.iter().any(|(program, _)| *program == name)
                || EXECUTIONS.0 == name;
            if !ours || before.contains(&program.id()) {
                continue;
            }
            seen += 1;
            let count = program
                .verified_instruction_count()
                .context("the kernel does not say")?;
            ensure!(count < MOST_INSTRUCTIONS, "{name}: {count}");
        }
        ensure!(seen > PROGRAMS.len() + TRACEPOINTS.len(), "{seen}");
        Ok(())
    });
}

fn ids() -> impl Iterator<Item = u32> {
    loaded_programs().flatten().map(|program| program.id())
}

/// What `connect4` costs when the fields of the kernel's records lie at `offset`.
fn connect4(offset: u32) -> Result<u32> {
    let mut loader = EbpfLoader::new();
    loader.override_global(LINES_LEVEL, &0_u8, true);
    for (global, _, _) in OFFSETS {
        loader.override_global(global, &offset, true);
    }
    let mut object = loader.load(OBJECT)?;
    let program = object.program_mut("connect4").context("connect4")?;
    let program: &mut CgroupSockAddr = program.try_into()?;
    program.load()?;
    program
        .info()?
        .verified_instruction_count()
        .context("the kernel does not say")
}

/// A kernel that does not let its records be read (a lockdown) still takes the program: where the
/// offsets are unknown, the verifier never comes to the calls that read.
#[test]
fn without_offsets_no_record_is_looked_at() {
    inside(|_| async move {
        let (without, with) = (connect4(0)?, connect4(8)?);
        ensure!(without < with, "{without} {with}");
        Ok(())
    });
}
