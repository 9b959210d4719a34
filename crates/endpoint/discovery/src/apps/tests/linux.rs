//! A developer's home on Linux.

use super::*;

fn package(machine: &Machine, modules: &str, name: &str, version: &str) {
    let manifest = format!(
        r#"{{"name": "{name}", "version": "{version}", "author": "Somebody <a@example.com> (x)"}}"#
    );
    machine.file(&format!("{modules}/{name}/package.json"), manifest);
}

#[test]
fn npm_is_found_wherever_its_packages_are() {
    let machine = Machine::new(Os::Linux);
    let codex = "@openai/codex";
    for (nth, modules) in [
        "~/.nvm/versions/node/v20.1.0/lib/node_modules",
        "~/.nvm/versions/node/v22.9.0/lib/node_modules",
        "~/.volta/tools/image/packages/@openai/codex/lib/node_modules",
        "~/.local/share/fnm/node-versions/v22/installation/lib/node_modules",
        "~/.asdf/installs/nodejs/22.1.0/lib/node_modules",
        "~/.local/share/mise/installs/npm-openai-codex/1.0/lib/node_modules",
        "~/.bun/install/global/node_modules",
        "~/.local/share/pnpm/global/5/node_modules",
        "~/.config/yarn/global/node_modules",
        "~/.npm-global/lib/node_modules",
        "~/own prefix/lib/node_modules",
    ]
    .iter()
    .enumerate()
    {
        package(&machine, modules, codex, &format!("0.{nth}.0"));
    }
    let token = "sk-0123456789abcdef";
    machine.file(
        "~/.npmrc",
        format!("//registry.example/:_authToken={token}\nprefix = ${{HOME}}/own prefix/\n"),
    );
    package(
        &machine,
        "/usr/lib/node_modules",
        "@google/gemini-cli",
        "0.40.1",
    );
    package(&machine, "/usr/lib/node_modules", "left-pad", "1.0.0");
    let apps = machine.of_home();
    let mut versions: Vec<_> = apps.iter().filter_map(|app| app.version.clone()).collect();
    versions.sort();
    assert_eq!(versions.len(), 11, "{:?}", lines(&apps));
    versions.dedup();
    assert_eq!(versions.len(), 11);
    assert!(
        apps.iter()
            .all(|app| app.publisher.as_deref() == Some("Somebody"))
    );
    assert!(apps.iter().all(|app| app.user.as_deref() == Some("ada")));
    let told = format!("{:?}", apps_of_home(&machine.places(), &machine.home()));
    assert!(!told.contains(token));
    expect(
        &machine.apps(),
        &["gemini-cli 0.40.1 cli npm /usr/lib/node_modules/@google/gemini-cli"],
    );
}

#[test]
fn a_link_of_pnpm_is_the_package_that_it_leads_to() {
    let machine = Machine::new(Os::Linux);
    let global = "~/.local/share/pnpm/global/5";
    let real = format!("{global}/.pnpm/opencode-ai@1.0/node_modules");
    package(&machine, &real, "opencode-ai", "1.0.0");
    let link = format!("{global}/node_modules/opencode-ai");
    machine.link(&link, "../.pnpm/opencode-ai@1.0/node_modules/opencode-ai");
    expect(
        &machine.of_home(),
        &["opencode 1.0.0 cli npm ~/.local/share/pnpm/global/5/node_modules/opencode-ai"],
    );
}

#[test]
fn python_tools_are_told_by_their_metadata() {
    let machine = Machine::new(Os::Linux);
    let pipx = "~/.local/share/pipx/venvs/aider-chat/lib/python3.12/site-packages";
    machine.file(
        &format!("{pipx}/aider_chat-0.86.1.dist-info/METADATA"),
        "Metadata-Version: 2.4\nName: aider-chat\nVersion: 0.86.1\nAuthor-email: Paul <p@example.com>\n\nVersion: 9\n",
    );
    let uv = "~/.local/share/uv/tools/llm/lib/python3.13/site-packages";
    machine.folder(&format!("{uv}/llm-0.28.dist-info"));
    machine.folder(&format!("{uv}/llm_gpt4all-0.4.dist-info"));
    machine.file(
        "/usr/local/lib/python3.11/dist-packages/vllm-0.11.0.dist-info/METADATA",
        "Name: vllm\nVersion: 0.11.0\n",
    );
    let apps = machine.of_home();
    expect(
        &apps,
        &[
            &*format!("aider 0.86.1 cli python {pipx}/aider_chat-0.86.1.dist-info"),
            &*format!("llm 0.28 cli python {uv}/llm-0.28.dist-info"),
        ],
    );
    assert_eq!(apps[0].publisher.as_deref(), Some("Paul"));
    assert_eq!(apps[1].publisher.as_deref(), Some("Simon Willison"));
    let site = "/usr/local/lib/python3.11/dist-packages/vllm-0.11.0.dist-info";
    expect(
        &machine.apps(),
        &[&*format!("vllm 0.11.0 local_model python {site}")],
    );
}

#[test]
fn vendors_installers_are_told_by_their_links() {
    let machine = Machine::new(Os::Linux);
    machine
        .file("~/.local/share/claude/versions/2.1.9", "ELF")
        .file("~/.local/share/claude/versions/2.1.10", "ELF")
        .link("~/.local/bin/claude", "../share/claude/versions/2.1.10")
        .file("~/.opencode/bin/opencode", "ELF")
        .link(
            "~/.codex/packages/standalone/current",
            "releases/0.158.0-x86_64-unknown-linux-musl",
        )
        .file(
            "~/.codex/packages/standalone/releases/0.158.0-x86_64-unknown-linux-musl/bin/codex",
            "ELF",
        )
        .link(
            "~/.local/bin/codex",
            "../../.codex/packages/standalone/current/bin/codex",
        )
        .file("~/.local/bin/goose", "ELF")
        .folder("~/.config/goose")
        .file("~/.local/bin/q", "somebody's script")
        .link(
            "~/.local/bin/cursor-agent",
            "../share/cursor-agent/versions/2026.05.28-418efe5/cursor-agent",
        )
        .file(
            "~/.local/share/cursor-agent/versions/2026.05.28-418efe5/cursor-agent",
            "ELF",
        );
    expect(
        &machine.of_home(),
        &[
            "claude-code 2.1.10 cli vendor ~/.local/bin/claude",
            "codex 0.158.0 cli vendor ~/.local/bin/codex",
            "cursor-agent 2026.05.28-418efe5 cli vendor ~/.local/bin/cursor-agent",
            "goose - cli vendor ~/.local/bin/goose",
            "opencode - cli vendor ~/.opencode/bin/opencode",
        ],
    );
}

#[test]
fn an_app_image_is_one_wherever_it_lies() {
    let machine = Machine::new(Os::Linux);
    let image = b"\x7fELF\x02\x01\x01\x00AI\x02\x00rest".as_slice();
    machine
        .file("~/Applications/Cursor-2.1.17-x86_64.AppImage", image)
        .file("~/Downloads/LM-Studio-0.3.30-5-x64.AppImage", image)
        .file("~/Downloads/jan-cloud-archive.AppImage", image)
        .file("~/Downloads/cursor-theme.AppImage", image)
        .file("~/Downloads/Msty_x86_64_amd64.AppImage", "a text")
        .file("~/.local/share/applications/cursor.desktop", "[Desktop Entry]\nName=Cursor\n\
              Exec=env X=1 \"/home/ada/Applications/Cursor-2.1.17-x86_64.AppImage\" --no-sandbox %U\n")
        .file("/data/AnythingLLMDesktop.AppImage", image)
        .file("~/.local/share/applications/any.desktop", "[Desktop Entry]\nName=Any\n\
              X-AppImage-Version=1.9.0\nExec=/data/AnythingLLMDesktop.AppImage\n[Desktop Action x]\nExec=/bin/sh\n");
    expect(
        &machine.of_home(),
        &[
            "anythingllm 1.9.0 local_model app_image /data/AnythingLLMDesktop.AppImage",
            "cursor 2.1.17 editor app_image ~/Applications/Cursor-2.1.17-x86_64.AppImage",
            "lm-studio 0.3.30 local_model app_image ~/Downloads/LM-Studio-0.3.30-5-x64.AppImage",
        ],
    );
    assert_eq!(
        machine.trouble(),
        ["~/Downloads/Msty_x86_64_amd64.AppImage broken no AppImage"]
    );
}

#[test]
fn extensions_of_editors_are_those_that_are_listed() {
    let machine = Machine::new(Os::Linux);
    machine
        .file(
            "~/.vscode/extensions/extensions.json",
            r#"[{"identifier": {"id": "GitHub.copilot"}, "version": "1.400.0",
                 "relativeLocation": "github.copilot-1.400.0",
                 "metadata": {"publisherDisplayName": "GitHub"}},
                7, {"identifier": 3},
                {"identifier": {"id": "anthropic.claude-code"}, "version": "2.1.7",
                 "location": {"path": "/home/ada/.vscode/extensions/anthropic.claude-code-2.1.7-linux-x64"}},
                {"identifier": {"id": "openai.chatgpt"}, "version": "1", "relativeLocation": "../../x"},
                {"identifier": {"id": "continue.continue"}, "relativeLocation": "gone-1.0.0"},
                {"identifier": {"id": "rust-lang.rust-analyzer"}, "relativeLocation": "rust-lang"}]"#,
        )
        .folder("~/.vscode/extensions/github.copilot-1.400.0")
        .folder("~/.vscode/extensions/github.copilot-1.399.0")
        .folder("~/.vscode/extensions/anthropic.claude-code-2.1.7-linux-x64")
        .folder("~/.vscode/extensions/rust-lang")
        .folder("~/.cursor/extensions/saoudrizwan.claude-dev-3.40.0-universal")
        .folder("~/.cursor/extensions/kilocode.kilo-code-4.1.0")
        .folder("~/.cursor/extensions/saoudrizwan.claude-dev-x-3.40.0")
        .file("~/.cursor/extensions/.obsolete", r#"{"kilocode.kilo-code-4.1.0": true}"#)
        .file(
            "/usr/share/code/resources/app/extensions/copilot/package.json",
            r#"{"publisher": "GitHub", "name": "copilot-chat", "version": "0.40.0"}"#,
        );
    let apps = machine.of_home();
    let folder = "~/.vscode/extensions";
    expect(
        &apps,
        &[
            &*format!(
                "claude-code 2.1.7 editor_extension extension {folder}/anthropic.claude-code-2.1.7-linux-x64"
            ),
            "cline 3.40.0-universal editor_extension extension ~/.cursor/extensions/saoudrizwan.claude-dev-3.40.0-universal",
            &*format!(
                "github-copilot 1.400.0 editor_extension extension {folder}/github.copilot-1.400.0"
            ),
        ],
    );
    let built_in = "/usr/share/code/resources/app/extensions/copilot";
    let all = lines(&machine.apps());
    let copilot = format!("github-copilot 0.40.0 editor_extension extension {built_in}");
    assert!(all.contains(&copilot), "{all:?}");
}

#[test]
fn plugins_of_jetbrains_say_their_version_in_a_library() {
    let machine = Machine::new(Os::Linux);
    machine
        .file("~/.local/share/JetBrains/GoLand2026.1/github-copilot-intellij/lib/github-copilot-intellij-1.6.0.jar", "")
        .folder("~/.local/share/JetBrains/GoLand2026.1/ml-llm/lib")
        .folder("~/.local/share/JetBrains/GoLand2026.1/vim/lib")
        .folder("/opt/idea/plugins/ml-llm/lib");
    let ide = "~/.local/share/JetBrains/GoLand2026.1";
    expect(
        &machine.of_home(),
        &[
            &*format!(
                "github-copilot 1.6.0 editor_extension extension {ide}/github-copilot-intellij"
            ),
            &*format!("jetbrains-ai - editor_extension extension {ide}/ml-llm"),
        ],
    );
    expect(
        &machine.apps(),
        &["jetbrains-ai - editor_extension extension /opt/idea/plugins/ml-llm"],
    );
}

#[test]
fn extensions_of_browsers_have_the_name_that_people_see() {
    let machine = Machine::new(Os::Linux);
    let claude = "~/.config/google-chrome/Default/Extensions/fcoeoabgfenejglbffodgkkbkcdhcgfn";
    let sider = "~/.var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser/Profile 2/Extensions/difoiogjjojoaoomphldepapgpbgkhkb";
    machine
        .file(&format!("{claude}/1.0.9_0/manifest.json"), r#"{"name": "old", "version": "1.0.9"}"#)
        .file(
            &format!("{claude}/1.0.36_0/manifest.json"),
            r#"{"name": "__MSG_appName__", "default_locale": "en", "version": "1.0.36",
                "author": {"name": "Anthropic PBC"}}"#,
        )
        .file(&format!("{claude}/1.0.36_0/_locales/en/messages.json"), r#"{"appname": {"message": "Claude"}}"#)
        .file(&format!("{sider}/5.1_0/manifest.json"), r#"{"name": "__MSG_x__", "default_locale": "../../../.."}"#)
        .folder("~/.config/google-chrome/Profile 1/Extensions/aapbdbdomjkkjkaonfhkkikfgjllcleb/2.0_0")
        .folder("~/.config/chromium/Default/Extensions/fcoeoabgfenejglbffodgkkbkcdhcgfn")
        .file(
            "~/snap/firefox/common/.mozilla/firefox/x.default/extensions.json",
            r#"{"addons": [3, {"id": "uBlock0@raymondhill.net"},
                {"id": "87677a2c52b84ad3a151a4a72f5bd3c4@jetpack", "version": "8.930.0",
                 "defaultLocale": {"name": "Grammarly: AI Writing", "creator": "Grammarly Inc"}}]}"#,
        );
    let apps = machine.of_home();
    expect(
        &apps,
        &[
            &*format!("claude-in-chrome 1.0.36 browser_extension extension {claude}"),
            "grammarly 8.930.0 browser_extension extension ~/snap/firefox/common/.mozilla/firefox/x.default/extensions/87677a2c52b84ad3a151a4a72f5bd3c4@jetpack.xpi",
            &*format!("sider 5.1 browser_extension extension {sider}"),
        ],
    );
    let names: Vec<_> = apps.iter().map(|app| &*app.name).collect();
    assert_eq!(names, ["Claude", "Grammarly: AI Writing", "Sider"]);
    assert_eq!(apps[0].publisher.as_deref(), Some("Anthropic PBC"));
}

#[test]
fn homebrew_says_which_version_is_linked() {
    let machine = Machine::new(Os::Linux);
    let brew = "/home/linuxbrew/.linuxbrew";
    machine
        .folder(&format!("{brew}/Cellar/gemini-cli/0.39.0"))
        .folder(&format!("{brew}/Cellar/gemini-cli/0.40.0"))
        .link(
            &format!("{brew}/opt/gemini-cli"),
            "../Cellar/gemini-cli/0.39.0",
        )
        .folder(&format!("{brew}/Cellar/llama.cpp/6900"))
        .folder(&format!("{brew}/Cellar/codex-tools/1"))
        .folder(&format!("{brew}/Caskroom/claude-code@latest/2.1.10"));
    expect(
        &machine.apps(),
        &[
            &*format!("claude-code 2.1.10 cli homebrew {brew}/Caskroom/claude-code@latest/2.1.10"),
            &*format!("gemini-cli 0.39.0 cli homebrew {brew}/Cellar/gemini-cli/0.39.0"),
            &*format!("llama-cpp 6900 local_model homebrew {brew}/Cellar/llama.cpp/6900"),
        ],
    );
}

#[test]
fn what_runs_leads_to_where_nobody_would_look() {
    let machine = Machine::new(Os::Linux);
    let image = b"\x7fELF\x02\x01\x01\x00AI\x02\x00rest".as_slice();
    package(
        &machine,
        "/work/shop/node_modules",
        "@openai/codex",
        "0.158.0",
    );
    package(
        &machine,
        "~/.local/share/pnpm/global/5/.pnpm/cline@3/node_modules",
        "cline",
        "3.0.65",
    );
    let link = "~/.local/share/pnpm/global/5/node_modules/cline";
    machine.link(link, "../.pnpm/cline@3/node_modules/cline");
    machine.file("/data/tools/Cursor-2.2.0.AppImage", image);
    machine.file("/data/tools/notes.AppImage", image);
    let process = |pid: u32, uid: u32, argv: &[&str], environ: &str| {
        let folder = format!("/proc/{pid}");
        machine.file(
            &format!("{folder}/status"),
            format!("Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"),
        );
        let rest = " 0".repeat(40);
        machine.file(&format!("{folder}/stat"), format!("{pid} (x) S 1{rest}\n"));
        machine.file(
            &format!("{folder}/cmdline"),
            format!("{}\0", argv.join("\0")),
        );
        machine.file(&format!("{folder}/environ"), environ);
        symlink("/usr/bin/node", machine.at(&format!("{folder}/exe"))).unwrap();
    };
    let pnpm = "/home/ada/.local/share/pnpm/global/5/.pnpm/cline@3/node_modules/cline/x.js";
    process(
        50,
        1000,
        &["node", "/work/shop/node_modules/@openai/codex/bin/codex.js"],
        "",
    );
    process(
        51,
        1000,
        &["node", pnpm],
        "A=1\0APPIMAGE=/data/tools/Cursor-2.2.0.AppImage\0",
    );
    process(
        52,
        1000,
        &["node", "/usr/lib/node_modules/opencode-ai/x.js"],
        "APPIMAGE=/data/tools/notes.AppImage",
    );
    process(
        53,
        1001,
        &["node", "/somebody/elses/node_modules/cline/x.js"],
        "",
    );
    process(
        54,
        1000,
        &["node", "/gone/node_modules/@github/copilot/x.js"],
        "APPIMAGE=../x",
    );
    package(&machine, "/somebody/elses/node_modules", "cline", "9.9.9");
    package(&machine, "/usr/lib/node_modules", "opencode-ai", "1.0.0");
    expect(
        &machine.of_home(),
        &[
            "cline 3.0.65 cli npm ~/.local/share/pnpm/global/5/node_modules/cline",
            "codex 0.158.0 cli npm /work/shop/node_modules/@openai/codex",
            "cursor 2.2.0 editor app_image /data/tools/Cursor-2.2.0.AppImage",
        ],
    );
}

#[test]
fn what_changes_when_apps_come_and_go_is_watched() {
    let machine = Machine::new(Os::Linux);
    machine
        .folder("~/.local/bin")
        .folder("~/.npm-global/lib/node_modules")
        .folder("~/.vscode/extensions")
        .folder("~/.config/chromium/Default/Extensions")
        .folder("~/Downloads")
        .file("/var/lib/dpkg/status", "");
    let watched = |home: Option<&Home>| {
        let found = crate::Found::default().with_apps(&machine.places(), home);
        let paths = found
            .watch
            .iter()
            .map(|path| path.to_str().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    let of_home = [
        "/home/ada/.config/chromium/Default/Extensions",
        "/home/ada/.local/bin",
        "/home/ada/.npm-global/lib/node_modules",
        "/home/ada/.vscode/extensions",
    ];
    assert_eq!(watched(Some(&machine.home())), of_home);
    assert_eq!(watched(None), ["/var/lib/dpkg/status"]);
}
