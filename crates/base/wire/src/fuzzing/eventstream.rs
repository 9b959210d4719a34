//! AWS' messages: read alike and metered alike however they are cut, and written as they were read.

use bytes::Bytes;

use super::take;
use crate::{
    Operation,
    answer::{AnswerKind, Meter},
    eventstream::{Damage, Decoder, Kind, Message, Place, with_payload, write},
};

type Read = (Vec<(Kind, String, Vec<u8>)>, Result<(), Damage>);

fn read(data: &[u8], step: usize) -> Read {
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    for piece in data.chunks(step) {
        let read: Result<(), Damage> = decoder.push(piece, |message| {
            let (kind, name) = message.kind();
            found.push((kind, name.to_owned(), message.body().to_vec()));
            Ok(())
        });
        if read.is_err() {
            return (found, read);
        }
    }
    (found, Ok(()))
}

fn metered(operation: Operation, data: &[u8], step: usize) -> Meter {
    let mut meter = Meter::new(operation, AnswerKind::EventStream, false);
    for piece in data.chunks(step) {
        let passed = meter.push(Bytes::copy_from_slice(piece));
        assert_eq!(passed.concat(), piece, "an answer was changed");
    }
    meter
}

/// First bytes: length of pieces, then what follows is a stream.
pub fn eventstream(data: &[u8]) {
    let Some((step, data)) = take(data) else {
        return;
    };
    let (whole, cut) = (read(data, data.len().max(1)), read(data, step + 1));
    assert_eq!(whole, cut, "it depends on how it is cut");
    let mut place = Place::default();
    place.pass(data);
    for (kind, name, body) in &whole.0 {
        let mut out = Vec::new();
        write(&mut out, *kind, name, body);
        let back = Message::read(&out).map(|message| message.kind());
        assert_eq!(back, Ok((*kind, name.as_str())));
        let same = with_payload(&out, body);
        assert_eq!(same, out);
    }
    for operation in [Operation::ConverseStream, Operation::InvokeModelStream] {
        let whole = metered(operation, data, data.len().max(1));
        let cut = metered(operation, data, step + 1);
        assert_eq!(whole.usage(), cut.usage());
        assert_eq!(whole.content_bytes(), cut.content_bytes());
        assert_eq!(whole.events(), cut.events());
        assert_eq!(whole.finished(), cut.finished());
        assert_eq!(whole.error_event(), cut.error_event());
    }
}
