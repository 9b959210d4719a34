//! The package databases of a machine.

use super::*;

const STATUS: &str = "\
Package: code
Status: install ok installed
Maintainer: Microsoft Corporation <vscode-linux@microsoft.com>
Architecture: amd64
Version: 1.117.0-1760000000
Description: Code editing. Redefined.
 Package: cursor
Depends: libc6

Package: cursor
Status: deinstall ok config-files
Version: 2.0.1
Maintainer: Anysphere <hi@example.com>

Package: claude-code
Status: install ok half-configured
Version: 2.1.7
Architecture: amd64

Package: codeblocks
Status: install ok installed
Version: 20.03

broken line without a colon

Package: libollama
Status: install ok installed
Version: 1
";

#[test]
fn dpkg_says_what_and_where() {
    let machine = Machine::new(Os::Linux);
    machine.file("/var/lib/dpkg/status", STATUS);
    machine.file("/usr/share/code/code", "\x7fELF and more");
    machine.file("/usr/bin/claude", "#!/bin/sh\n");
    let list = "/.\n/usr\n/usr/share/code\n/usr/share/code/code\n/usr/bin/code\n\
                /usr/share/applications/code.desktop\n";
    machine.file("/var/lib/dpkg/info/code.list", list);
    let list = "/.\n/usr/lib/claude-code/x\n/usr/bin/claude\n";
    machine.file("/var/lib/dpkg/info/claude-code:amd64.list", list);
    let apps = machine.apps();
    // One that is removed and one with another name are none.
    expect(
        &apps,
        &[
            "claude-code 2.1.7 cli dpkg /usr/bin/claude",
            "vscode 1.117.0-1760000000 editor dpkg /usr/share/code/code",
        ],
    );
    // Not the script before it: the program itself could be started without.
    assert_eq!(apps[0].publisher.as_deref(), Some("Anthropic"));
    assert_eq!(apps[1].publisher.as_deref(), Some("Microsoft Corporation"));
    assert_eq!(
        (&*apps[1].name, &apps[1].user),
        ("Visual Studio Code", &None)
    );
}

#[test]
fn what_a_package_owns_is_not_told_twice() {
    let machine = Machine::new(Os::Linux);
    machine.file("/var/lib/dpkg/status", STATUS);
    let list = "/usr/share/code\n/usr/share/code/code\n/usr/bin/code\n\
                /usr/share/applications/code.desktop\n";
    machine.file("/var/lib/dpkg/info/code.list", list);
    machine.file("/usr/share/code/code", "\x7fELF and more");
    machine.link("/usr/bin/code", "../share/code/code");
    machine.file(
        "/usr/share/code/resources/app/package.json",
        r#"{"version": "1.117.0"}"#,
    );
    let entry = "[Desktop Entry]\nName=Visual Studio Code\nExec=/usr/share/code/code %F\n";
    machine.file("/usr/share/applications/code.desktop", entry);
    let apps = machine.apps();
    let code = lines(&apps)
        .into_iter()
        .filter(|line| line.starts_with("vscode"));
    assert_eq!(
        code.collect::<Vec<_>>(),
        ["vscode 1.117.0-1760000000 editor dpkg /usr/share/code/code"]
    );
}

#[test]
fn a_debian_without_ai_has_none() {
    let machine = Machine::new(Os::Linux);
    let mut status = String::new();
    // Names that contain, begin with, or end with one of an app.
    for name in [
        "codeblocks",
        "libjan-dev",
        "media-player-info",
        "cursor-themes",
        "xcursor-themes",
        "diaspora",
        "dia",
        "goose",
        "amplify",
        "python3-llm-x",
        "zed-tools",
        "kirocode",
        "jani",
        "ollama-doc",
        "q",
        "crush-tools",
        "claude",
        "chromium",
        "firefox-esr",
        "curl",
        "git",
    ] {
        status.push_str(&format!(
            "Package: {name}\nStatus: install ok installed\nVersion: 1.0\n\n"
        ));
    }
    machine.file("/var/lib/dpkg/status", status);
    for name in ["q", "goose", "code-oss", "claude-test"] {
        machine.file(&format!("~/.local/bin/{name}"), "#!/bin/sh\n");
    }
    let entry = "[Desktop Entry]\nName=Cursor\nExec=/usr/bin/dia\n";
    machine.file("/usr/bin/dia", "ELF");
    machine.file("/usr/share/applications/cursor.desktop", entry);
    machine.file("/usr/share/applications/dia.desktop", entry);
    machine.file(
        "/usr/lib/node_modules/npm/package.json",
        r#"{"name":"npm"}"#,
    );
    machine.folder("/usr/lib/python3/dist-packages/llm_tools-1.dist-info");
    machine.folder("/usr/lib/python3/dist-packages/llm-1.egg-info");
    expect(&machine.apps(), &[]);
    expect(&machine.of_home(), &[]);
}

#[test]
fn apk_says_what_and_where() {
    let machine = Machine::new(Os::Linux);
    let installed = "C:Q1x=\nP:musl\nV:1.2.5-r9\n\nP:ollama\nV:0.12.3-r0\n\
                     m:Some Body <some@example.com>\nF:usr/bin\nR:ollama\nF:usr/lib/ollama\nR:a.so\n\n";
    machine.file("/lib/apk/db/installed", installed);
    machine.file("/usr/bin/ollama", "ELF");
    let apps = machine.apps();
    expect(&apps, &["ollama 0.12.3-r0 local_model apk /usr/bin/ollama"]);
    assert_eq!(apps[0].publisher.as_deref(), Some("Some Body"));
}

#[test]
fn snaps_and_flatpaks_say_which_version_runs() {
    let machine = Machine::new(Os::Linux);
    let yaml =
        "name: code\ntitle: Code\nversion: '1.116.2' # a comment\nsummary: s\n  version: 3\n";
    machine.file("/snap/code/201/meta/snap.yaml", yaml);
    machine.file("/snap/code/200/meta/snap.yaml", "version: 1.0\n");
    machine.link("/snap/code/current", "201");
    machine.folder("/snap/ollama/5/meta");
    machine.folder("/snap/codecov/1/meta");
    let app = "/var/lib/flatpak/app/dev.zed.Zed";
    machine.link(&format!("{app}/current"), "x86_64/stable");
    machine.link(&format!("{app}/x86_64/stable/active"), "abc");
    machine.file(
        &format!("{app}/x86_64/stable/abc/files/share/metainfo/dev.zed.Zed.metainfo.xml"),
        "<component><releases><release version=\"0.204.1\" date=\"2026-11-01\"/>\
         <release version=\"0.203.0\"/></releases></component>",
    );
    machine.folder("/var/lib/flatpak/app/dev.zed.ZedX/current/active");
    let home = "~/.local/share/flatpak/app/ai.jan.Jan";
    machine.folder(&format!("{home}/current/active/files"));
    // What is switched off has no current revision.
    expect(
        &machine.apps(),
        &[
            "vscode 1.116.2 editor snap /snap/code",
            "zed 0.204.1 editor flatpak /var/lib/flatpak/app/dev.zed.Zed",
        ],
    );
    expect(
        &machine.of_home(),
        &["jan - local_model flatpak ~/.local/share/flatpak/app/ai.jan.Jan"],
    );
}
