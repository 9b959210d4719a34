//! The catalogue: it reads, and it tells apps apart the way people would.

use super::*;
use crate::{Package, PackageSource};

fn app(facts: &ProcessFacts) -> String {
    Catalogue::builtin().app(facts).to_string()
}

fn executable(path: &str) -> ProcessFacts {
    ProcessFacts {
        executable: Some(path.into()),
        ..ProcessFacts::default()
    }
}

fn package(source: PackageSource, name: &str) -> ProcessFacts {
    ProcessFacts {
        package: Some(Package {
            source,
            name: name.into(),
            version: None,
        }),
        ..executable("/usr/bin/node")
    }
}

#[test]
fn the_compiled_catalogue_reads() {
    let read = Catalogue::parse(include_str!("../catalogue.toml")).unwrap();
    assert_eq!(&read, Catalogue::builtin());
    assert!(read.hosts().len() > 50 && read.apps().len() > 40);
}

#[test]
fn no_two_apps_share_a_piece_of_evidence() {
    let mut seen = std::collections::BTreeMap::new();
    for app in Catalogue::builtin().apps() {
        let lists = [
            ("npm", &app.npm),
            ("python", &app.python),
            ("bundle", &app.bundles),
            ("directory", &app.directories),
            ("script", &app.scripts),
            ("module", &app.modules),
            ("executable", &app.executables),
        ];
        for (sort, list) in lists {
            for entry in list {
                let other = seen.insert((sort, entry.clone()), &app.name);
                assert_eq!(other, None, "{sort} {entry} of {}", app.name);
            }
        }
    }
}

#[test]
fn no_two_apps_share_a_mark_of_their_installation() {
    let mut seen = std::collections::BTreeMap::new();
    for app in Catalogue::builtin().apps() {
        for mark in app.install.iter().flat_map(Install::marks) {
            let other = seen.insert(mark, &app.name);
            // One identifier, two apps: the name of the bundle tells them.
            let excused = mark == ("bundle", "com.openai.codex");
            assert!(other.is_none() || excused, "{mark:?} of {}", app.name);
        }
    }
    assert!(seen.len() > 150, "{}", seen.len());
}

#[test]
fn a_mark_that_is_not_exact_is_refused() {
    let parse = |install: &str| {
        Catalogue::parse(&format!(
            "hosts = []\n[[apps]]\nname = \"a\"\nvendor = \"A\"\nkind = \"tool\"\n[apps.install]\n{install}"
        ))
    };
    assert!(parse("title = \"A\"\npackages = [\"a\"]").is_ok());
    for bad in [
        "packages = [\"a\"]",
        "title = \"A\"",
        "title = \"A\"\npackages = [\"\"]",
        "title = \"A\"\npackages = [\"../a\"]",
        "title = \"A\"\nchromium_extensions = [\"abc\"]",
        "title = \"A\"\neditor_extensions = [\"GitHub.copilot\"]",
        "title = \"A\"\nvendor = [{ path = \"bin/a\" }]",
        "title = \"A\"\nvendor = [{ path = \"~/../a\" }]",
        "title = \"A\"\nnames = [\"a\"]",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn executables_are_told_by_their_base_name() {
    for (path, name) in [
        ("/usr/bin/curl", "curl"),
        ("/usr/bin/python3.12", "python"),
        ("/home/ada/.pyenv/versions/3.13.1/bin/python3", "python"),
        ("C:\\Program Files\\nodejs\\node.exe", "node"),
        ("/home/u/.local/share/claude/versions/2.1.3", "claude-code"),
        ("/usr/lib/node_modules/x/bin/claude.exe", "claude-code"),
        ("/opt/google/chrome/chrome", "chrome"),
        (
            "/snap/chromium/2900/usr/lib/chromium-browser/chrome",
            "chromium",
        ),
        ("/usr/share/code/code", "vscode"),
        ("/home/u/.vscode-server/bin/abc/node", "vscode"),
        ("/tmp/.mount_CursorX/usr/share/cursor/cursor", "cursor"),
        ("/usr/lib/firefox-esr/firefox-esr", "firefox"),
        (
            "/Applications/Claude.app/Contents/MacOS/Claude",
            "claude-desktop",
        ),
        // A name is a whole name.
        ("/usr/bin/curlftpfs", "unknown"),
        ("/opt/evil/notclaude", "unknown"),
        ("/opt/claude-2", "unknown"),
        ("/home/curl/app", "unknown"),
        ("", "unknown"),
    ] {
        assert_eq!(app(&executable(path)), name, "{path}");
    }
}

#[test]
fn a_package_outweighs_the_interpreter() {
    use PackageSource::{Npm, Python};
    for (source, text, name) in [
        (Npm, "@anthropic-ai/claude-code", "claude-code"),
        (
            Npm,
            "@anthropic-ai/claude-code-linux-x64-musl",
            "claude-code",
        ),
        (Npm, "@openai/codex", "codex"),
        (Npm, "@google/gemini-cli", "gemini-cli"),
        (Npm, "opencode-linux-x64", "opencode"),
        (Python, "aider_chat", "aider"),
        (Python, "Aider.Chat", "aider"),
        // Not a platform of it, and not an npm package.
        (Npm, "@openai/codex-sdk", "node"),
        (Npm, "aider-chat", "node"),
        (Npm, "left-pad", "node"),
    ] {
        assert_eq!(app(&package(source, text)), name, "{text}");
    }
}

#[test]
fn stronger_evidence_wins_whatever_the_order() {
    let mut facts = package(PackageSource::Npm, "@openai/codex");
    facts.executable = Some("/usr/share/code/code".into());
    assert_eq!(app(&facts), "codex");
    facts.package = None;
    assert_eq!(app(&facts), "vscode");
    facts.bundle = Some("org.mozilla.firefox".into());
    assert_eq!(app(&facts), "firefox");
}

#[test]
fn scripts_and_modules_are_told() {
    let mut facts = executable("/usr/bin/python3");
    facts.module = Some("aider".into());
    assert_eq!(app(&facts), "aider");
    facts.module = Some("aiderx".into());
    assert_eq!(app(&facts), "python");
    facts.script = Some("/home/u/.local/bin/aider".into());
    assert_eq!(
        (&*app(&facts), facts.program()),
        ("aider", Some("/home/u/.local/bin/aider"))
    );
}

#[test]
fn the_default_policy_governs_models_and_nothing_else() {
    let document = Catalogue::builtin().default_document(1);
    let governs = |name: &str| document.governs(&name.parse().unwrap());
    assert!(governs("api.anthropic.com") && governs("claude.ai") && governs("api.x.ai"));
    assert!(governs("api.individual.githubcopilot.com") && governs("me.openai.azure.com"));
    assert!(!governs("downloads.claude.ai") && !governs("github.com"));
    assert!(!governs("authenticate.cursor.sh") && !governs("googleapis.com"));
    let surface = |name: &str| Catalogue::builtin().surface(&name.parse().unwrap());
    assert_eq!(surface("api.anthropic.com"), Surface::AnthropicApi);
    assert_eq!(surface("chatgpt.com"), Surface::ChatgptWeb);
    assert_eq!(surface("example.com"), Surface::Other);
}

#[test]
fn bad_catalogues_are_refused_by_name() {
    let twice = "hosts = []\n[[apps]]\nname = 'a'\nvendor = 'v'\nkind = 'cli'\nnpm = ['x']\n";
    let twice = format!("{twice}{}", &twice[twice.find("[[").unwrap()..]);
    let error = |text: &str| Catalogue::parse(text).unwrap_err().to_string();
    assert_eq!(error(&twice), "the catalogue names `a` twice");
    for evidence in [
        "",
        "directories = ['x']",
        "scripts = ['/']",
        "executables = ['Claude']",
        "npm = ['']",
    ] {
        let text =
            format!("hosts = []\n[[apps]]\nname = 'a'\nvendor = 'v'\nkind = 'cli'\n{evidence}\n");
        assert!(error(&text).contains("no evidence"), "{evidence}");
    }
    assert!(error("hosts = []\napps = []\nmore = 1").contains("cannot be read"));
}

#[test]
fn entries_can_be_looked_up() {
    let id = "claude-code".parse().unwrap();
    let entry = Catalogue::builtin().describe(&id).unwrap();
    assert_eq!((&*entry.vendor, entry.kind), ("Anthropic", AppKind::Cli));
    assert_eq!(Catalogue::builtin().describe(&AppId::unknown()), None);
}
