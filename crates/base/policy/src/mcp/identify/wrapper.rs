//! Local programs that stand for another server: for a remote one, or for a local one that they start.
//! What they stand for is the server, or a denial of it would be dodged by wrapping it once more.

use super::{
    Scheme, script, shell,
    step::{Server, Step, World},
    url,
    words::{Options, Takes, base, program_name},
};

/// How a wrapper is told what it stands for.
struct Wrapper {
    /// Of the package, module or program.
    names: &'static [&'static str],
    takes: &'static [&'static str],
    /// Options that name the remote server.
    urls: &'static [&'static str],
    /// Options that hold a command line of a local one.
    commands: &'static [&'static str],
    /// An operand may be a program of a local one.
    starts: bool,
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: &[
            "mcp-remote",
            "mcp-remote-client",
            "@geelen/mcp-remote",
            "mcp-client-proxy",
        ],
        takes: &[
            "header",
            "transport",
            "host",
            "static-oauth-client-metadata",
            "resource",
            "static-oauth-client-info",
            "auth-timeout",
            "ignore-tool",
        ],
        urls: &[],
        commands: &[],
        starts: false,
    },
    Wrapper {
        names: &[
            "mcp-proxy",
            "mcp-stdio-proxy",
            "mcp-streamablehttp-client",
            "mcp-http-bridge",
        ],
        takes: &[
            "H",
            "headers",
            "e",
            "env",
            "transport",
            "port",
            "sse-port",
            "host",
            "sse-host",
            "cwd",
            "allow-origin",
            "client-id",
            "client-secret",
            "token-url",
            "log-level",
            "named-server",
            "named-server-config",
            "server",
            "endpoint",
            "apiKey",
            "requestTimeout",
        ],
        urls: &["url", "sse-url"],
        commands: &[],
        starts: true,
    },
    Wrapper {
        names: &["supergateway", "mcp-bridge", "mcp-superassistant-proxy"],
        takes: &[
            "port",
            "baseUrl",
            "ssePath",
            "messagePath",
            "logLevel",
            "cors",
            "healthEndpoint",
            "header",
            "oauth2Bearer",
            "outputTransport",
            "streamableHttpPath",
            "sessionTimeout",
            "protocolVersion",
        ],
        urls: &["sse", "streamableHttp", "streamable-http", "ws", "url"],
        commands: &["stdio"],
        starts: false,
    },
    Wrapper {
        names: &["websocat", "wscat", "mcp-websocket"],
        takes: &["c", "connect", "H", "header", "protocol"],
        urls: &["c", "connect"],
        commands: &[],
        starts: false,
    },
];

/// Programs that run a server which is written in a file.
const RUNNERS: [&str; 2] = ["fastmcp", "mcp"];

pub(super) fn is_runner(name: &str) -> bool {
    RUNNERS.contains(&name)
}

/// What a wrapper stands for; none, if it is none or does not say.
pub(super) fn inside(server: &Server, world: &World<'_>) -> Option<Step> {
    let name = match server.scheme {
        Scheme::Npm => server.rest.clone(),
        Scheme::Pypi | Scheme::Py => server.rest.replace('_', "-"),
        Scheme::Bin | Scheme::Path => {
            let name = server.rest.split("+sha256:").next().unwrap_or_default();
            program_name(name.rsplit(':').next().unwrap_or(name))
        }
        Scheme::Oci => base(&server.rest).to_owned(),
        _ => return None,
    };
    if is_runner(&name) {
        return run(&server.args, world);
    }
    let known = |wrapper: &&Wrapper| wrapper.names.contains(&name.as_str());
    let wrapper = WRAPPERS.iter().find(known)?;
    if server.args.is_empty() {
        return None;
    }
    // It stands for something, but does not say for what: a variable, or a file of its own.
    Some(wrapper.inside(&server.args).unwrap_or(Step::Opaque))
}

/// `fastmcp run FILE:OBJECT` and `mcp run`, which also take a URL.
fn run(args: &[String], world: &World<'_>) -> Option<Step> {
    const TAKES: Takes = Takes::Only(&[
        "t",
        "transport",
        "host",
        "port",
        "p",
        "l",
        "log-level",
        "with",
        "with-editable",
        "e",
        "project",
        "python",
        "with-requirements",
        "path",
    ]);
    let (subcommand, after) = args.split_first()?;
    if !matches!(subcommand.as_str(), "run" | "dev") {
        return None;
    }
    let (target, args) = Options::read(after, &TAKES).rest.split_first()?;
    Some(remote(target).unwrap_or_else(|| {
        let object = target.rfind(".py:").and_then(|at| target.get(..at + 3));
        Step::Is(script::file(object.unwrap_or(target), args, world))
    }))
}

impl Wrapper {
    fn inside(&self, words: &[String]) -> Option<Step> {
        let mut rest = words;
        // Options may stand between operands: the URL is the first operand that is one.
        while !rest.is_empty() {
            let (option, value, after) = self.next(rest);
            match (option, value) {
                (Some(name), Some(value)) if self.urls.contains(&name) => {
                    if let Some(step) = remote(value) {
                        return Some(step);
                    }
                }
                (Some(name), Some(value)) if self.commands.contains(&name) => {
                    return Some(shell::script(value, &[]));
                }
                (None, Some(value)) => {
                    if let Some(step) = remote(value) {
                        return Some(step);
                    }
                    let command = self.starts && value.contains(['/', '\\']);
                    if command || super::starts_others(&program_name(value)) {
                        return Some(Step::inside(rest));
                    }
                }
                _ => {}
            }
            rest = after;
        }
        None
    }

    /// The next option or operand.
    fn next<'a>(&self, words: &'a [String]) -> (Option<&'a str>, Option<&'a str>, &'a [String]) {
        let Some((word, after)) = words.split_first() else {
            return (None, None, &[]);
        };
        let Some(name) = word.strip_prefix('-').filter(|_| word != "--") else {
            return (None, (word != "--").then_some(word), after);
        };
        let name = name.strip_prefix('-').unwrap_or(name);
        if let Some((name, value)) = name.split_once('=') {
            return (Some(name), Some(value), after);
        }
        let takes = |names: &[&str]| names.contains(&name);
        if !takes(self.takes) && !takes(self.urls) && !takes(self.commands) {
            return (Some(name), None, after);
        }
        // `--headers NAME VALUE` of mcp-proxy takes two.
        let short_headers = name == "H" && self.names.contains(&"mcp-proxy");
        let two = short_headers || matches!(name, "headers" | "e" | "env");
        let count = if two { 2 } else { 1 };
        let value = after.first().map(String::as_str);
        (Some(name), value, after.get(count..).unwrap_or_default())
    }
}

fn remote(value: &str) -> Option<Step> {
    let url = value.split_once("://").and_then(|_| url::normal(value))?;
    Some(Step::Is(Server::new(Scheme::Url, url, &[])))
}

/// Our own shim: what it wraps stands behind `--`.
pub(super) fn shimmed<'a>(name: &str, args: &'a [String]) -> Option<&'a [String]> {
    if name != "tidegate-edge" || args.first().is_none_or(|word| word != "mcp-run") {
        return None;
    }
    let at = args.iter().position(|word| word == "--")?;
    args.get(at + 1..).filter(|rest| !rest.is_empty())
}
