//! A home whose owner means harm, or whose disk is broken.

use std::time::Duration;

use nix::{sys::stat::Mode, unistd::mkfifo};

use super::*;

/// What no trap may hide.
fn with_an_app(machine: &Machine) {
    let path = "~/.npm-global/lib/node_modules/@openai/codex/package.json";
    machine.file(path, r#"{"name": "@openai/codex", "version": "0.158.0"}"#);
}

#[track_caller]
fn only_codex(machine: &Machine) {
    let home = "~/.npm-global/lib/node_modules/@openai/codex";
    expect(
        &machine.of_home(),
        &[&*format!("codex 0.158.0 cli npm {home}")],
    );
}

#[test]
fn pipes_are_not_waited_for() {
    let machine = Machine::new(Os::Linux);
    with_an_app(&machine);
    for path in [
        "~/.npmrc",
        "~/.vscode/extensions/extensions.json",
        "~/.vscode/extensions/.obsolete",
        "~/.bun/install/global/node_modules/cline/package.json",
        "~/Downloads/Cursor.AppImage",
        "~/.local/share/applications/cursor.desktop",
        "~/.mozilla/firefox/x/extensions.json",
        "~/.config/chromium/Default/Extensions/fcoeoabgfenejglbffodgkkbkcdhcgfn/1_0/manifest.json",
    ] {
        let pipe = machine.at(path);
        fs::create_dir_all(pipe.parent().unwrap()).unwrap();
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    }
    let (places, home) = (machine.places(), machine.home());
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(apps_of_home(&places, &home)));
    let (apps, coverage) = wait.recv_timeout(Duration::from_secs(60)).unwrap();
    // A folder of an extension is there all the same.
    let names: Vec<_> = apps.iter().map(|app| app.app.as_str()).collect();
    assert_eq!(names, ["claude-in-chrome", "codex"]);
    let told = trouble(&coverage);
    assert_eq!(told.len(), 8, "{told:#?}");
    assert!(
        told.iter()
            .all(|row| row.ends_with("unreadable not a regular file"))
    );
}

#[test]
fn links_lead_nowhere_else() {
    let machine = Machine::new(Os::Linux);
    with_an_app(&machine);
    let secret = r#"{"name": "cline", "version": "SECRET"}"#;
    machine
        .file("/etc/secret", secret)
        .link(
            "~/.bun/install/global/node_modules/cline/package.json",
            "/etc/secret",
        )
        .link("~/.npmrc", "/etc/secret")
        .link("~/.vscode/extensions/extensions.json", "/dev/zero")
        // In circles.
        .link("~/.local/bin/claude", "claude")
        .link("~/.cursor/extensions", "../.cursor/extensions")
        .link("~/.nvm/versions/node/a", "../node")
        .link("~/.nvm/versions/node/b", "b");
    only_codex(&machine);
    let told = machine.trouble();
    assert!(!format!("{told:?}").contains("SECRET"));
    let links = told
        .iter()
        .filter(|row| row.ends_with("unreadable a symbolic link"));
    assert_eq!(links.count(), 3, "{told:#?}");
}

#[test]
fn what_is_too_large_or_too_deep_is_told() {
    let machine = Machine::new(Os::Linux);
    with_an_app(&machine);
    let large = machine.at("~/.bun/install/global/node_modules/cline/package.json");
    fs::create_dir_all(large.parent().unwrap()).unwrap();
    // A hole costs nothing.
    fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let deep_object = format!("{}1{}", r#"{"name":"#.repeat(100_000), "}".repeat(100_000));
    machine
        .file(
            "~/.config/yarn/global/node_modules/cline/package.json",
            &deep_object,
        )
        .file("~/.vscode/extensions/extensions.json", &deep)
        .folder("~/.vscode/extensions/continue.continue-1.2.3")
        .file(
            "~/.mozilla/firefox/x/extensions.json",
            format!(r#"{{"addons": {deep}}}"#),
        );
    let shown = lines(&machine.of_home());
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[1].starts_with("continue-cli 1.2.3 "), "{shown:?}");
    let told = machine.trouble();
    let with = |word: &str| told.iter().filter(|row| row.contains(word)).count();
    assert_eq!(
        (with("too_large larger than"), with("broken")),
        (1, 4),
        "{told:#?}"
    );
}

#[test]
fn nonsense_hides_nothing() {
    let machine = Machine::new(Os::Linux);
    with_an_app(&machine);
    let modules = "~/.bun/install/global/node_modules";
    for (name, text) in [
        ("cline", "{"),
        ("opencode-ai", r#"{"name": 7, "version": []}"#),
        (
            "@github/copilot",
            "\u{feff}{\"name\": \"@github/copilot\", \"name\": \"evil\"}",
        ),
        ("@charmland/crush", ""),
        ("@sourcegraph/amp", "\0\0\0"),
        ("@qwen-code/qwen-code", r#"["@qwen-code/qwen-code"]"#),
    ] {
        machine.file(&format!("{modules}/{name}/package.json"), text);
    }
    machine
        .file(
            "~/.local/share/applications/cursor.desktop",
            b"\xff\xfe[Desktop Entry\nExec=\"\\".as_slice(),
        )
        .file("~/.local/share/pnpm", "a file where a folder belongs")
        .file(
            "~/.vscode/extensions/extensions.json",
            r#"{"not": "a list"}"#,
        );
    only_codex(&machine);
    let told = machine.trouble();
    assert!(
        told.iter().filter(|row| row.contains(modules)).count() >= 5,
        "{told:#?}"
    );
}

#[test]
fn what_a_person_reads_moves_no_cursor() {
    let machine = Machine::new(Os::Linux);
    let folder = "~/.config/google-chrome/Pro\u{1b}[2Jfile/Extensions";
    let name = "Cl\\u001b[31maude\\u202e\\u0000\\n".repeat(100);
    machine.file(
        &format!("{folder}/fcoeoabgfenejglbffodgkkbkcdhcgfn/1_0/manifest.json"),
        format!(r#"{{"name": "{name}", "version": "1\u001b]0;x\u0007", "author": " \u0007 "}}"#),
    );
    let (apps, coverage) = apps_of_home(&machine.places(), &machine.home());
    assert_eq!(apps.len(), 1);
    let told = format!(
        "{}{}",
        serde_json::to_string(&apps).unwrap(),
        serde_json::to_string(&coverage).unwrap()
    );
    assert!(
        !told.contains("\\u") && !told.contains(['\u{1b}', '\u{202e}']),
        "{told}"
    );
    assert!(apps[0].name.chars().count() <= 300);
    assert_eq!(apps[0].publisher.as_deref(), Some("Anthropic"));
}

#[test]
fn a_look_at_the_same_home_says_the_same() {
    let machine = Machine::new(Os::Linux);
    for (nth, name) in ["cline", "@openai/codex", "@google/gemini-cli"]
        .iter()
        .enumerate()
    {
        for modules in ["~/.bun/install/global/node_modules", "~/n/lib/node_modules"] {
            let manifest = format!(r#"{{"name": "{name}", "version": "{nth}"}}"#);
            machine.file(&format!("{modules}/{name}/package.json"), manifest);
        }
    }
    let look = || apps_of_home(&machine.places(), &machine.home());
    let first = look();
    assert_eq!(first.0.len(), 6);
    assert!(
        first
            .0
            .is_sorted_by_key(|app| (app.app.clone(), app.path.clone()))
    );
    assert!(first.1.is_sorted());
    assert_eq!(look(), first);
}

#[test]
fn a_home_that_is_not_there_is_no_trouble() {
    let machine = Machine::new(Os::Linux);
    let (apps, coverage) = apps_of_home(&machine.places(), &machine.home());
    assert!(apps.is_empty() && trouble(&coverage).is_empty());
    assert!(coverage.len() > 50, "{}", coverage.len());
}
