//! What an older kernel gets: the same programs, told that they may not choose the errno.

use std::{fs::File, io::ErrorKind, net::Ipv4Addr};

use anyhow::{Context, ensure};
use aya::{
    EbpfLoader,
    maps::{Array, LpmTrie, MapData, lpm_trie::Key},
    programs::{CgroupAttachMode, CgroupSockAddr},
};

use crate::{
    agent::connect,
    rig::{AI4, at, inside},
};

#[test]
fn without_a_choice_of_errno_the_refusal_is_eperm() {
    inside(|rig| async move {
        let mut object = EbpfLoader::new()
            .override_global("HAS_SET_RETVAL", &0_u32, true)
            .load(aya::include_bytes_aligned!("../../ebpf/redirector.o"))?;
        let mut addresses: LpmTrie<MapData, [u8; 4], u32> =
            LpmTrie::try_from(object.take_map("V4").context("V4")?)?;
        addresses.insert(&Key::new(32, AI4.parse::<Ipv4Addr>()?.octets()), 1, 0)?;
        // Closed, and there has never been an agent.
        let mut config: Array<MapData, [u32; 6]> =
            Array::try_from(object.take_map("CONFIG").context("CONFIG")?)?;
        config.set(0, [0, 0, 1, 0, 0, 0], 0)?;
        let program: &mut CgroupSockAddr = object
            .program_mut("connect4")
            .context("connect4")?
            .try_into()?;
        program.load()?;
        program.attach(File::open(&rig.cgroup)?, CgroupAttachMode::Single)?;
        let error = connect(at(AI4, 443)).await.expect_err("refused");
        ensure!(error.kind() == ErrorKind::PermissionDenied, "{error:?}");
        Ok(())
    });
}
