//! Launchers of npm packages, and what npm calls a package (npm-package-arg).

use super::{
    Scheme, git, script, shell,
    step::{Server, Step, World},
    words::{Options, Takes, base, program_name},
};

/// Options of npm that take a value (npm 11, `npm config`); all others are switches, unknown ones too.
const NPM: &[&str] = &[
    "package",
    "c",
    "call",
    "cache",
    "userconfig",
    "globalconfig",
    "registry",
    "reg",
    "prefix",
    "C",
    "w",
    "workspace",
    "node-options",
    "loglevel",
    "script-shell",
    "shell",
    "location",
    "L",
    "tag",
    "otp",
    "before",
    "cafile",
    "ca",
    "cert",
    "key",
    "proxy",
    "https-proxy",
    "noproxy",
    "user-agent",
    "scope",
    "umask",
    "depth",
    "include",
    "omit",
    "only",
    "also",
    "os",
    "cpu",
    "libc",
    "editor",
    "git",
    "heading",
    "logs-dir",
    "logs-max",
    "maxsockets",
    "fetch-retries",
    "fetch-retry-factor",
    "fetch-retry-maxtimeout",
    "fetch-retry-mintimeout",
    "fetch-timeout",
    "message",
    "m",
    "access",
    "auth-type",
    "install-strategy",
    "lockfile-version",
    "node-gyp",
    "audit-level",
    "cache-max",
    "cache-min",
    "cidr",
    "local-address",
    "viewer",
    "which",
    "min-release-age",
    "enjoy-by",
];
const NPM_TAKES: Takes = Takes::Only(NPM);
/// The same, and what `npx` has besides.
const NPX_TAKES: Takes = Takes::Both(NPM, &["p", "n", "node-arg", "npm"]);
/// `bunx`, `pnpm` and `yarn`.
const OTHERS_TAKE: Takes = Takes::Only(&[
    "p",
    "package",
    "C",
    "dir",
    "cwd",
    "filter",
    "F",
    "reporter",
    "loglevel",
    "registry",
    "config",
    "allow-build",
    "cpu",
    "libc",
    "os",
    "workspace",
    "cache-folder",
    "modules-folder",
    "use-node-version",
]);
/// Packages that run another command.
const RUNTIMES: [&str; 12] = [
    "node",
    "tsx",
    "ts-node",
    "bun",
    "deno",
    "npm",
    "npx",
    "pnpm",
    "yarn",
    "cross-env",
    "env-cmd",
    "nodemon",
];

/// A launcher of packages, whatever it is called.
pub(super) fn is_launcher(name: &str) -> bool {
    matches!(
        name,
        "npx" | "bunx" | "pnpx" | "pnx" | "npm" | "pnpm" | "yarn" | "yarnpkg"
    )
}

/// What a launcher starts.
pub(super) fn step(name: &str, args: &[String], world: &World<'_>) -> Option<Step> {
    match name {
        "npx" => Some(execute(&Options::read(args, &NPX_TAKES), world)),
        "bunx" | "pnpx" | "pnx" => Some(execute(&Options::read(args, &OTHERS_TAKE), world)),
        "npm" => Some(tool(args, &NPM_TAKES, world)),
        "pnpm" | "yarn" | "yarnpkg" => Some(tool(args, &OTHERS_TAKE, world)),
        _ => None,
    }
}

/// `npm exec`, `pnpm dlx` and so on: options may stand on both sides of the subcommand.
fn tool(args: &[String], takes: &Takes, world: &World<'_>) -> Step {
    let before = Options::read(args, takes);
    let Some((subcommand, after)) = before.rest.split_first() else {
        return Step::Opaque;
    };
    match subcommand.as_str() {
        "exec" | "x" | "dlx" => {
            let after = Options::read(after, takes);
            if let Some(package) = before.values(&["package"]).next() {
                return of_package(package, after.rest, world);
            }
            execute(&after, world)
        }
        // A script of the project: the project is the server.
        "run" | "run-script" | "start" | "node" => {
            let options = Options::read(after, takes);
            let names = ["prefix", "C", "dir", "cwd"];
            let folder = options.value(&names).or_else(|| before.value(&names));
            project(folder, options.rest, world)
        }
        _ => Step::Opaque,
    }
}

/// The project in a folder, by the package that it is.
pub(super) fn project(folder: Option<&str>, words: &[String], world: &World<'_>) -> Step {
    let folder = match (folder, &world.folder) {
        (Some(folder), _) => world.path(folder),
        (None, Some(folder)) => world.path(folder),
        (None, None) => return Step::Opaque,
    };
    let file = format!("{}/package.json", folder.trim_end_matches('/'));
    let args = words.get(1..).unwrap_or_default();
    match world.look.package_of(&file) {
        Some(package) => Step::Is(Server::package(&package, args)),
        None => Step::Opaque,
    }
}

fn execute(options: &Options<'_>, world: &World<'_>) -> Step {
    let packages: Vec<&str> = options.values(&["p", "package"]).collect();
    if let Some(text) = options.value(&["c", "call"]) {
        return match packages.first() {
            Some(package) => of_package(package, options.rest, world),
            None => shell::script(text, &[]),
        };
    }
    let Some((command, args)) = options.rest.split_first() else {
        return match packages.first() {
            Some(package) => of_package(package, &[], world),
            None => Step::Opaque,
        };
    };
    if packages.is_empty() {
        return of_package(command, args, world);
    }
    // The packages only bring programs along; one of them, or another launcher, is started.
    if super::starts_others(&program_name(command)) {
        return Step::inside(options.rest);
    }
    let provides = |package: &&&str| {
        let (name, _) = name_and_version(package);
        name.rsplit('/').next() == Some(command.as_str())
    };
    let package = packages.iter().find(provides).or(packages.first());
    package.map_or(Step::Opaque, |package| of_package(package, args, world))
}

fn of_package(spec: &str, args: &[String], world: &World<'_>) -> Step {
    let (name, _) = name_and_version(spec);
    if RUNTIMES.contains(&name) && !args.is_empty() {
        return Step::of(name, args);
    }
    Step::Is(package(spec, args, world))
}

/// What a specification of a package names: a package of the registry, a repository, a file.
pub(super) fn package(spec: &str, args: &[String], world: &World<'_>) -> Server {
    let spec = spec.trim();
    // `alias@npm:real@1.0` installs `real`.
    let spec = match spec.rsplit_once("npm:") {
        Some((before, real)) if before.is_empty() || before.ends_with('@') => real,
        _ => spec,
    };
    if let Some(jsr) = spec.strip_prefix("jsr:") {
        let (name, version) = name_and_version(jsr.trim_start_matches('/'));
        let name = name.trim_start_matches('@').replacen('/', "__", 1);
        return Server::new(Scheme::Npm, format!("@jsr/{name}"), args).version(version);
    }
    if let Some((name, version)) = tarball(spec) {
        return Server::new(Scheme::Npm, name, args).version(version.as_deref());
    }
    let (name, version) = name_and_version(spec);
    // `name@git+https://…` comes from there.
    let source = version.filter(|version| version.contains(':'));
    let found = git::repository(spec).or_else(|| git::repository(source?));
    if let Some((repository, revision)) = found {
        return Server::new(Scheme::Git, repository, args).version(revision);
    }
    if spec.starts_with(['.', '/', '~']) || spec.starts_with("file:") || spec.contains('\\') {
        let path = spec.strip_prefix("file:").unwrap_or(spec);
        return folder(path, args, world);
    }
    Server::new(Scheme::Npm, name, args).version(version)
}

/// A package in a folder, or packed in a file.
fn folder(path: &str, args: &[String], world: &World<'_>) -> Server {
    let manifest = format!("{}/package.json", world.path(path).trim_end_matches('/'));
    match world.look.package_of(&manifest) {
        Some(package) => Server::package(&package, args),
        None => script::file(path, args, world),
    }
}

/// `@scope/name@1.0` in its parts.
pub(super) fn name_and_version(spec: &str) -> (&str, Option<&str>) {
    let from = usize::from(spec.starts_with('@'));
    let at = spec.get(from..).and_then(|rest| rest.find('@'));
    match at.and_then(|at| spec.split_at_checked(from + at)) {
        Some((name, version)) => (name, version.get(1..).filter(|text| !text.is_empty())),
        None => (spec, None),
    }
}

/// A package by the address of its archive: `https://host/@scope/name/-/name-1.0.0.tgz`.
fn tarball(spec: &str) -> Option<(String, Option<String>)> {
    let (_, rest) = spec.split_once("://")?;
    let (path, file) = rest.rsplit_once("/-/")?;
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    let decoded = name
        .replace("%2f", "/")
        .replace("%2F", "/")
        .replace("%40", "@");
    let name = match parts.next() {
        Some(scope) if scope.starts_with('@') => format!("{scope}/{decoded}"),
        _ => decoded,
    };
    let file = file.split(['?', '#']).next()?.strip_suffix(".tgz")?;
    let version = file.strip_prefix(base(&name))?.strip_prefix('-')?;
    Some((name, Some(version.to_owned())))
}
