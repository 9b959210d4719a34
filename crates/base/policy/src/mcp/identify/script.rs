//! Runtimes of scripts, script files, and programs of their own.

use super::{
    Scheme, npm, shell,
    step::{Server, Step, World},
    words::{Options, Takes, base, program_name},
};

const NODE_TAKES: Takes = Takes::Only(&[
    "r",
    "require",
    "import",
    "loader",
    "experimental-loader",
    "C",
    "conditions",
    "env-file",
    "env-file-if-exists",
    "input-type",
    "title",
    "icu-data-dir",
    "openssl-config",
    "diagnostic-dir",
    "redirect-warnings",
    "watch-path",
    "tsconfig",
    "project",
    "P",
    "O",
    "compiler-options",
    "cwd",
    "exec",
    "x",
    "ext",
    "e",
    "eval",
    "p",
    "print",
]);
const BUN_TAKES: Takes = Takes::Only(&[
    "r",
    "preload",
    "require",
    "import",
    "c",
    "config",
    "cwd",
    "env-file",
    "d",
    "define",
    "filter",
    "F",
    "l",
    "loader",
    "tsconfig-override",
    "port",
    "conditions",
    "e",
    "eval",
    "p",
    "print",
]);
const DENO_TAKES: Takes = Takes::Only(&[
    "c",
    "config",
    "import-map",
    "importmap",
    "lock",
    "cert",
    "location",
    "seed",
    "ext",
    "preload",
    "port",
    "host",
    "L",
    "log-level",
    "node-modules-dir",
]);
/// Interpreters that take options and then a script.
const OTHERS: [&str; 7] = ["ruby", "perl", "php", "lua", "luajit", "rscript", "julia"];
/// Programs that build or fetch what they run, or run it elsewhere: their name says nothing.
const CLOSED: [&str; 23] = [
    "ssh",
    "nix",
    "nix-shell",
    "nix-run",
    "make",
    "gmake",
    "just",
    "task",
    "cargo",
    "gradle",
    "mvn",
    "ant",
    "bazel",
    "kubectl",
    "docker-compose",
    "podman-compose",
    "vagrant",
    "dnx",
    "script",
    "expect",
    "screen",
    "tmux",
    "xargs",
];
/// The npm command-line programs, as Node is told to run them.
const NODE_LAUNCHERS: [(&str, &str); 9] = [
    ("npx-cli.js", "npx"),
    ("npm-cli.js", "npm"),
    ("yarn.js", "yarn"),
    ("yarn.cjs", "yarn"),
    ("pnpm.cjs", "pnpm"),
    ("pnpm.mjs", "pnpm"),
    ("pnpx.cjs", "pnpx"),
    ("pnpx.mjs", "pnpx"),
    ("corepack.js", "corepack"),
];

pub(super) fn is_runtime(name: &str) -> bool {
    is_node(name)
        || matches!(name, "bun" | "deno" | "go" | "java" | "dotnet")
        || OTHERS.contains(&name)
        || CLOSED.contains(&name)
}

fn is_node(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    matches!(
        stem,
        "node" | "nodejs" | "tsx" | "ts-node" | "ts-node-esm" | "esno" | "nodemon"
    )
}

/// What a runtime is told to run.
pub(super) fn step(name: &str, args: &[String], world: &World<'_>) -> Option<Step> {
    match name {
        _ if is_node(name) => Some(node(args, world)),
        "bun" => Some(bun(args, world)),
        "deno" => Some(deno(args, world)),
        "go" => Some(go(args)),
        "java" => Some(java(args, world)),
        "dotnet" => Some(dotnet(args, world)),
        _ if OTHERS.contains(&name) => Some(other(args, world)),
        _ if CLOSED.contains(&name) => Some(Step::Opaque),
        _ => None,
    }
}

fn node(args: &[String], world: &World<'_>) -> Step {
    let options = Options::read(args, &NODE_TAKES);
    if options.has(&["e", "eval", "p", "print", "run"]) {
        return Step::Opaque;
    }
    let words = match options.rest.split_first() {
        Some((word, after)) if word == "watch" || word == "inspect" => after,
        _ => options.rest,
    };
    match words.split_first() {
        Some((script, args)) if script != "-" => javascript(script, args, world),
        _ => Step::Opaque,
    }
}

fn javascript(script: &str, args: &[String], world: &World<'_>) -> Step {
    let name = base(script).to_ascii_lowercase();
    let launcher = NODE_LAUNCHERS.iter().find(|(file, _)| *file == name);
    match launcher {
        Some((_, program)) => Step::of(program, args),
        None => Step::Is(file(script, args, world)),
    }
}

fn bun(args: &[String], world: &World<'_>) -> Step {
    let before = Options::read(args, &BUN_TAKES);
    if before.has(&["e", "eval", "p", "print"]) {
        return Step::Opaque;
    }
    let Some((word, after)) = before.rest.split_first() else {
        return Step::Opaque;
    };
    match word.as_str() {
        "x" => Step::of("bunx", after),
        "exec" => after
            .first()
            .map_or(Step::Opaque, |text| shell::script(text, &[])),
        "run" => {
            let options = Options::read(after, &BUN_TAKES);
            let folder = options.value(&["cwd"]).or_else(|| before.value(&["cwd"]));
            match options.rest.split_first() {
                Some((script, args)) if script.contains(['.', '/', '\\']) => {
                    javascript(script, args, &within(folder, world))
                }
                Some(_) => npm::project(folder, options.rest, world),
                None => Step::Opaque,
            }
        }
        script if script.contains(['.', '/', '\\']) => {
            javascript(script, after, &within(before.value(&["cwd"]), world))
        }
        _ => npm::project(before.value(&["cwd"]), before.rest, world),
    }
}

fn within<'a>(folder: Option<&str>, world: &World<'a>) -> World<'a> {
    World {
        home: world.home,
        look: world.look,
        folder: folder
            .map(|folder| world.path(folder))
            .or_else(|| world.folder.clone()),
    }
}

fn deno(args: &[String], world: &World<'_>) -> Step {
    let before = Options::read(args, &DENO_TAKES);
    let words = match before.rest.split_first() {
        Some((word, after)) if matches!(word.as_str(), "run" | "serve" | "x") => {
            Options::read(after, &DENO_TAKES).rest
        }
        Some((word, _)) if matches!(word.as_str(), "eval" | "task" | "repl" | "install") => &[],
        _ => before.rest,
    };
    match words.split_first() {
        Some((script, args)) if script.starts_with("npm:") || script.starts_with("jsr:") => {
            let spec = script
                .strip_prefix("npm:")
                .map(|spec| spec.trim_start_matches('/'));
            Step::Is(npm::package(spec.unwrap_or(script), args, world))
        }
        Some((script, args)) if script != "-" => Step::Is(file(script, args, world)),
        _ => Step::Opaque,
    }
}

/// `go run host/owner/name@v1` fetches a repository.
fn go(args: &[String]) -> Step {
    let Some((run, after)) = args.split_first() else {
        return Step::Opaque;
    };
    let options = Options::read(
        after,
        &Takes::Only(&["C", "exec", "tags", "mod", "modfile"]),
    );
    match options.rest.split_first() {
        Some((package, args))
            if run == "run" && package.contains('.') && !package.starts_with(['.', '/']) =>
        {
            let (place, version) = npm::name_and_version(package);
            Step::Is(Server::new(Scheme::Git, place.to_ascii_lowercase(), args).version(version))
        }
        _ => Step::Opaque,
    }
}

fn java(args: &[String], world: &World<'_>) -> Step {
    let at = args.iter().position(|word| word == "-jar");
    match at.and_then(|at| args.get(at + 1..)?.split_first()) {
        Some((archive, args)) => Step::Is(file(archive, args, world)),
        None => Step::Opaque,
    }
}

/// A built program; its other subcommands build one first.
fn dotnet(args: &[String], world: &World<'_>) -> Step {
    match args.split_first() {
        Some((word, after)) if word == "exec" => dotnet(after, world),
        Some((program, args)) if program.to_ascii_lowercase().ends_with(".dll") => {
            Step::Is(file(program, args, world))
        }
        _ => Step::Opaque,
    }
}

fn other(args: &[String], world: &World<'_>) -> Step {
    let options = Options::read(args, &Takes::Only(&["I", "r", "C"]));
    if options.has(&["e", "E"]) {
        return Step::Opaque;
    }
    match options.rest.split_first() {
        Some((script, args)) if script != "-" => Step::Is(file(script, args, world)),
        _ => Step::Opaque,
    }
}

/// A script, by the package that it belongs to, or else by its name and content.
pub(super) fn file(word: &str, args: &[String], world: &World<'_>) -> Server {
    let path = world.path(word);
    if let Some(package) = world.look.package_of(&path) {
        return Server::package(&package, args);
    }
    if let Some(name) = installed(&path) {
        return Server::new(Scheme::Npm, name, args);
    }
    if word.contains("://") && !word.starts_with("file:") {
        let url = super::url::normal(word).unwrap_or_else(|| clean(base(word)));
        return Server::new(Scheme::Path, url, args);
    }
    Server::new(
        Scheme::Path,
        by_content(&path, world).unwrap_or_else(|| clean(base(&path))),
        args,
    )
}

/// A program of its own.
pub(super) fn program(command: &str, args: &[String], world: &World<'_>) -> Server {
    let path = if command.contains(['/', '\\']) {
        world.path(command)
    } else {
        command.to_owned()
    };
    if let Some(package) = world.look.package_of(&path) {
        return Server::package(&package, args);
    }
    let name = base(&path);
    let name = if name.to_ascii_lowercase().ends_with(".exe") {
        &name[..name.len() - 4]
    } else {
        name
    };
    if let Some(owner) = world.look.owner_of(&path) {
        return Server::new(
            Scheme::Bin,
            format!("{}:{}", clean(&owner), clean(name)),
            args,
        );
    }
    if let Some(npm) = installed(&path) {
        return Server::new(Scheme::Npm, npm, args);
    }
    match by_content(&path, world) {
        Some(rest) => Server::new(Scheme::Path, rest, args),
        None => Server::new(Scheme::Bin, clean(name), args),
    }
}

fn by_content(path: &str, world: &World<'_>) -> Option<String> {
    let digest = world.look.digest_of(path)?;
    let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
    Some(format!(
        "{}+sha256:{}",
        clean(base(path)),
        digits.collect::<String>()
    ))
}

/// The package in whose folder a file lies, by the path alone.
fn installed(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let (_, inside) = path.rsplit_once("node_modules/")?;
    let mut parts = inside.split('/');
    let name = parts
        .next()
        .filter(|name| !name.is_empty() && !name.starts_with('.'))?;
    if name.starts_with('@') {
        let second = parts.next()?;
        parts.next().map(|_| format!("{name}/{second}"))
    } else {
        parts.next().map(|_| name.to_owned())
    }
}

/// The longest base name in an identity, in bytes.
const LONGEST_NAME: usize = 120;

/// A base name as it may stand in an identity.
fn clean(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if out.len() >= LONGEST_NAME {
            break;
        }
        out.push(if c.is_whitespace() || c.is_control() {
            '_'
        } else {
            c
        });
    }
    let program = program_name(&out);
    if program.is_empty() {
        "_".to_owned()
    } else {
        out
    }
}
