//! Streams of AWS' messages as text: a line for each, its name and its payload.

use tidegate_wire::eventstream::{Damage, Decoder, Kind, write};

/// The bytes of such a text. A name that ends in `Exception` is that of an exception.
pub(crate) fn encoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in str::from_utf8(text).unwrap().lines() {
        let (name, payload) = line.split_once(' ').unwrap();
        let kind = if name.ends_with("Exception") {
            Kind::Exception
        } else {
            Kind::Event
        };
        write(&mut out, kind, name, payload.as_bytes());
    }
    out
}

/// The text of such bytes, which have to be whole messages.
#[allow(dead_code, reason = "not every test reads what it wrote")]
pub(crate) fn decoded(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut decoder = Decoder::default();
    let read: Result<(), Damage> = decoder.push(bytes, |message| {
        let (_, name) = message.kind();
        let payload = String::from_utf8_lossy(message.body());
        out.push_str(&format!("{name} {payload}\n"));
        Ok(())
    });
    read.unwrap();
    assert!(decoder.is_between(), "half a message");
    out
}
