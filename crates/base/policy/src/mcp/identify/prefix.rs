//! Programs that only start another one: `env`, `sudo`, `timeout 5`, `mise x --`.

use super::{
    shell,
    step::Step,
    words::{Options, Takes, after_assignments},
};

/// How a program is called that starts another one.
struct Prefix {
    names: &'static [&'static str],
    /// The subcommand that does so, where there are others.
    subcommands: &'static [&'static str],
    takes: &'static [&'static str],
    /// Operands before the command.
    operands: usize,
}

const fn plain(names: &'static [&'static str]) -> Prefix {
    with(names, &[], 0)
}

const fn with(
    names: &'static [&'static str],
    takes: &'static [&'static str],
    operands: usize,
) -> Prefix {
    Prefix {
        names,
        subcommands: &[],
        takes,
        operands,
    }
}

const fn sub(
    names: &'static [&'static str],
    subcommands: &'static [&'static str],
    takes: &'static [&'static str],
    operands: usize,
) -> Prefix {
    Prefix {
        names,
        subcommands,
        takes,
        operands,
    }
}

/// As their manuals have it.
const PREFIXES: &[Prefix] = &[
    with(
        &["sudo", "doas"],
        &[
            "u",
            "user",
            "g",
            "group",
            "h",
            "host",
            "p",
            "prompt",
            "C",
            "close-from",
            "r",
            "role",
            "t",
            "type",
            "T",
            "command-timeout",
            "D",
            "chdir",
            "R",
            "chroot",
            "U",
            "other-user",
        ],
        0,
    ),
    with(
        &["runuser", "setpriv"],
        &["u", "user", "g", "group", "G", "supp-group", "s", "shell"],
        0,
    ),
    with(&["nice"], &["n", "adjustment"], 0),
    with(&["ionice"], &["c", "class", "n", "classdata"], 0),
    with(&["chrt"], &["T", "P", "D"], 1),
    with(&["taskset", "faketime"], &[], 1),
    with(&["chroot"], &["userspec", "groups"], 1),
    with(
        &["timeout", "gtimeout"],
        &["k", "kill-after", "s", "signal"],
        1,
    ),
    with(
        &["stdbuf", "gstdbuf"],
        &["i", "input", "o", "output", "e", "error"],
        0,
    ),
    with(&["time", "gtime"], &["f", "format", "o", "output"], 0),
    with(&["exec"], &["a"], 0),
    with(
        &["strace", "ltrace"],
        &["e", "o", "s", "p", "u", "E", "P", "a", "S", "I", "O", "b"],
        0,
    ),
    with(&["caffeinate"], &["t", "w"], 0),
    with(
        &["xvfb-run"],
        &["n", "s", "f", "e", "p", "w", "server-num", "server-args"],
        0,
    ),
    with(
        &["systemd-run"],
        &[
            "p",
            "property",
            "u",
            "unit",
            "E",
            "setenv",
            "M",
            "machine",
            "slice",
            "description",
            "uid",
            "gid",
            "nice",
            "working-directory",
            "H",
            "host",
            "service-type",
        ],
        0,
    ),
    with(&["systemd-inhibit"], &["what", "who", "why", "mode"], 0),
    with(
        &["env-cmd"],
        &["f", "file", "r", "rc-file", "e", "environments"],
        0,
    ),
    with(&["dotenv"], &["e", "c", "v", "p", "f", "file"], 0),
    plain(&[
        "nohup",
        "setsid",
        "command",
        "builtin",
        "call",
        "unbuffer",
        "busybox",
        "toybox",
        "dbus-run-session",
        "catchsegv",
        "linux32",
        "linux64",
        "prlimit",
        "unshare",
        "cross-env",
        "proxychains",
        "proxychains4",
        "torsocks",
        "torify",
        "corepack",
        "flatpak-spawn",
        "winpty",
    ]),
    sub(&["direnv"], &["exec"], &[], 1),
    sub(
        &["aws-vault", "chamber"],
        &["exec"],
        &["d", "duration", "region"],
        1,
    ),
    sub(&["op", "doppler", "infisical", "teller"], &["run"], &[], 0),
    sub(
        &["dotenv", "dotenvx"],
        &["run"],
        &["f", "env-file", "e", "env"],
        0,
    ),
    sub(&["volta"], &["run"], &["node", "npm", "pnpm", "yarn"], 0),
    sub(&["fnm"], &["exec"], &["using", "fnm-dir"], 0),
    sub(&["nvm"], &["exec", "run"], &[], 1),
    sub(&["asdf", "bundle"], &["exec"], &[], 0),
    sub(
        &["mise", "rtx"],
        &["exec", "x"],
        &["C", "cd", "j", "jobs", "E", "env"],
        0,
    ),
    sub(
        &["poetry", "pdm", "hatch", "rye", "pipenv", "pixi"],
        &["run"],
        &["C", "directory", "p", "project", "e", "environment"],
        0,
    ),
    sub(
        &["conda", "mamba", "micromamba"],
        &["run"],
        &["n", "name", "p", "prefix", "cwd"],
        0,
    ),
    sub(&["wsl"], &["-e", "--exec"], &[], 0),
];

/// Whether a program only starts others, so that a command line may begin with it.
pub(super) fn is_prefix(name: &str) -> bool {
    name == "env" || name == "eval" || PREFIXES.iter().any(|prefix| prefix.names.contains(&name))
}

/// What stands behind the prefix, where there is one.
pub(super) fn off(name: &str, args: &[String]) -> Option<Step> {
    match name {
        "env" | "genv" => return Some(env(args)),
        "eval" => return Some(shell::script(&args.join(" "), &[])),
        "wsl" if args.iter().any(|word| word == "--") => return Some(after_dashes(args)),
        _ if is_loader(name) => {
            const TAKES: Takes =
                Takes::Only(&["library-path", "preload", "audit", "argv0", "inhibit-rpath"]);
            return Some(Step::inside(Options::read(args, &TAKES).rest));
        }
        _ => {}
    }
    let fits = |prefix: &&Prefix| {
        prefix.names.contains(&name)
            && (prefix.subcommands.is_empty() || subcommand(prefix, args).is_some())
    };
    let prefix = PREFIXES.iter().find(fits)?;
    let args = match subcommand(prefix, args) {
        Some(at) => args.get(at + 1..).unwrap_or_default(),
        None => args,
    };
    if !prefix.subcommands.is_empty() && args.iter().any(|word| word == "--") {
        return Some(after_dashes(args));
    }
    let options = Options::read(args, &Takes::Only(prefix.takes));
    let words = options.rest.get(prefix.operands..).unwrap_or_default();
    let words = after_assignments(words);
    let words = match words.split_first() {
        Some((dashes, after)) if dashes == "--" => after,
        _ => words,
    };
    Some(match options.value(&["D", "chdir"]) {
        Some(folder) if name == "sudo" && !words.is_empty() => {
            Step::InsideAt(folder.to_owned(), words.to_vec())
        }
        _ => Step::inside(words),
    })
}

/// Where the subcommand stands: first, or behind flags that have no value of their own.
fn subcommand(prefix: &Prefix, args: &[String]) -> Option<usize> {
    let at = args
        .iter()
        .position(|word| !word.starts_with('-') || prefix.subcommands.contains(&word.as_str()))?;
    let word = args.get(at)?;
    prefix.subcommands.contains(&word.as_str()).then_some(at)
}

fn after_dashes(args: &[String]) -> Step {
    let at = args.iter().position(|word| word == "--");
    let after = at.and_then(|at| args.get(at + 1..));
    Step::inside(after.unwrap_or_default())
}

/// The dynamic loader runs a program that it is given.
fn is_loader(name: &str) -> bool {
    name.starts_with("ld-linux") || name.starts_with("ld-musl") || name.starts_with("ld.so")
}

/// POSIX.1-2024 `env`, and what GNU's has besides.
fn env(args: &[String]) -> Step {
    const TAKES: Takes = Takes::Only(&["u", "unset", "C", "chdir", "S", "split-string", "P"]);
    let options = Options::read(args, &TAKES);
    let mut rest = options.rest;
    while let Some((word, after)) = rest.split_first()
        && (word == "-" || word == "--")
    {
        rest = after;
    }
    let mut words = Vec::new();
    if let Some(text) = options.value(&["S", "split-string"]) {
        match shell::split(text, &[]).as_deref() {
            Some([one]) => words.extend(one.iter().cloned()),
            _ => return Step::Opaque,
        }
    }
    words.extend(rest.iter().cloned());
    let words = after_assignments(&words);
    match options.value(&["C", "chdir"]) {
        Some(folder) if !words.is_empty() => Step::InsideAt(folder.to_owned(), words.to_vec()),
        _ => Step::inside(words),
    }
}
