//! The kernel's parser against the reference, on packets that are right, nearly right, and noise.

use std::{collections::BTreeSet, net::Ipv6Addr};

use anyhow::{Context, Result, ensure};
use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, HashMap, LpmTrie, MapData, lpm_trie::Key},
    programs::{CgroupSkb, TestRun, TestRunOptions},
};
use fastrand::Rng;
use tidegate_redirect_abi::{LINES_LEVEL, NameKey, name_key};

use super::{
    message::{CNAME, HTTPS, Message, POINTER, Record, labels, name, packet},
    reference,
};
use crate::rig::inside;

const GOVERNED: [&str; 3] = ["anthropic.com", "chat.example", "a.b.c.d.e.f.example"];
const PACKETS: u32 = 20_000;
/// What the verifier may look at: its cost must not grow with the packet.
const MOST_INSTRUCTIONS: u32 = 5_000;
const PASS: u32 = 1;

/// How many bytes the switches have.
const CONFIG: usize = size_of::<tidegate_redirect_abi::Config>();

struct Program {
    object: Ebpf,
    learned: HashMap<MapData, [u32; 4], [u8; 16]>,
}

impl Program {
    fn load() -> Result<Self> {
        let mut object = EbpfLoader::new()
            .override_global(LINES_LEVEL, &0_u8, true)
            .load(aya::include_bytes_aligned!("../../../ebpf/redirector.o"))?;
        let mut names: LpmTrie<MapData, NameKey, u32> =
            LpmTrie::try_from(object.take_map("NAMES").context("NAMES")?)?;
        for (rule, governed) in (1..).zip(GOVERNED) {
            let (key, length) = name_key(governed).ok().context("a name")?;
            names.insert(&Key::new(length as u32 * 8, key), rule, 0)?;
        }
        let mut config: Array<MapData, [u8; CONFIG]> =
            Array::try_from(object.take_map("CONFIG").context("CONFIG")?)?;
        config.set(0, [0; CONFIG], 0)?;
        let learned = HashMap::try_from(object.take_map("LEARNED").context("LEARNED")?)?;
        let program: &mut CgroupSkb = object
            .program_mut("dns_ingress")
            .context("dns")?
            .try_into()?;
        program.load()?;
        Ok(Self { object, learned })
    }

    fn program(&self) -> Result<&CgroupSkb> {
        Ok(self
            .object
            .program("dns_ingress")
            .context("dns")?
            .try_into()?)
    }

    /// Runs the program on a packet; returns what it has learned, and forgets it.
    fn run(&mut self, packet: &[u8]) -> Result<BTreeSet<Ipv6Addr>> {
        let mut options = TestRunOptions::new();
        options.data_in = Some(packet);
        let verdict = self.program()?.test_run(options)?.return_value;
        ensure!(verdict == PASS, "a packet was dropped");
        let found: Vec<[u32; 4]> = self.learned.keys().collect::<Result<_, _>>()?;
        for address in &found {
            self.learned.remove(address)?;
        }
        Ok(found
            .iter()
            .map(|words| {
                let mut bytes = [0; 16];
                for (part, word) in bytes.chunks_mut(4).zip(words) {
                    part.copy_from_slice(&word.to_ne_bytes());
                }
                Ipv6Addr::from(bytes)
            })
            .collect())
    }
}

fn random_name(random: &mut Rng) -> Vec<u8> {
    let base = *random
        .choice(&[
            "anthropic.com",
            "chat.example",
            "a.b.c.d.e.f.example",
            "evilanthropic.com",
            "anthropic.com.example",
            "com",
            "",
            "b.c.d.e.f.example",
        ])
        .unwrap_or(&"");
    let mut text = String::new();
    for _ in 0..random.usize(0..4) {
        let length = if random.u8(..) < 8 {
            63
        } else {
            random.usize(1..9)
        };
        text.extend((0..length).map(|_| random.alphanumeric()));
        text.push('.');
    }
    let mut wire = name(&format!("{text}{base}"));
    for byte in &mut wire {
        if byte.is_ascii_alphabetic() && random.bool() {
            *byte ^= 0x20;
        }
    }
    wire
}

fn random_owner(random: &mut Rng) -> Vec<u8> {
    match random.u8(0..10) {
        0..=5 => POINTER.to_vec(),
        6 => labels(vec![&b"x"[..]; random.usize(0..24)].into_iter()),
        7 => [&[3, b'w', b'w', b'w'][..], &POINTER].concat(),
        _ => random_name(random),
    }
}

fn random_record(random: &mut Rng) -> Record {
    let owner = random_owner(random);
    let data = |random: &mut Rng, length: usize| -> Vec<u8> {
        (0..length).map(|_| random.u8(..)).collect()
    };
    let mut record = match random.u8(0..10) {
        0..=3 => Record::other(&owner, 1, data(random, 4)),
        4..=6 => {
            let mut bytes = data(random, 16);
            if random.u8(..) < 60 {
                bytes[..10].fill(0);
            }
            Record::other(&owner, 28, bytes)
        }
        7 => Record::other(&owner, CNAME, random_name(random)),
        8 => Record::other(&owner, HTTPS, data(random, 20)),
        _ => {
            let length = random.usize(0..40);
            let bytes = data(random, length);
            Record::other(
                &owner,
                *random.choice(&[1, 28, 16, 41]).unwrap_or(&1),
                bytes,
            )
        }
    };
    record.ttl = *random.choice(&[0, 60, u32::MAX]).unwrap_or(&60);
    if random.u8(..) < 10 {
        record.class = random.u16(..);
    }
    record
}

fn random_packet(random: &mut Rng) -> Vec<u8> {
    let records = if random.u8(..) < 10 {
        random.usize(60..70)
    } else {
        random.usize(0..8)
    };
    let mut message = Message::answer("", (0..records).map(|_| random_record(random)).collect());
    message.question = random_name(random);
    match random.u8(0..40) {
        0 => message.flags = random.u16(..),
        1 => message.questions = random.u16(0..3),
        2 => message.promised = Some(random.u16(..)),
        3 => message.question = labels(vec![&b"abcdefg"[..]; random.usize(28..40)].into_iter()),
        _ => {}
    }
    let mut wire = message.wire();
    for _ in 0..[0, 0, 0, 1, 4][random.usize(0..5)] {
        let at = random.usize(0..wire.len());
        wire[at] = random.u8(..);
    }
    if random.u8(..) < 40 {
        wire.truncate(random.usize(0..wire.len()));
    }
    let v6 = random.bool();
    let options = if random.u8(..) < 30 {
        random.u8(1..4)
    } else {
        0
    };
    let mut packet = packet(&wire, v6, options);
    // The transport, but not the version: the link header says that too.
    if random.u8(..) < 20 {
        let at = random.usize(15..packet.len().min(62));
        packet[at] = random.u8(..);
    }
    packet
}

#[test]
fn the_kernel_learns_what_the_reference_learns() {
    inside(|_| async move {
        let mut program = Program::load()?;
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut random = Rng::with_seed(seed);
        let mut total = 0;
        for number in 0..PACKETS {
            let packet = random_packet(&mut random);
            let expected = reference::learned(&packet[14..], &GOVERNED);
            let found = program.run(&packet)?;
            ensure!(
                found == expected,
                "seed {seed}, packet {number}: learned {found:?}, expected {expected:?}, {packet:02x?}"
            );
            total += found.len();
        }
        ensure!(
            total > PACKETS as usize / 4,
            "only {total}: the packets are too wild to test much"
        );
        Ok(())
    });
}

#[test]
fn noise_is_let_through() {
    inside(|_| async move {
        let mut program = Program::load()?;
        let mut random = Rng::new();
        for _ in 0..2_000 {
            let length = random.usize(34..600);
            let mut packet: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
            packet[12..14].copy_from_slice(&[0x08, 0]);
            program.run(&packet)?;
        }
        Ok(())
    });
}

#[test]
fn the_verifier_has_little_to_look_at() {
    inside(|_| async move {
        let program = Program::load()?;
        let count = program
            .program()?
            .info()?
            .verified_instruction_count()
            .context("the kernel does not say")?;
        ensure!(count < MOST_INSTRUCTIONS, "{count}");
        Ok(())
    });
}
