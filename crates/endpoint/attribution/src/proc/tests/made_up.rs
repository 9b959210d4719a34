//! Interpreters, packages, parents and ids, on a made-up machine.

use tidegate_policy::PackageSource;

use super::*;

#[test]
fn a_node_script_is_its_package() -> Result<()> {
    let machine = Machine::new()?;
    let package = "usr/lib/node_modules/@anthropic-ai/claude-code";
    let manifest = r#"{"name":"@anthropic-ai/claude-code","version":"1.0.9"}"#;
    machine.write(&format!("{package}/package.json"), manifest)?;
    machine.write(
        &format!("{package}/dist/package.json"),
        r#"{"type":"module"}"#,
    )?;
    machine.write(&format!("{package}/dist/cli.js"), "#!/usr/bin/env node\n")?;
    fs::create_dir_all(machine.path("usr/bin"))?;
    symlink(
        "../lib/node_modules/@anthropic-ai/claude-code/dist/cli.js",
        machine.path("usr/bin/claude"),
    )?;
    let called = machine.text("usr/bin/claude");
    let process = machine.one(
        "usr/bin/node",
        &["node", "--no-warnings", &called, "-p", "hi"],
    )?;
    assert_eq!(process.app.as_str(), "claude-code");
    assert_eq!(process.version.as_deref(), Some("1.0.9"));
    assert_eq!(
        process.facts.script,
        Some(machine.text(&format!("{package}/dist/cli.js")))
    );
    assert_eq!(process.facts.executable, Some(machine.text("usr/bin/node")));
    assert_eq!(process.user.to_string(), "ann");
    assert_eq!(process.origin.unit.as_deref(), Some("session-3.scope"));

    // The title that the program wrote over its command line hides the script; the shell's `_` does not.
    assert_eq!(
        machine
            .one("usr/bin/node", &["claude", "", ""])?
            .app
            .as_str(),
        "node"
    );
    machine.write("proc/42/environ", &format!("A=1\0_={called}\0"))?;
    assert_eq!(
        machine
            .one("usr/bin/node", &["claude", "", ""])?
            .app
            .as_str(),
        "claude-code"
    );
    // Not a script of this interpreter.
    machine.write(
        "proc/42/environ",
        &format!("_={}\0", machine.text("usr/bin/node")),
    )?;
    assert_eq!(
        machine
            .one("usr/bin/node", &["claude", "", ""])?
            .app
            .as_str(),
        "node"
    );
    Ok(())
}

#[test]
fn the_name_of_the_thread_decides_nothing() -> Result<()> {
    // Every process of this machine calls its thread `claude`.
    let process = Machine::new()?.one("usr/bin/evil", &["claude", "-p", "hi"])?;
    assert_eq!(process.app.as_str(), "unknown");
    Ok(())
}

#[test]
fn relative_scripts_are_relative_to_the_process() -> Result<()> {
    let machine = Machine::new()?;
    machine.write(
        "home/ann/tool/package.json",
        r#"{"name":"@openai/codex","version":7}"#,
    )?;
    machine.write("home/ann/tool/bin/run.js", "")?;
    let process = machine.one("usr/bin/node", &["node", "tool/bin/../bin/run"])?;
    assert_eq!(
        process.facts.script,
        Some(machine.text("home/ann/tool/bin/run.js"))
    );
    // A manifest that does not read is passed over.
    assert_eq!(process.app.as_str(), "node");
    machine.write("home/ann/tool/package.json", r#"{"name":"@openai/codex"}"#)?;
    assert_eq!(
        machine
            .one("usr/bin/node", &["node", "tool/bin/run"])?
            .app
            .as_str(),
        "codex"
    );
    Ok(())
}

#[test]
fn a_project_is_not_the_package_that_lies_in_its_node_modules() -> Result<()> {
    let machine = Machine::new()?;
    machine.write("home/ann/package.json", r#"{"name":"@openai/codex"}"#)?;
    machine.write("home/ann/node_modules/bare/index.js", "")?;
    let process = machine.one("usr/bin/node", &["node", "node_modules/bare/index.js"])?;
    assert_eq!(
        (process.app.as_str(), &process.facts.package),
        ("node", &None)
    );
    Ok(())
}

#[test]
fn python_commands_and_modules_are_their_distribution() -> Result<()> {
    let machine = Machine::new()?;
    let site = "home/ann/venv/lib/python3.12/site-packages";
    let points =
        "[gui_scripts]\nx = y:z\n\n[console_scripts]\naider = aider.main:main\n[other]\nq = w:e\n";
    machine.write(
        &format!("{site}/aider_chat-0.86.1.dist-info/entry_points.txt"),
        points,
    )?;
    machine.write(
        &format!("{site}/httpie-3.2.dist-info/top_level.txt"),
        "httpie\n",
    )?;
    machine.write("home/ann/venv/bin/aider", "")?;
    machine.write("usr/bin/python3.12", "")?;
    symlink(
        machine.path("usr/bin/python3.12"),
        machine.path("home/ann/venv/bin/python"),
    )?;
    for (command, app, version) in [
        (
            vec!["venv/bin/python", "venv/bin/aider", "--yes"],
            "aider",
            "0.86.1",
        ),
        (vec!["venv/bin/python", "-m", "aider"], "aider", "0.86.1"),
        (vec!["venv/bin/python", "-m", "httpie"], "httpie", "3.2"),
    ] {
        let process = machine.one("usr/bin/python3.12", &command)?;
        assert_eq!(
            (process.app.as_str(), process.version.as_deref()),
            (app, Some(version))
        );
        let source = process.facts.package.as_ref().map(|package| package.source);
        assert_eq!(source, Some(PackageSource::Python));
    }
    let process = machine.one("usr/bin/python3.12", &["python", "q"])?;
    assert_eq!(
        (process.app.as_str(), process.version.as_deref()),
        ("python", None)
    );
    Ok(())
}

#[test]
fn native_programs_from_npm_and_electron_scripts() -> Result<()> {
    let machine = Machine::new()?;
    let folder = "opt/node_modules/@anthropic-ai/claude-code-linux-x64";
    let manifest = r#"{"name":"@anthropic-ai/claude-code-linux-x64","version":"2.1.332"}"#;
    machine.write(&format!("{folder}/package.json"), manifest)?;
    let process = machine.one(&format!("{folder}/renamed"), &["x"])?;
    assert_eq!(
        (process.app.as_str(), process.version.as_deref()),
        ("claude-code", Some("2.1.332"))
    );
    let process = machine.one("home/ann/.local/share/claude/versions/2.1.3", &["claude"])?;
    assert_eq!(
        (process.app.as_str(), process.version.as_deref()),
        ("claude-code", Some("2.1.3"))
    );

    machine.write("home/ann/x/package.json", r#"{"name":"@openai/codex"}"#)?;
    machine.write("home/ann/x/cli.js", "")?;
    let command = ["code", "--no-sandbox", "x/cli.js"];
    assert_eq!(
        machine.one("usr/share/code/code", &command)?.app.as_str(),
        "vscode"
    );
    machine.write("proc/42/environ", "ELECTRON_RUN_AS_NODE=1\0")?;
    assert_eq!(
        machine.one("usr/share/code/code", &command)?.app.as_str(),
        "codex"
    );
    Ok(())
}

#[test]
fn parents_are_listed_and_younger_ones_are_strangers() -> Result<()> {
    let machine = Machine::new()?;
    let spec = |pid, parent, start, executable| Spec {
        pid,
        parent,
        start,
        executable,
        command: &[],
    };
    for process in [
        spec(50, 49, 100, "usr/bin/curl"),
        spec(49, 48, 90, "home/ann/.local/share/claude/versions/2.0.0"),
        spec(48, 47, 80, "usr/share/code/code"),
        // It has the id of whoever started 48, and is younger.
        spec(47, 1, 85, "usr/bin/wget"),
    ] {
        machine.run(&process)?;
    }
    let process = running(&Proc::at(machine.dir.path()), 50)?;
    let apps: Vec<_> = process
        .parents
        .iter()
        .map(|p| (p.pid, p.app.as_str()))
        .collect();
    assert_eq!(apps, [(49, "claude-code"), (48, "vscode")]);
    Ok(())
}

#[test]
fn circles_and_long_lines_of_parents_end() -> Result<()> {
    let machine = Machine::new()?;
    for pid in 100..130 {
        let parent = if pid == 129 { 100 } else { pid + 1 };
        machine.run(&Spec {
            pid,
            parent,
            start: 1,
            executable: "bin/x",
            command: &[],
        })?;
    }
    let proc = Proc::at(machine.dir.path());
    assert_eq!(running(&proc, 100)?.parents.len(), MOST_PARENTS);
    machine.run(&Spec {
        pid: 101,
        parent: 100,
        start: 1,
        executable: "bin/x",
        command: &[],
    })?;
    assert_eq!(running(&proc, 101)?.parents.len(), 1);
    assert_eq!(running(&proc, 100)?.parents.len(), 1);
    Ok(())
}

#[test]
fn an_id_that_was_used_again_is_not_the_old_process() -> Result<()> {
    let machine = Machine::new()?;
    let run = |start, executable| {
        machine.run(&Spec {
            pid: 42,
            parent: 0,
            start,
            executable,
            command: &["x"],
        })
    };
    run(7, "usr/bin/curl")?;
    let proc = Proc::at(machine.dir.path());
    let seen = Seen {
        pid: 42,
        uid: Some(1000),
        start: Some(StartTime(7)),
    };
    assert_eq!(proc.attribute(seen).app().as_str(), "curl");
    run(9, "usr/bin/wget")?;
    let Attribution::Gone(gone) = proc.attribute(seen) else {
        anyhow::bail!("it is another process");
    };
    assert_eq!(gone.why, GoneWhy::Reused);
    assert_eq!(
        gone.last.map(|last| last.app.to_string()),
        Some("curl".into())
    );
    assert_eq!(running(&proc, 42)?.app.as_str(), "wget");
    Ok(())
}

#[test]
fn executing_something_else_is_noticed() -> Result<()> {
    let machine = Machine::new()?;
    let proc = Proc::at(machine.dir.path());
    for app in ["curl", "wget", "curl"] {
        let executable = &format!("usr/bin/{app}");
        machine.run(&Spec {
            pid: 42,
            parent: 0,
            start: 7,
            executable,
            command: &["x"],
        })?;
        assert_eq!(running(&proc, 42)?.app.as_str(), app);
    }
    Ok(())
}

#[test]
fn what_is_left_of_a_process_is_said() -> Result<()> {
    let machine = Machine::new()?;
    machine.one("usr/bin/curl", &["curl"])?;
    let proc = Proc::at(machine.dir.path());
    running(&proc, 42)?;
    fs::remove_dir_all(machine.path("proc/42"))?;
    let known = Seen {
        start: Some(StartTime(7)),
        ..Seen::pid(42)
    };
    let attribution = proc.attribute(known);
    assert_eq!(attribution.app().as_str(), "curl");
    let user = attribution.user().map(ToString::to_string);
    assert_eq!(user.as_deref(), Some("ann"));
    // It may have been a stranger with the same id.
    let stranger = Seen {
        uid: Some(0),
        ..Seen::pid(42)
    };
    let attribution = proc.attribute(stranger);
    assert_eq!(attribution.app().as_str(), "unknown");
    assert_eq!(attribution.process(), None);
    let user = attribution.user().map(ToString::to_string);
    assert_eq!(user.as_deref(), Some("root"));
    Ok(())
}

#[test]
fn command_lines_are_cut_and_stay_out_of_json() -> Result<()> {
    let machine = Machine::new()?;
    let long = "s3cret".repeat(20_000);
    let process = machine.one("usr/bin/curl", &["curl", &long])?;
    assert_eq!(
        process
            .command
            .iter()
            .map(|word| word.len() + 1)
            .sum::<usize>(),
        64 * 1024 + 1
    );
    assert!(!serde_json::to_string(&*process)?.contains("s3cret"));
    Ok(())
}
