//! Apps that an interpreter runs: their script is read, and not executed.

use std::{fs, process::Command};

use anyhow::ensure;

use crate::place::{script, starts, with_guard};

#[test]
fn an_interpreter_may_not_run_it_and_everybody_else_may_read_it() {
    with_guard(|mut place| {
        let tool = place.script("tool.py", "#!/usr/bin/env python3\nprint('here')\n")?;
        let run = || Command::new("python3").arg(&tool).output();
        ensure!(run()?.stdout == b"here\n");
        place.deny(&[script(&tool)])?;
        let output = run()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            !output.status.success() && said.contains("not permitted"),
            "{said}"
        );
        let told = place.told()?;
        ensure!(
            told.script && told.path == tool && told.uid == Some(0),
            "{told:?}"
        );
        // By its first line.
        ensure!(!starts(&mut Command::new(&tool))?);
        ensure!(place.told()?.script);
        for reader in ["cat", "sha256sum", "wc"] {
            ensure!(
                Command::new(reader).arg(&tool).output()?.status.success(),
                "{reader}"
            );
        }
        ensure!(fs::read_to_string(&tool)?.contains("here"));
        place.deny(&[])?;
        ensure!(run()?.stdout == b"here\n");
        Ok(())
    });
}

/// As npm installs a command line: a link to a script of JavaScript in the package.
#[test]
fn the_script_behind_the_command_is_meant() {
    with_guard(|mut place| {
        // A stand-in: what counts is the name of the program that opens the script.
        let node = place.copy("cat", "node")?;
        let cli = place.script("cli.js", "console.log('here')\n")?;
        let command = place.path("gemini");
        std::os::unix::fs::symlink("cli.js", &command)?;
        place.deny(&[script(&command)])?;
        for path in [&cli, &command] {
            ensure!(!Command::new(&node).arg(path).output()?.status.success());
            ensure!(place.told()?.path == command);
            // A backup that is written in Python reads it.
            let read = "import sys; open(sys.argv[1]).read()";
            ensure!(
                Command::new("python3")
                    .args(["-c", read])
                    .arg(path)
                    .output()?
                    .status
                    .success()
            );
        }
        ensure!(place.nothing_told());
        Ok(())
    });
}

#[test]
fn other_scripts_of_the_same_interpreter_run() {
    with_guard(|mut place| {
        let denied = place.script("denied.py", "print('denied')\n")?;
        let other = place.script("other.py", "print('other')\n")?;
        place.deny(&[script(&denied)])?;
        ensure!(Command::new("python3").arg(&other).output()?.stdout == b"other\n");
        ensure!(place.nothing_told());
        Ok(())
    });
}
