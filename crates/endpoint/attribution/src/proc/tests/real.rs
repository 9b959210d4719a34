//! Real processes of this machine: the kernel writes the records, and deletes files under programs.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::fs::MetadataExt,
    process::{Child, Command, Stdio},
};

use super::*;

/// A child that lives until its input ends, and is reaped whatever the test does.
struct Living(Child);

impl Living {
    /// Started, and past its `exec`: it has answered a line.
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = Self(
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?,
        );
        if let Some(input) = child.0.stdin.as_mut() {
            input.write_all(b"ready\n")?;
        }
        let mut line = String::new();
        if let Some(output) = child.0.stdout.as_mut() {
            BufReader::new(output).read_line(&mut line)?;
        }
        anyhow::ensure!(line == "ready\n", "{line:?}");
        Ok(child)
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ended = self.0.wait();
    }
}

#[test]
fn a_program_is_found_whatever_it_is_called() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let program = dir.path().join("claude");
    fs::copy("/bin/cat", &program)?;
    let child = Living::start(&mut Command::new(&program))?;
    let proc = Proc::system();
    let process = running(&proc, child.0.id())?;
    assert_eq!(
        (process.app.as_str(), process.deleted),
        ("claude-code", false)
    );
    assert_eq!(process.facts.executable.as_deref(), program.to_str());
    assert_eq!(
        process.file.map(|file| file.inode),
        Some(fs::metadata(&program)?.ino())
    );
    assert_eq!(process.user.uid, fs::metadata("/proc/self")?.uid());
    assert_eq!(
        process.parents.first().map(|parent| parent.pid),
        Some(std::process::id())
    );

    let expected = Command::new("sha256sum").arg(&program).output()?.stdout;
    let expected = String::from_utf8(expected)?;
    let hash = proc.sha256(&process).map(|hash| hash.to_string());
    assert_eq!(hash.as_deref(), expected.split(' ').next());

    // An update replaces the file under the running program.
    fs::remove_file(&program)?;
    fs::write(&program, "another")?;
    let process = running(&proc, child.0.id())?;
    assert_eq!(
        (process.app.as_str(), process.deleted),
        ("claude-code", true)
    );
    assert_eq!(process.facts.executable.as_deref(), program.to_str());
    assert_eq!(proc.sha256(&process).map(|hash| hash.to_string()), hash);
    Ok(())
}

#[test]
fn a_shell_script_is_itself() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let script = dir.path().join("tool.sh");
    fs::write(
        &script,
        "#!/bin/sh\nwhile read -r line; do echo \"$line\"; done\n",
    )?;
    let child = Living::start(
        Command::new("/bin/sh")
            .arg("tool.sh")
            .current_dir(dir.path()),
    )?;
    let process = running(&Proc::system(), child.0.id())?;
    assert_eq!(process.app.as_str(), "shell");
    let real = script.canonicalize()?;
    assert_eq!(process.facts.script.as_deref(), real.to_str());
    Ok(())
}

#[test]
fn an_ended_process_is_gone_and_remembered() -> Result<()> {
    let proc = Proc::system();
    let child = Living::start(&mut Command::new("/bin/cat"))?;
    let pid = child.0.id();
    let seen = Seen {
        start: proc.start_time(pid),
        ..Seen::pid(pid)
    };
    let program = running(&proc, pid)?.facts.executable.clone();
    drop(child);
    let attribution = proc.attribute(seen);
    assert!(matches!(&attribution, Attribution::Gone(gone) if gone.why == GoneWhy::Ended));
    assert_eq!(
        attribution
            .process()
            .and_then(|last| last.facts.executable.clone()),
        program
    );
    Ok(())
}

#[test]
fn one_that_waits_to_be_reaped_has_ended() -> Result<()> {
    let mut child = Command::new("/bin/true").stdout(Stdio::piped()).spawn()?;
    // The end of its output is the end of it; then it is a zombie until we wait.
    std::io::copy(&mut child.stdout.take().unwrap(), &mut std::io::sink())?;
    let proc = Proc::system();
    while matches!(
        proc.attribute(Seen::pid(child.id())),
        Attribution::Running(_)
    ) {
        std::thread::yield_now();
    }
    let attribution = proc.attribute(Seen::pid(child.id()));
    assert!(matches!(attribution, Attribution::Gone(_)));
    child.wait()?;
    Ok(())
}

#[test]
fn every_process_of_this_machine_can_be_asked_about() -> Result<()> {
    let proc = Proc::system();
    let pids = proc.pids()?;
    assert!(pids.contains(&std::process::id()));
    let own = running(&proc, std::process::id())?;
    assert!(own.facts.executable.is_some());
    for pid in pids {
        let first = proc.attribute(Seen::pid(pid));
        assert!(first.process().is_none_or(|process| process.pid == pid));
    }
    Ok(())
}

/// The files that a program needs to start, by the loader's own account.
fn libraries(program: &str) -> Result<Vec<String>> {
    let listed = String::from_utf8(Command::new("ldd").arg(program).output()?.stdout)?;
    let words = listed.split_whitespace();
    let paths = words.filter(|word| word.starts_with('/'));
    Ok(paths.map(str::to_owned).collect())
}

#[test]
fn a_contained_script_is_found_inside() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let inside = |path: &str| dir.path().join(path.trim_start_matches('/'));
    let mut files = libraries("/bin/sh")?;
    files.push("/bin/sh".into());
    for file in files {
        fs::create_dir_all(inside(&file).parent().unwrap_or(dir.path()))?;
        fs::copy(&file, inside(&file))?;
    }
    let script = "while read -r line; do echo \"$line\"; done\n";
    fs::create_dir_all(inside("/opt/tool"))?;
    fs::write(inside("/opt/tool/run.sh"), script)?;
    // From outside this link leads to nothing, or to something else.
    symlink("/opt/tool/run.sh", inside("/start"))?;
    let mut contained = Command::new("unshare");
    contained.args(["--user", "--map-root-user", "--mount", "--root"]);
    contained.arg(dir.path()).args(["/bin/sh", "/start"]);
    let child = Living::start(&mut contained)?;
    let process = running(&Proc::system(), child.0.id())?;
    assert_eq!(process.facts.script.as_deref(), Some("/opt/tool/run.sh"));
    assert_eq!(process.app.as_str(), "shell");
    Ok(())
}
