//! Launches by chance: another spelling is the same server, and no credential comes out.

use proptest::prelude::*;

use super::{HOME, Machine};
use crate::{Identified, Launch, identify};

fn local(words: &[String]) -> Identified {
    let (command, args) = words.split_first().unwrap();
    let launch = Launch::Local {
        command: command.clone(),
        args: args.to_vec(),
    };
    identify(&launch, Some(HOME), &Machine)
}

fn list(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Servers in several spellings each.
fn server() -> impl Strategy<Value = (Vec<String>, &'static str)> {
    prop::sample::select(vec![
        ("npx -y @s/p /data", "npm:@s/p"),
        ("pnpm dlx @s/p@2", "npm:@s/p"),
        ("uvx --from tool x", "pypi:tool"),
        (
            "python3 -u /home/ann/evil.py",
            "path:evil.py+sha256:0101010101010101",
        ),
        ("docker run -i mcp/git:1", "oci:mcp/git"),
        (
            "npx mcp-remote http://h.example/x/",
            "url:https://h.example/x",
        ),
        ("/usr/bin/git-mcp --x", "bin:dpkg:git:git-mcp"),
    ])
    .prop_map(|(text, identity)| (list(text), identity))
}

#[derive(Debug, Clone)]
enum Around {
    Before(Vec<String>),
    Shell(Vec<String>),
}

fn around() -> impl Strategy<Value = Around> {
    let before = prop::sample::select(vec![
        "env",
        "env A=b C=d",
        "env -u X --",
        "/usr/bin/env -i",
        "nice -n 5",
        "timeout -k 1 9",
        "nohup",
        "setsid",
        "sudo -u ann -E",
        "stdbuf -oL",
        "time",
        "exec",
        "exec -a x",
        "busybox",
        "mise x --",
        "tidegate-edge mcp-run --config-of a --name b --",
        "uv run",
        "ionice -c 3",
        "npx -p x",
    ]);
    let shell = prop::sample::select(vec!["sh -c", "bash -lc", "/bin/dash -e -c", "env zsh -c"]);
    prop_oneof![
        before.prop_map(|text| Around::Before(list(text))),
        shell.prop_map(|text| Around::Shell(list(text))),
    ]
}

/// Every word in single quotes, as a shell reads it back.
fn quoted(words: &[String]) -> String {
    let quote = |word: &String| format!("'{}'", word.replace('\'', "'\\''"));
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_stands_around_changes_nothing(
        (mut words, identity) in server(),
        around in prop::collection::vec(around(), 0..5),
    ) {
        // `npx -p x git-mcp` starts a program of `x`: only launchers are looked for behind it.
        let bare = identity.starts_with("bin:");
        let plain = local(&words);
        for layer in around {
            match layer {
                Around::Before(before) if bare && before[0] == "npx" => {}
                Around::Before(before) => words.splice(0..0, before).for_each(drop),
                Around::Shell(shell) => {
                    let script = quoted(&words);
                    words = shell;
                    words.push(script);
                }
            }
        }
        let found = local(&words);
        prop_assert_eq!(found.identity.as_str(), identity, "{:?}", words);
        prop_assert_eq!(found.arguments, plain.arguments);
        prop_assert_eq!(found.version, plain.version);
    }

    #[test]
    fn no_credential_comes_out(
        secret in "(ghp_|sk-)?[A-Za-z0-9]{32,40}",
        shape in prop::sample::select(vec![
            "npx @", "npx -y @s/@", "npx p@%", "npx -y p --token @", "uvx @", "uvx --from git+https://x.example/@/r t",
            "python -m @", "node /x/@/@", "docker run @", "docker run -e A=@ i", "@", "sh -c @", "sh -c A=@",
            "/opt/@/x", "npx mcp-remote https://h.example/@?x=@", "env @=1 npx p", "deno run https://h.example/@.ts",
            "npx -y https://@:x@h.example/p", "npx owner/@#@", "go run h.example/@", "uvx p==@",
        ]),
    ) {
        let words = list(&shape.replace('@', &secret).replace('%', &format!("@{secret}")));
        let found = local(&words);
        prop_assert!(!format!("{found:?}").contains(&secret), "{found:?}");
    }

    #[test]
    fn any_words_are_something(words in prop::collection::vec(
        prop_oneof![
            4 => prop::sample::select(vec![
                "npx", "-y", "-p", "sh", "-c", "env", "A=b", "--", "uvx", "--from", "python3", "-m", "docker",
                "run", "node", "mcp-remote", "https://h/x", "uv", "@", "\"$@\"", "a/b", "git+", "-", "/", "@/@",
                "cmd", "/c", "powershell", "supergateway", "--stdio", "'", "\"", "$0", "a && b", "bun", "x",
                "deno", "npm:", "jsr:", "go", "pipx", "tidegate-edge", "mcp-run", "a@b:c/d", "://", "eval",
            ]).prop_map(str::to_owned),
            1 => "\\PC{0,12}",
        ],
        1..12,
    )) {
        let found = local(&words);
        let text = found.identity.as_str();
        prop_assert_eq!(text.parse::<crate::McpIdentity>().ok(), Some(found.identity.clone()));
        prop_assert!(!text.contains("/home/ann"));
        prop_assert_eq!(local(&words), found);
    }

    #[test]
    fn any_url_is_something(url in "(https?|HTTP|ws)?:?/{0,3}\\PC{0,40}") {
        let found = identify(&Launch::Remote { url }, None, &crate::NoLookup);
        // What is in its one form stays in it.
        if found.identity.scheme() == crate::Scheme::Url {
            let again = Launch::Remote { url: found.identity.rest().to_owned() };
            prop_assert_eq!(identify(&again, None, &crate::NoLookup).identity, found.identity);
        }
    }
}
