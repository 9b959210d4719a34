//! A Mac.

use super::*;

fn info(id: &str, version: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\"><dict>\
         <!-- <key>CFBundleIdentifier</key><string>no</string> -->\
         <key>CFBundleDocumentTypes</key><array><dict><key>CFBundleIdentifier</key>\
         <string>nested</string></dict></array>\
         <key>CFBundleIdentifier</key><string>{id}</string>\
         <key>LSMinimumSystemVersion</key><string>12.0</string><key>NSHigh</key><true/>\
         <key>CFBundleShortVersionString</key><string>{version}</string></dict></plist>"
    )
}

#[test]
fn bundles_are_told_by_identifier_and_name() {
    let machine = Machine::new(Os::Macos);
    for (path, id, version) in [
        (
            "/Applications/Claude.app",
            "com.anthropic.claudefordesktop",
            "1.17282.0",
        ),
        (
            "/Applications/ChatGPT.app",
            "com.openai.codex",
            "26.707.91948",
        ),
        ("/Applications/Codex.app", "com.openai.codex", "26.623.1"),
        (
            "/Applications/Setapp/Cursor.app",
            "com.todesktop.230313mzl4w4u92",
            "2.1.17",
        ),
        ("/Applications/Dia Diagrams.app", "org.gnome.dia", "0.97"),
        (
            "~/Applications/LM Studio.app",
            "ai.elementlabs.lmstudio",
            "0.3.30",
        ),
    ] {
        machine.file(&format!("{path}/Contents/Info.plist"), info(id, version));
    }
    machine.file("/Applications/Broken.app/Contents/Info.plist", "not a list");
    expect(
        &machine.apps(),
        &[
            "chatgpt-desktop 26.707.91948 desktop bundle /Applications/ChatGPT.app",
            "claude-desktop 1.17282.0 desktop bundle /Applications/Claude.app",
            "codex 26.623.1 desktop bundle /Applications/Codex.app",
            "cursor 2.1.17 editor bundle /Applications/Setapp/Cursor.app",
        ],
    );
    expect(
        &machine.of_home(),
        &["lm-studio 0.3.30 local_model bundle ~/Applications/LM Studio.app"],
    );
    let (_, coverage) = apps_of_machine(&machine.places());
    let broken = "/Applications/Broken.app/Contents/Info.plist broken no property list";
    assert_eq!(trouble(&coverage), [broken]);
}

#[test]
fn a_cask_and_its_bundle_are_one() {
    let machine = Machine::new(Os::Macos);
    let plist = info("com.anthropic.claudefordesktop", "1.17300.0");
    machine.file("/Applications/Claude.app/Contents/Info.plist", plist);
    machine.link(
        "/opt/homebrew/Caskroom/claude/1.17282.0,22fd1c13/Claude.app",
        "/Applications/Claude.app",
    );
    // Its app is in the bin.
    machine.link(
        "/opt/homebrew/Caskroom/cursor/2.1/Cursor.app",
        "/Applications/Cursor.app",
    );
    let shown = lines(&machine.apps());
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(
        shown[0].starts_with("claude-desktop 1.17282.0 desktop homebrew "),
        "{shown:?}"
    );
}

#[test]
fn a_developers_home_on_a_mac() {
    let machine = Machine::new(Os::Macos);
    let chrome = "~/Library/Application Support/Google/Chrome/Default/Extensions";
    let id = "hlgbcneanomplepojfcnclggenpcoldo";
    let ide = "~/Library/Application Support/JetBrains/WebStorm2026.1/plugins";
    machine
        .file(
            &format!("{chrome}/{id}/1.0.21_0/manifest.json"),
            r#"{"name": "Perplexity"}"#,
        )
        .file("~/.local/share/claude/versions/2.1.10", "Mach-O")
        .link("~/.local/bin/claude", "../share/claude/versions/2.1.10")
        .folder(&format!("{ide}/ml-llm/lib"))
        .file(
            "~/Library/pnpm/global/5/node_modules/@openai/codex/package.json",
            r#"{"name": "@openai/codex", "version": "0.158.0"}"#,
        );
    expect(
        &machine.of_home(),
        &[
            "claude-code 2.1.10 cli vendor ~/.local/bin/claude",
            "codex 0.158.0 cli npm ~/Library/pnpm/global/5/node_modules/@openai/codex",
            &*format!("jetbrains-ai - editor_extension extension {ide}/ml-llm"),
            &*format!("perplexity 1.0.21 browser_extension extension {chrome}/{id}"),
        ],
    );
}
