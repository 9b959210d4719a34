//! Mutations: small changes, several at once, as a coverage-guided fuzzer makes them too.

use fastrand::Rng;

/// Inputs do not grow past this.
const LONGEST: usize = 16 * 1024;
/// Numbers at which lengths and counters turn over.
const EDGES: [u64; 10] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x3fff,
    0x4000,
    0x7fff_ffff,
    0xffff_ffff,
    u64::MAX,
];
/// What means something to one parser or another.
const TOKENS: [&[u8]; 32] = [
    b"\0",
    b"\r\n",
    b"\n\n",
    b"data: ",
    b"event: ",
    b"data: [DONE]\n\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",\"",
    b"\\u0000",
    b"\\ud83d",
    b"null",
    b"1e999",
    b"-1",
    b"%",
    b"%2F",
    b"%252e",
    b"/../",
    b"//",
    b"\\",
    b"?",
    b"@",
    b":",
    b"::1",
    b")",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\x1f\x8b\x08",
    b"\x16\x03\x01",
];

/// A mutation of one of the seeds.
pub(crate) fn mutated(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pick(rng, seeds).to_vec();
    for _ in 0..rng.usize(1..=6) {
        change(rng, seeds, &mut input);
        input.truncate(LONGEST);
    }
    input
}

fn pick<'a>(rng: &mut Rng, seeds: &'a [Vec<u8>]) -> &'a [u8] {
    seeds
        .get(rng.usize(..seeds.len().max(1)))
        .map_or(&[], |seed| seed)
}

fn change(rng: &mut Rng, seeds: &[Vec<u8>], input: &mut Vec<u8>) {
    let at = rng.usize(..=input.len());
    let part = at..input.len().min(at + rng.usize(1..=32));
    match rng.u8(..10) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << rng.u8(..8);
            }
        }
        1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = rng.u8(..);
            }
        }
        2 => {
            input.drain(part);
        }
        3 => {
            let twice = input[part].to_vec();
            insert(input, at, &twice);
        }
        4 => {
            let noise: Vec<u8> = (0..rng.usize(1..=8)).map(|_| rng.u8(..)).collect();
            insert(input, at, &noise);
        }
        5 => insert(input, at, TOKENS[rng.usize(..TOKENS.len())]),
        6 => {
            let other = pick(rng, seeds);
            let from = rng.usize(..=other.len());
            let to = rng.usize(from..=other.len());
            insert(input, at, &other[from..to]);
        }
        7 => {
            let other = pick(rng, seeds);
            let from = rng.usize(..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        8 => {
            // A number in this width, either way round.
            let bytes = EDGES[rng.usize(..EDGES.len())].to_be_bytes();
            let width = 1 << rng.usize(..4);
            let mut bytes = bytes[8 - width..].to_vec();
            if rng.bool() {
                bytes.reverse();
            }
            for (slot, byte) in input.iter_mut().skip(at).zip(bytes) {
                *slot = byte;
            }
        }
        _ => input.truncate(at),
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    input.splice(at..at, bytes.iter().copied());
}
