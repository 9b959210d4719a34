//! Launchers of Python packages, interpreters, and what they call a package (PEP 508, PEP 503).

use super::{
    Scheme, git, script,
    step::{Server, Step, World},
    words::{Options, Takes, base, program_name},
};

/// Options of uv that take a value.
const UV_TAKES: Takes = Takes::Only(&[
    "from",
    "with",
    "w",
    "with-editable",
    "with-requirements",
    "p",
    "python",
    "i",
    "index-url",
    "index",
    "default-index",
    "extra-index-url",
    "f",
    "find-links",
    "directory",
    "project",
    "env-file",
    "cache-dir",
    "config-file",
    "P",
    "upgrade-package",
    "refresh-package",
    "reinstall-package",
    "no-binary-package",
    "no-build-package",
    "no-build-isolation-package",
    "no-sources-package",
    "resolution",
    "prerelease",
    "keyring-provider",
    "link-mode",
    "exclude-newer",
    "exclude-newer-package",
    "C",
    "config-setting",
    "config-settings-package",
    "index-strategy",
    "fork-strategy",
    "c",
    "constraints",
    "constraint",
    "b",
    "build-constraints",
    "overrides",
    "override",
    "allow-insecure-host",
    "trusted-host",
    "color",
    "python-platform",
    "python-preference",
    "torch-backend",
    "group",
    "extra",
    "only-group",
    "no-group",
    "no-extra",
    "package",
    "prune",
    "m",
    "module",
    "lfs",
]);
const PIPX_TAKES: Takes = Takes::Only(&[
    "spec",
    "python",
    "pip-args",
    "index-url",
    "i",
    "suffix",
    "backend",
    "with",
]);
const PYTHON_TAKES: Takes = Takes::Only(&["W", "X", "m", "c", "check-hash-based-pycs"]);

pub(super) fn is_launcher(name: &str) -> bool {
    matches!(name, "uv" | "uvx" | "pipx") || is_python(name)
}

/// `python`, `python3.12`, `pypy3`, and Windows' `py` and `pythonw`.
fn is_python(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let stem = stem
        .strip_suffix('t')
        .filter(|stem| stem.ends_with(char::is_numeric))
        .unwrap_or(stem);
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(stem, "python" | "pythonw" | "py" | "pyw" | "pypy")
}

pub(super) fn step(name: &str, args: &[String], world: &World<'_>) -> Option<Step> {
    match name {
        "uvx" => Some(tool_run(args, world)),
        "uv" => Some(uv(args, world)),
        "pipx" => Some(pipx(args, world)),
        _ if is_python(name) => Some(python(args, world)),
        _ => None,
    }
}

fn tool_run(args: &[String], world: &World<'_>) -> Step {
    let options = Options::read(args, &UV_TAKES);
    let Some((command, rest)) = options.rest.split_first() else {
        return match options.value(&["from"]) {
            Some(from) => Step::Is(package(from, &[], world)),
            None => Step::Opaque,
        };
    };
    // `uvx --with X python …` has packages at hand and runs what follows.
    if super::starts_others(&program_name(command)) {
        return Step::inside(options.rest);
    }
    Step::Is(package(
        options.value(&["from"]).unwrap_or(command),
        rest,
        world,
    ))
}

/// `uv tool run`, `uv run`, with options on both sides.
fn uv(args: &[String], world: &World<'_>) -> Step {
    let before = Options::read(args, &UV_TAKES);
    let Some((subcommand, after)) = before.rest.split_first() else {
        return Step::Opaque;
    };
    match (subcommand.as_str(), after.split_first()) {
        ("tool", Some((run, after))) if run == "run" => tool_run(after, world),
        ("x", _) => tool_run(after, world),
        ("run", _) => {
            let options = Options::read(after, &UV_TAKES);
            let names = ["directory", "project"];
            let folder = options.value(&names).or_else(|| before.value(&names));
            run(&options, folder, world)
        }
        _ => Step::Opaque,
    }
}

/// What `uv run` starts: a script, a module, a program of the project, or anything on the path.
fn run(options: &Options<'_>, folder: Option<&str>, world: &World<'_>) -> Step {
    let place = World {
        home: world.home,
        look: world.look,
        folder: folder
            .map(|folder| world.path(folder))
            .or_else(|| world.folder.clone()),
    };
    if let Some(name) = options.value(&["m", "module"]) {
        return module(name, options.rest, &place);
    }
    let Some((command, args)) = options.rest.split_first() else {
        return Step::Opaque;
    };
    let inside = |words: &[String]| match &place.folder {
        Some(folder) => Step::InsideAt(folder.clone(), words.to_vec()),
        None => Step::inside(words),
    };
    let name = program_name(command);
    if super::starts_others(&name) || super::wrapper::is_runner(&name) {
        return inside(options.rest);
    }
    if options.has(&["s", "script", "gui-script"]) || command.ends_with(".py") {
        return Step::Is(script::file(command, args, &place));
    }
    if command.contains("://") {
        return Step::Is(script::file(command, args, &place));
    }
    if command.contains(['/', '\\']) {
        return inside(options.rest);
    }
    // A program of the project's own environment, or else of a package of the same name.
    let program = format!(".venv/bin/{command}");
    let found = place
        .folder
        .as_ref()
        .and_then(|_| place.look.package_of(&place.path(&program)));
    Step::Is(match found {
        Some(found) => Server::package(&found, args),
        None => Server::new(Scheme::Pypi, normal(command), args),
    })
}

fn pipx(args: &[String], world: &World<'_>) -> Step {
    let before = Options::read(args, &PIPX_TAKES);
    let Some((subcommand, after)) = before.rest.split_first() else {
        return Step::Opaque;
    };
    if subcommand != "run" {
        return Step::Opaque;
    }
    let options = Options::read(after, &PIPX_TAKES);
    match (options.value(&["spec"]), options.rest.split_first()) {
        (Some(spec), rest) => {
            let args = rest.map(|(_, args)| args).unwrap_or_default();
            Step::Is(package(spec, args, world))
        }
        (None, Some((command, args))) => Step::Is(package(command, args, world)),
        (None, None) => Step::Opaque,
    }
}

fn python(args: &[String], world: &World<'_>) -> Step {
    // After `-m NAME` and `-c CODE`, everything belongs to the program.
    let mut rest = args;
    while let Some((word, after)) = rest.split_first()
        && word.starts_with('-')
        && word.len() > 1
        && word != "--"
    {
        let short = !word.starts_with("--");
        let letter = |c: char| matches!(c, 'm' | 'c' | 'W' | 'X');
        let at = word.find(letter).filter(|_| short);
        match at.and_then(|at| word.split_at_checked(at + 1)) {
            Some((flags, glued)) if flags.ends_with('m') => {
                return match (glued, after.split_first()) {
                    ("", Some((name, args))) => module(name, args, world),
                    ("", None) => Step::Opaque,
                    (name, _) => module(name, after, world),
                };
            }
            Some((flags, _)) if flags.ends_with('c') => return Step::Opaque,
            Some((_, "")) => rest = after.get(1..).unwrap_or_default(),
            _ if word == "--check-hash-based-pycs" => rest = after.get(1..).unwrap_or_default(),
            _ => rest = after,
        }
    }
    let operands = Options::read(rest, &PYTHON_TAKES).rest;
    match operands.split_first() {
        Some((file, args)) if file != "-" => Step::Is(script::file(file, args, world)),
        _ => Step::Opaque,
    }
}

/// A module that an interpreter runs.
fn module(name: &str, args: &[String], world: &World<'_>) -> Step {
    let name = name.strip_suffix(".__main__").unwrap_or(name);
    if matches!(name, "uv" | "uvx" | "pipx") {
        return Step::of(name, args);
    }
    Step::Is(match world.look.package_of_module(name) {
        Some(found) => Server::package(&found, args),
        None => Server::new(Scheme::Py, name, args),
    })
}

/// What a specification of a package names: `name[extra]==1.0`, `name@1.0`, a repository, a file.
fn package(spec: &str, args: &[String], world: &World<'_>) -> Server {
    let spec = spec.trim();
    let source = spec.split_once('@').map(|(_, source)| source.trim());
    let source = source.filter(|source| source.contains("://") && !spec.starts_with("git+"));
    let source = source.filter(|_| !spec.split('@').next().unwrap_or_default().contains(':'));
    if let Some((repository, revision)) = git::repository(source.unwrap_or(spec)) {
        return Server::new(Scheme::Git, repository, args).version(revision);
    }
    if let Some((name, version)) = archive(source.unwrap_or(spec)) {
        return Server::new(Scheme::Pypi, name, args).version(Some(&version));
    }
    if spec.starts_with(['.', '/', '~']) || spec.contains(['\\', '/']) {
        let project = format!("{}/pyproject.toml", world.path(spec).trim_end_matches('/'));
        return match world.look.package_of(&project) {
            Some(found) => Server::package(&found, args),
            None => script::file(spec, args, world),
        };
    }
    let end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let (name, rest) = spec.split_at(spec.find(end).unwrap_or(spec.len()));
    let rest = rest.split_once(']').map_or(rest, |(_, rest)| rest);
    let version = rest.split(';').next().unwrap_or_default();
    let version = version
        .trim()
        .trim_start_matches(['=', '@', '~', '>', '<', '!', ' ']);
    Server::new(Scheme::Pypi, normal(name), args).version(Some(version))
}

/// The one form of a package's name (PEP 503).
pub(super) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if !matches!(c, '-' | '_' | '.') {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

/// A wheel or source archive, by its name (PEP 427, PEP 625).
fn archive(spec: &str) -> Option<(String, String)> {
    let file = base(spec.split(['?', '#']).next()?);
    let stem = file
        .strip_suffix(".whl")
        .or_else(|| file.strip_suffix(".tar.gz"))?;
    let mut parts = stem.splitn(3, '-');
    let (name, version) = (parts.next()?, parts.next()?);
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| (normal(name), version.to_owned()))
}
