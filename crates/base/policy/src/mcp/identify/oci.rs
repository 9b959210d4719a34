//! Containers: which image is run.

use super::{
    Scheme,
    step::{Server, Step, World},
    words::{Options, Takes, program_name},
};

pub(super) fn is_launcher(name: &str) -> bool {
    matches!(
        name,
        "docker" | "podman" | "nerdctl" | "finch" | "container"
    )
}

/// Options of the program itself that take a value.
const GLOBAL: Takes = Takes::Only(&[
    "config",
    "c",
    "context",
    "H",
    "host",
    "l",
    "log-level",
    "tlscacert",
    "tlscert",
    "tlskey",
    "url",
    "connection",
    "identity",
    "root",
    "runroot",
    "storage-driver",
    "storage-opt",
    "n",
    "namespace",
    "address",
    "a",
    "cgroup-manager",
    "network-cmd-path",
    "tmpdir",
    "volumepath",
]);
/// Switches of `run`; every other option takes a value.
const RUN: Takes = Takes::AllBut(&[
    "d",
    "detach",
    "i",
    "interactive",
    "t",
    "tty",
    "P",
    "publish-all",
    "q",
    "quiet",
    "rm",
    "init",
    "privileged",
    "read-only",
    "no-healthcheck",
    "oom-kill-disable",
    "sig-proxy",
    "help",
    "disable-content-trust",
    "use-api-socket",
    "env-host",
    "http-proxy",
    "no-hosts",
    "no-hostname",
    "read-only-tmpfs",
    "replace",
    "rmi",
    "rootfs",
    "tls-verify",
    "unsetenv-all",
    "passwd",
]);
const EXEC: Takes = Takes::Only(&[
    "e",
    "env",
    "env-file",
    "u",
    "user",
    "w",
    "workdir",
    "detach-keys",
]);

pub(super) fn step(name: &str, args: &[String], world: &World<'_>) -> Option<Step> {
    if !is_launcher(name) {
        return None;
    }
    let global = Options::read(args, &GLOBAL);
    let words = match global.rest.split_first() {
        Some((word, after)) if word == "container" => after,
        _ => global.rest,
    };
    let Some((subcommand, after)) = words.split_first() else {
        return Some(Step::Opaque);
    };
    Some(match subcommand.as_str() {
        "run" | "create" => run(after, world),
        // What is started in there; its files are not the machine's.
        "exec" => match Options::read(after, &EXEC).rest.get(1..) {
            Some(inner) => contained(inner).map_or(Step::Opaque, Step::Is),
            None => Step::Opaque,
        },
        _ => Step::Opaque,
    })
}

fn run(args: &[String], _: &World<'_>) -> Step {
    let options = Options::read(args, &RUN);
    let Some((image, rest)) = options.rest.split_first() else {
        return Step::Opaque;
    };
    // An image of a runtime is no server: what it is told to start is.
    let mut inner: Vec<String> = options
        .value(&["entrypoint"])
        .map(str::to_owned)
        .into_iter()
        .collect();
    inner.extend(rest.iter().cloned());
    let starts = inner
        .first()
        .is_some_and(|word| super::starts_others(&program_name(word)));
    if starts && let Some(server) = contained(&inner) {
        return Step::Is(server);
    }
    let (name, version) = image_name(image);
    Step::Is(Server::new(Scheme::Oci, name, rest).version(version))
}

/// A server inside a container, where it is named by more than a file.
fn contained(words: &[String]) -> Option<Server> {
    let server = super::resolve(words.to_vec(), &mut super::nowhere()).ok()?;
    let named = !matches!(server.scheme, Scheme::Path | Scheme::Bin | Scheme::Opaque);
    named.then_some(server)
}

/// An image without tag and digest, the registry that is meant by default left out; and its version.
fn image_name(image: &str) -> (String, Option<&str>) {
    let image = image.split_once("://").map_or(image, |(_, rest)| rest);
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    // A colon before the last slash belongs to a port.
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let tag = name
        .get(slash..)
        .and_then(|last| last.find(':'))
        .map(|at| slash + at);
    let (name, tag) = match tag.and_then(|at| name.split_at_checked(at)) {
        Some((name, tag)) => (name, tag.get(1..)),
        None => (name, None),
    };
    let name = name.to_ascii_lowercase();
    let mut short = name.as_str();
    for default in [
        "docker.io/",
        "index.docker.io/",
        "registry-1.docker.io/",
        "registry.hub.docker.com/",
    ] {
        short = short.strip_prefix(default).unwrap_or(short);
    }
    let short = short.strip_prefix("library/").unwrap_or(short);
    (
        short.to_owned(),
        tag.filter(|tag| !tag.is_empty()).or(digest),
    )
}
