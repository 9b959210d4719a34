//! Who opens a file that is not executed itself: an interpreter that is about to run it, or somebody who
//! only reads it.

use std::{fs, path::Path};

/// Programs that run JavaScript and TypeScript.
const JAVASCRIPT: [&str; 5] = ["node", "nodejs", "bun", "deno", "electron"];
/// And Python, with or without a version in the name.
const PYTHON: [&str; 3] = ["python", "pypy", "uv"];
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "fish", "ash", "busybox"];
const OTHERS: [&str; 3] = ["ruby", "perl", "php"];

/// Whether a program runs a file, given both paths.
pub(super) fn runs(program: &Path, file: &Path) -> bool {
    let Some(name) = base(program) else {
        return false;
    };
    let is = |list: &[&str]| list.contains(&name);
    let extension = file
        .extension()
        .and_then(|text| text.to_str())
        .unwrap_or_default();
    match extension {
        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "jsx" | "tsx" => is(&JAVASCRIPT),
        "py" | "pyz" | "pyc" => is(&PYTHON),
        "sh" | "bash" | "zsh" => is(&SHELLS),
        _ => is(&JAVASCRIPT) || is(&PYTHON) || is(&SHELLS) || is(&OTHERS),
    }
}

/// Whether it is a program that runs what others wrote: denying it would deny them all.
pub(super) fn runs_others(program: &Path) -> bool {
    is_loader(program) || runs(program, Path::new("any")) || base(program) == Some("env")
}

/// Whether it is the dynamic loader, called by hand: `ld.so PROGRAM` runs a program without executing it.
pub(super) fn is_loader(program: &Path) -> bool {
    let name = program
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.starts_with("ld-linux") || name.starts_with("ld-musl") || name == "ld.so"
}

/// What a process runs. Nothing of its files is opened.
pub(super) fn program(pid: u32) -> Option<std::path::PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

/// The user of a process, while it waits for our answer.
pub(super) fn user(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// A program's name without its version: `python3.12` is `python`.
fn base(program: &Path) -> Option<&str> {
    let name = program.file_name()?.to_str()?;
    let name = name.strip_suffix(" (deleted)").unwrap_or(name);
    let short = name
        .trim_end_matches(|character: char| character.is_ascii_digit() || ".-".contains(character));
    Some(if short.is_empty() { name } else { short })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_run_their_own_language() {
        for (program, file, expected) in [
            ("/usr/bin/node", "/a/cli.js", true),
            ("/usr/bin/node (deleted)", "/a/cli.mjs", true),
            ("/opt/node-22/bin/node22", "/a/cli", true),
            ("/usr/bin/python3.12", "/a/cli.js", false),
            ("/usr/bin/python3.12", "/a/tool.py", true),
            ("/usr/bin/python3", "/a/aider", true),
            ("/bin/bash", "/a/tool.sh", true),
            ("/usr/bin/cat", "/a/cli.js", false),
            ("/usr/share/code/code", "/a/cli.js", false),
            ("/", "/a/cli.js", false),
        ] {
            assert_eq!(
                runs(Path::new(program), Path::new(file)),
                expected,
                "{program} {file}"
            );
        }
    }

    #[test]
    fn what_runs_others_is_known() {
        for program in [
            "/usr/bin/node",
            "/usr/bin/python3.13",
            "/bin/sh",
            "/usr/bin/env",
            "/lib64/ld-linux-x86-64.so.2",
        ] {
            assert!(runs_others(Path::new(program)), "{program}");
        }
        for program in [
            "/usr/bin/claude",
            "/home/u/.local/share/claude/versions/2.1.0",
            "/usr/bin/nodebook",
        ] {
            assert!(!runs_others(Path::new(program)), "{program}");
        }
    }

    #[test]
    fn a_process_is_looked_at() {
        let me = std::process::id();
        assert_eq!(program(me), std::env::current_exe().ok());
        assert_eq!(user(me), Some(nix::unistd::getuid().as_raw()));
        assert_eq!((program(0), user(0)), (None, None));
    }
}
