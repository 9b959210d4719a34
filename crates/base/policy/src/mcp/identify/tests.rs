//! A table of launches and what they are, and what must hold for all.

mod respelled;

use crate::{Identified, Launch, Lookup, NoLookup, Package, PackageSource, identify};

const HOME: &str = "/home/ann";
const TABLE: &str = include_str!("../../../tests/golden/identities.txt");

/// The table's machine.
struct Machine;

impl Lookup for Machine {
    fn package_of(&self, path: &str) -> Option<Package> {
        let (source, name, version) = match path {
            "/home/ann/app/dist/index.js" | "/home/ann/app/package.json" => {
                (PackageSource::Npm, "app", "0.3.0")
            }
            "/home/ann/.venv/bin/weather" | "/data/p/.venv/bin/weather" => {
                (PackageSource::Python, "Weather_Server", "0.1")
            }
            _ => return None,
        };
        Some(Package {
            source,
            name: name.to_owned(),
            version: Some(version.to_owned()),
        })
    }

    fn owner_of(&self, path: &str) -> Option<String> {
        matches!(path, "/usr/bin/git-mcp" | "git-mcp").then(|| "dpkg:git".to_owned())
    }

    fn digest_of(&self, path: &str) -> Option<[u8; 32]> {
        match path {
            "/home/ann/evil.py" => Some([1; 32]),
            "/home/ann/bin/own" => Some([2; 32]),
            _ => None,
        }
    }

    fn package_of_module(&self, module: &str) -> Option<Package> {
        (module == "weather").then(|| Package {
            source: PackageSource::Python,
            name: "weather-server".to_owned(),
            version: Some("0.1".to_owned()),
        })
    }
}

/// Splits at spaces; single quotes keep words together, double quotes do too and may hold single ones.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '\'' | '"' => rest[1..].split_once(first).unwrap(),
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

fn launch(words: &[String]) -> Launch {
    match words {
        [kind, url] if kind == "url" => Launch::Remote { url: url.clone() },
        [command, args @ ..] => Launch::Local {
            command: command.clone(),
            args: args.to_vec(),
        },
        [] => panic!("no words"),
    }
}

fn what(text: &str) -> Identified {
    identify(&launch(&words(text)), Some(HOME), &Machine)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| row.rsplit_once(" -> ").unwrap())
}

#[test]
fn the_table_holds() {
    let mut wrong = Vec::new();
    for (text, expected) in rows() {
        let found = what(text);
        let identity = found.identity.as_str();
        let identity = if identity.starts_with("opaque:") {
            "opaque"
        } else {
            identity
        };
        let version = found
            .version
            .as_deref()
            .map(|version| format!(" {version}"));
        let found = format!("{identity}{}", version.unwrap_or_default());
        if found != expected {
            wrong.push(format!("{text}\n  is      {found}\n  and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows().count() >= 120);
}

#[test]
fn arguments_are_bound_to_the_server_and_not_to_what_stands_around() {
    let one = what("npx -y pkg /data --flag");
    for same in [
        "env A=b npx --yes pkg /data --flag",
        "bunx pkg /data --flag",
        "sh -c 'npx pkg /data --flag'",
        "npx pkg@2 /data --flag",
    ] {
        let other = what(same);
        assert_eq!(other.arguments, one.arguments, "{same}");
        assert_ne!(other.launch, one.launch, "{same}");
    }
    assert_ne!(what("npx -y pkg /other --flag").arguments, one.arguments);
    assert_ne!(what("npx -y pkg '/data --flag'").arguments, one.arguments);
}

#[test]
fn a_launch_hash_knows_no_home_no_secret_and_no_shim() {
    let one = what("npx -y pkg /home/ann/x --token abc");
    for same in [
        "/usr/bin/npx -y pkg /home/ann/x --token abc",
        "npx -y pkg ~/x --token other",
        "npx -y pkg $HOME/x --token other",
        "npx -y pkg /home/bob/x --token abc",
        "tidegate-edge mcp-run --config-of c --name n -- npx -y pkg /home/ann/x --token abc",
        "tidegate-edge mcp-run --name n -- tidegate-edge mcp-run --name m -- npx -y pkg ~/x --token a",
    ] {
        assert_eq!(what(same), one, "{same}");
    }
    assert_ne!(what("npx pkg /home/ann/x --token abc").launch, one.launch);
    assert_ne!(what("npx -y pkg /home/ann/x").launch, one.launch);
}

#[test]
fn a_wrapped_remote_server_is_the_remote_server() {
    let one = what("url https://mcp.example.com/sse");
    let wrapped = what("npx -y mcp-remote https://mcp.example.com/sse --header 'A: b'");
    assert_eq!(wrapped.identity, one.identity);
    assert_eq!(wrapped.arguments, one.arguments);
    // Whatever folder its path spells: `what` looks from the home `/home/ann`.
    let one = what("url https://mcp.example.com/home/ann");
    assert_eq!(one.identity.rest(), "https://mcp.example.com/home/ann");
    for same in [
        "npx -y mcp-remote https://mcp.example.com/home/ann",
        "https://mcp.example.com/home/ann",
    ] {
        assert_eq!(what(same).identity, one.identity, "{same}");
    }
}

#[test]
fn what_cannot_be_told_is_told_apart() {
    let one = what("sh -c 'a | b'");
    assert_eq!(what("env X=y sh -c 'a | b'").identity, one.identity);
    assert_ne!(what("sh -c 'a | c'").identity, one.identity);
    let rotated = what("sh -c 'TOKEN=a a | b'");
    assert_eq!(what("sh -c 'TOKEN=z a | b'").identity, rotated.identity);
}

#[test]
fn huge_launches_take_little_time() {
    let start = std::time::Instant::now();
    let long = "x".repeat(1 << 20);
    let quotes = "'\"$@\" ".repeat(1 << 16);
    let twice = "\"$@\" ".repeat(2_000);
    let grows = "sh -c \"$0\" \"$0$0$0$0$0$0$0$0\"".to_owned();
    let mut launches = vec![Launch::Remote {
        url: format!("https://{long}"),
    }];
    for args in [
        vec![long; 64],
        vec!["-c".to_owned(), twice, "sh".to_owned(), "sh".to_owned()],
        vec!["-c".to_owned(), quotes],
        vec!["-c".to_owned(), grows.clone(), grows],
        vec!["env".to_owned(); 100_000],
        vec!["-".repeat(1 << 20); 16],
        vec![
            "/home/".repeat(1 << 17),
            "://".repeat(1 << 17),
            "[".repeat(1 << 18),
        ],
    ] {
        for command in [
            "sh",
            "env",
            "npx",
            "python3",
            "docker",
            "node",
            "mcp-proxy",
            "cmd",
        ] {
            launches.push(Launch::Local {
                command: command.to_owned(),
                args: args.clone(),
            });
        }
    }
    for launch in &launches {
        let found = identify(launch, Some(HOME), &NoLookup);
        assert!(found.identity.as_str().len() <= 512);
    }
    // Generous: it takes far less, unless something grows faster than its input.
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}
