//! The body of a fuzz target in `tests/fuzz`: it takes any bytes and panics when a promise of this crate is
//! broken. It is here so that an ordinary test can replay the corpus.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use crate::{
    cgroup, identity,
    interpreter::{Interpreter, Runs},
    stat,
};

/// A file of `/proc/PID`; the first byte says which: `stat`, `status`, `cgroup`, `cmdline`. A process
/// writes its name and its command line as it likes, and must not be taken for another by it.
pub fn process(data: &[u8]) {
    let Some((&which, data)) = data.split_first() else {
        return;
    };
    match which % 4 {
        0 => line(data),
        1 => user(data),
        2 => origin(data),
        _ => command(data),
    }
}

/// The kernel's fields stand after the name, so whatever the name is they are read the same.
fn line(name: &[u8]) {
    // Whatever it is, it is read or it is not.
    let text = String::from_utf8_lossy(name);
    let read = stat::stat(name);
    assert!(
        read.is_none() || text.contains(')'),
        "a process without a name"
    );
    let tail = b") R 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 1\n";
    // The kernel keeps 15 bytes of a name.
    let line = [b"42 (", &name[..name.len().min(15)], tail].concat();
    let found = stat::stat(&line).map(|found| (found.parent, found.start.0, found.ended));
    assert_eq!(found, Some((7, 98_765, false)), "a name forged a field");
}

fn user(text: &[u8]) {
    if let Some(uid) = stat::real_uid(text) {
        let text = String::from_utf8_lossy(text);
        assert!(
            text.contains(&uid.to_string()) && text.contains("Uid:"),
            "an invented user"
        );
    }
}

fn origin(text: &[u8]) {
    let origin = cgroup::origin(text);
    if let Some(id) = origin.container {
        assert!(id.len() == 64 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    }
    let unit = origin.unit.as_deref();
    assert!(unit.is_none_or(|unit| unit.ends_with(".service") || unit.ends_with(".scope")));
    assert!(unit.is_none_or(|unit| !unit.contains('/')));
    assert!(origin.bundle.is_none() || unit.is_some());
}

fn command(bytes: &[u8]) {
    let words = identity::split(bytes);
    assert!(words.len() <= bytes.len() && words.iter().all(|word| !word.contains('\0')));
    let Some(first) = words.first() else {
        return;
    };
    for name in [
        first, "node", "bun", "deno", "python3", "ruby", "java", "bash",
    ] {
        let Some(interpreter) = Interpreter::of(name) else {
            continue;
        };
        match interpreter.runs(&words) {
            Runs::Script(text) | Runs::Module(text) => {
                let there = words[1..].iter().any(|word| word.contains(&text));
                assert!(there, "it runs what nobody wrote");
            }
            Runs::Nothing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_some_process(which in 0..4_u8, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            super::process(&[&[which], &bytes[..]].concat());
        }

        #[test]
        fn any_name_any_group_any_line(
            name in "[)( RSZ0-9\\n]{0,20}",
            group in "([0-9]{0,2}:[a-z,=]{0,8}:)?(/?[-a-z@.:\\\\x0-9]{0,20}(\\.scope|\\.service|)){0,4}\\n?",
            command in "([-+a-zé/=.]{0,8}\\x00){0,6}",
        ) {
            for (which, text) in [(0, &name), (1, &name), (2, &group), (3, &command)] {
                super::process(&[&[which], text.as_bytes()].concat());
            }
        }
    }
}
