//! Bytes pass as they are, however many and whatever they are.

use std::io::{Read, Write};

use sha2::{Digest, Sha256};

use crate::behind::{Place, words};

const MUCH: usize = 100 << 20;

/// Lines of every length, JSON and not, one of them longer than is ever looked into.
fn pieces() -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(4);
    let mut all = Vec::new();
    let mut count = 0;
    while count < MUCH {
        let length = [rng.usize(0..200), rng.usize(0..200_000), 3 << 20][rng.usize(0..3)];
        let length = if all.len() == 3 { 20 << 20 } else { length };
        let mut line = match rng.u8(0..3) {
            0 => format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{count},\"x\":\"{}\"}}",
                "y".repeat(length)
            )
            .into_bytes(),
            1 => format!(
                "{{\"method\":\"n\",\"params\":{{\"x\":\"{}\"}}}}\r",
                "é".repeat(length / 2)
            )
            .into_bytes(),
            _ => {
                let mut noise: Vec<u8> = std::iter::repeat_with(|| rng.u8(..))
                    .take(length.min(100_000))
                    .collect();
                noise.retain(|byte| *byte != b'\n');
                noise
            }
        };
        line.push(b'\n');
        count += line.len();
        all.push(line);
    }
    all.push(b"{\"no\":\"end\"}".to_vec());
    all
}

#[test]
fn a_hundred_megabytes_come_back_byte_exact() {
    let place = Place::new();
    let mut behind = place.start("open", &words("cat"));
    let mut input = behind.input.take().unwrap();
    let writer = std::thread::spawn(move || {
        let mut sent = Sha256::new();
        let mut count = 0;
        for piece in pieces() {
            sent.update(&piece);
            count += piece.len();
            input.write_all(&piece).unwrap();
        }
        (count, sent.finalize())
    });
    let mut came = Sha256::new();
    let mut count = 0;
    let mut piece = vec![0; 1 << 16];
    loop {
        match behind.output.read(&mut piece).unwrap() {
            0 => break,
            read => {
                came.update(&piece[..read]);
                count += read;
            }
        }
    }
    assert_eq!((count, came.finalize()), writer.join().unwrap());
    assert_eq!(behind.outcome().0, Some(0));
}

#[test]
fn a_message_passes_before_the_next_one_comes() {
    let place = Place::new();
    let mut behind = place.start("open", &words("cat"));
    for text in [
        "{\"id\":1,\"method\":\"x\"}",
        "[]",
        "",
        "not json",
        "\u{2028}",
    ] {
        behind.say(text);
        assert_eq!(behind.line(), format!("{text}\n"));
    }
    // A part of a line passes too, when nothing has to be judged.
    behind.write(b"{\"half\"");
    let mut part = [0; 7];
    behind.output.read_exact(&mut part).unwrap();
    assert_eq!(&part, b"{\"half\"");
    assert_eq!(behind.end().0, Some(0));
}
