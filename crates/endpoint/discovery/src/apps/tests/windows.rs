//! Windows, its paths as data.

use super::*;

#[test]
fn folders_and_packages_tell_and_the_registry_is_owned_up_to() {
    let machine = Machine::new(Os::Windows);
    machine
        .file("~/AppData/Local/Programs/cursor/Cursor.exe", "MZ")
        .file(
            "~/AppData/Local/Programs/cursor/resources/app/package.json",
            r#"{"version": "2.1.17"}"#,
        )
        .folder("~/AppData/Local/Programs/Windsurf")
        .file("~/AppData/Local/AnthropicClaude/claude.exe", "MZ")
        .folder("~/AppData/Local/AnthropicClaude/app-0.14.10")
        .folder("~/AppData/Local/AnthropicClaude/app-0.14.9")
        .folder("~/AppData/Local/Packages/OpenAI.ChatGPT-Desktop_2p2nqsd0c76g0")
        .file(
            "~/scoop/apps/opencode/current/manifest.json",
            r#"{"version": "1.18.33"}"#,
        )
        .file(
            "~/scoop/apps/git/current/manifest.json",
            r#"{"version": "2"}"#,
        )
        .folder("/Program Files/WindowsApps/Claude_1.17282.0.0_x64__pzs8sxrjxfjjc")
        .folder("/Program Files/WindowsApps/Claude_1.0.0.0_x64__somebodyelse1")
        .file(
            "~/AppData/Roaming/npm/node_modules/@google/gemini-cli/package.json",
            r#"{"name": "@google/gemini-cli", "version": "0.40.1"}"#,
        );
    expect(
        &machine.of_home(),
        &[
            "chatgpt-desktop - desktop msix ~/AppData/Local/Packages/OpenAI.ChatGPT-Desktop_2p2nqsd0c76g0",
            "claude-desktop 0.14.10 desktop vendor ~/AppData/Local/AnthropicClaude",
            "cursor 2.1.17 editor vendor ~/AppData/Local/Programs/cursor",
            "gemini-cli 0.40.1 cli npm ~/AppData/Roaming/npm/node_modules/@google/gemini-cli",
            "opencode 1.18.33 cli vendor ~/scoop/apps/opencode/current",
        ],
    );
    expect(
        &machine.apps(),
        &[
            "claude-desktop 1.17282.0.0 desktop msix /Program Files/WindowsApps/Claude_1.17282.0.0_x64__pzs8sxrjxfjjc",
        ],
    );
    let told = machine.trouble();
    assert!(
        told.iter()
            .any(|row| row.ends_with("unreadable the registry is not read")),
        "{told:?}"
    );
}

#[test]
fn a_home_with_a_drive_is_the_same_home() {
    let machine = Machine::new(Os::Windows);
    machine.file("~/AppData/Local/Programs/jan/jan.exe", "MZ");
    let mut home = machine.home();
    home.path = "C:\\Users\\ada".into();
    let (apps, _) = apps_of_home(&machine.places(), &home);
    expect(
        &apps,
        &["jan - local_model vendor ~/AppData/Local/Programs/jan"],
    );
}
