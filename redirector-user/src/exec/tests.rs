//! What only the inside can bring about: an answer that does not come.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use super::*;

const LIMIT: Duration = Duration::from_millis(200);

/// By way of a shell: a child of this process holds a copy of the group until it executes something, and
/// so could not be let through by closing ours.
fn start(program: &Path) -> io::Result<bool> {
    let mut shell = Command::new("sh");
    let output = shell
        .args(["-c", "\"$0\"; exit $?"])
        .arg(program)
        .output()?;
    Ok(output.status.success())
}

fn files(path: &Path) -> [DeniedFile; 1] {
    [DeniedFile {
        path: path.to_owned(),
        app: "curl".parse().unwrap(),
        script: false,
    }]
}

#[test]
fn an_answer_that_does_not_come_lets_everything_pass_until_the_next_decision() {
    let (mut guard, _refused) = match ExecGuard::open_with(LIMIT) {
        Ok(opened) => opened,
        // Past the test runner, which keeps what a passing test prints.
        Err(error) => return drop(writeln!(io::stderr(), "SKIPPED: {error}")),
    };
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    fs::copy("/bin/true", &app).unwrap();
    let denied = |guard: &mut ExecGuard| {
        guard
            .set(&files(&app))
            .into_iter()
            .all(|(_, outcome)| outcome.is_ok())
    };
    assert!(denied(&mut guard));
    assert!(!start(&app).unwrap() && guard.works());

    let pause = Arc::clone(&guard.pause);
    let stalled = lock(&pause);
    let since = Instant::now();
    assert!(start(&app).unwrap(), "who waits is let through");
    assert!(
        since.elapsed() >= LIMIT && since.elapsed() < LIMIT * 20,
        "{:?}",
        since.elapsed()
    );
    assert!(!guard.works());
    assert!(start(&app).unwrap(), "and nobody is asked about any more");
    drop(stalled);

    assert!(denied(&mut guard));
    assert!(
        guard.works() && !start(&app).unwrap(),
        "the next decision asks anew"
    );
}
