//! The body of a fuzz target in `tests/fuzz`: it takes any bytes and panics when a promise of this crate is
//! broken. It is here so that an ordinary test can replay the corpus.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use crate::{Answer, LONGEST, ToLoader, ToRelay};

/// A frame, from either side or as an answer; the first byte says which. What is understood is said again
/// in the same bytes, so nothing in it was passed over. The relay's are what may come from somebody hostile.
pub fn frame(data: &[u8]) {
    let Some((&which, frame)) = data.split_first() else {
        return;
    };
    match which % 3 {
        0 => {
            let Ok(message) = ToLoader::decode(frame) else {
                return;
            };
            assert!(message.files() <= crate::MOST_FILES);
            if let ToLoader::Apply(tables) = &message {
                let below = |name: &String| name.contains('.') && !name.contains('/');
                assert!(tables.names.iter().all(below), "{:?}", tables.names);
            }
            same(frame, message.encode());
        }
        1 => {
            if let Ok(message) = ToRelay::decode(frame) {
                same(frame, message.encode());
            }
        }
        _ => {
            let Ok(answer) = Answer::decode(frame) else {
                return;
            };
            // Names beyond those that are kept are all called the same.
            let again = answer.encode().map(|frame| Answer::decode(&frame));
            assert_eq!(again, Ok(Ok(answer)));
        }
    }
}

fn same(frame: &[u8], again: Result<Vec<u8>, crate::Malformed>) {
    match again {
        Ok(again) => assert_eq!(again, frame),
        Err(_) => assert!(frame.len() > LONGEST),
    }
}
