//! How a server begins and ends is seen through the shim as without it.

use std::io::Read;

use nix::sys::signal::Signal;

use crate::behind::{Place, shell, words};

#[test]
fn exit_codes_come_through() {
    let place = Place::new();
    for (script, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -TERM $$", 143),
        ("kill -KILL $$", 137),
        ("cat >/dev/null; exit 3", 3),
    ] {
        let (found, _) = place.start("open", &shell(script)).end();
        assert_eq!(found, Some(code), "{script}");
    }
    let (code, said) = place.start("open", &words("no-such-program-here x")).end();
    assert_eq!(code, Some(127));
    assert!(said.contains("cannot be started"), "{said}");
    let plain = place.path("plain");
    std::fs::write(&plain, "no program").unwrap();
    let (code, _) = place.start("open", &words(plain.to_str().unwrap())).end();
    assert_eq!(code, Some(126));
}

#[test]
fn the_server_has_what_the_shim_was_given() {
    let place = Place::new();
    let mut behind = place.start("open", &place.server());
    let about = behind.ask("about", "{}");
    let here = std::env::current_dir().unwrap();
    assert_eq!(about["result"]["cwd"], here.to_str().unwrap());
    assert_eq!(about["result"]["env"], "kept");
    let (code, said) = behind.end();
    assert_eq!(code, Some(0));
    assert!(
        said.contains("ready\n"),
        "standard error is the shim's: {said}"
    );
    assert!(
        place.log().ends_with("end\n"),
        "the end of the input is seen"
    );
}

#[test]
fn signals_reach_the_server() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let place = Place::new();
        let mut behind = place.start("open", &place.server());
        behind.ready();
        behind.signal(signal);
        let (code, _) = behind.outcome();
        assert_eq!(code, Some(signal as i32 + 10));
        assert_eq!(place.log(), format!("signal {}\n", signal as i32));
    }
}

#[test]
fn the_server_does_not_outlive_a_shim_that_is_killed() {
    let place = Place::new();
    // It reads no input, so the end of that does not end it.
    let mut behind = place.start("open", &shell("echo ready >&2; exec tail -f /dev/null"));
    let input = behind.input.take();
    behind.ready();
    behind.signal(Signal::SIGKILL);
    // The server's standard error is ours: it ends when the server has.
    let (code, _) = behind.outcome();
    assert_eq!(code, None);
    drop(input);
}

#[test]
fn output_passes_to_its_end_however_late_it_is_read() {
    let place = Place::new();
    let mut behind = place.start("open", &shell("head -c 3000000 /dev/zero; exit 4"));
    // Read nothing until the server must have filled every pipe.
    let mut first = [0; 1];
    behind.output.read_exact(&mut first).unwrap();
    let mut rest = Vec::new();
    behind.output.read_to_end(&mut rest).unwrap();
    assert_eq!(rest.len(), 2_999_999);
    assert_eq!(behind.outcome().0, Some(4));
}

#[test]
fn a_server_that_leaves_something_behind_still_ends() {
    let place = Place::new();
    // What it starts holds its output open.
    let mut behind = place.start("open", &shell("echo hello; sleep 100 2>/dev/null & exit 6"));
    assert_eq!(behind.line(), "hello\n");
    let input = behind.input.take();
    assert_eq!(behind.outcome().0, Some(6));
    drop(input);
}
