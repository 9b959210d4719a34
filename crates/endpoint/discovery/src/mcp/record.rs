//! From an entry to what is told of it: identity, digests, and a launch without secrets.

use std::path::{Path, PathBuf};

use tidegate_device_api::{McpServer, Scope};
use tidegate_policy::{Identified, Launch, McpIdentity, Scheme, identify, redact_args, redact_url};

use super::{expand::expand, scan::Scan, spec::Spec};
use crate::{Entry, Format, Located, RawLaunch};

/// The longest name and path that is told, in bytes.
const LONGEST_NAME: usize = 200;
const LONGEST_WORD: usize = 2_000;
const MOST_WORDS: usize = 200;

/// Where an entry stands.
pub(crate) struct Stands<'s> {
    pub(crate) scope: Scope,
    pub(crate) name: &'s str,
    /// The file as it is opened; or what stands for one.
    pub(crate) file: &'s Path,
    pub(crate) format: Format,
    /// None for one that has no entry to edit.
    pub(crate) keys: Option<Vec<String>>,
    /// The project, as it is opened.
    pub(crate) project: Option<&'s Path>,
    /// The folder that a plugin or extension was unpacked into.
    pub(crate) unpacked: Option<&'s Path>,
    /// The name of an MCP bundle, which is its identity.
    pub(crate) bundle: Option<&'s str>,
}

impl Scan<'_> {
    /// Adds the server of an entry.
    pub(crate) fn record(&mut self, stands: &Stands<'_>, spec: Spec) {
        let located = self.locate(stands, spec);
        if let Some(located) = located {
            self.add(located);
        }
    }

    fn locate(&self, stands: &Stands<'_>, spec: Spec) -> Option<Located> {
        let (raw, wrapped) = unwrap(spec.raw);
        let identified = self.identify(&raw, stands.project, stands.unpacked);
        let identity = stands.bundle.and_then(bundle_identity);
        let told = self.told(&raw);
        let server = McpServer {
            user: self.home.map(|home| home.user.clone()),
            client: self.client.parse().ok()?,
            scope: stands.scope,
            config_path: self.shown(stands.file),
            project: stands.project.map(|project| self.shown(project)),
            name: clean_name(stands.name),
            identity: identity.unwrap_or(identified.identity),
            version: identified.version,
            arguments: identified.arguments,
            launch: identified.launch,
            transport: spec.transport,
            command: told.command,
            args: told.args,
            url: told.url,
            given: spec.given,
            enabled: spec.enabled,
            tools: spec.tools,
            tool_source: spec.tool_source,
        };
        let entry = stands.keys.clone().map(|keys| Entry {
            file: self.places.named(stands.file),
            format: stands.format,
            keys,
            shared: stands.scope == Scope::Project,
        });
        Some(Located {
            server,
            raw,
            secret: told.secret,
            wrapped,
            entry,
        })
    }

    /// What a launch is, its variables put in as far as they do not depend on who is logged in.
    pub(crate) fn identify(
        &self,
        raw: &RawLaunch,
        project: Option<&Path>,
        unpacked: Option<&Path>,
    ) -> Identified {
        let named = |path: Option<&Path>| {
            let named = path.map(|path| self.places.named(path));
            named.map(|path| path.to_string_lossy().replace('\\', "/"))
        };
        let home = self
            .home
            .map(|home| home.path.to_string_lossy().into_owned());
        let (project, unpacked) = (named(project), named(unpacked));
        let mut known = Vec::new();
        let mut put = |names: &[&'static str], value: &Option<String>| {
            known.extend(value.iter().flat_map(|v| {
                let value = v.clone();
                names.iter().map(move |name| (*name, value.clone()))
            }));
        };
        put(&["HOME", "USERPROFILE", "userHome"], &home);
        put(
            &["workspaceFolder", "workspacePath", "CLAUDE_PROJECT_DIR"],
            &project,
        );
        put(&PLUGIN_FOLDERS, &unpacked);
        put(&["/", "pathSeparator"], &Some("/".to_owned()));
        let known: Vec<_> = known
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let launch = match (&raw.url, &raw.command) {
            (Some(url), _) => Launch::Remote {
                url: expand(url, &known),
            },
            (None, command) => Launch::Local {
                command: expand(command.as_deref().unwrap_or_default(), &known),
                args: raw.args.iter().map(|arg| expand(arg, &known)).collect(),
            },
        };
        let folder = unpacked.or(project).map(PathBuf::from);
        let folder = folder.map(|folder| self.places.real(&folder));
        identify(&launch, home.as_deref(), &self.files.at(folder.as_deref()))
    }

    fn told(&self, raw: &RawLaunch) -> Told {
        let (url, mut secret) = match &raw.url {
            Some(url) => {
                let (url, secret) = redact_url(url);
                (Some(cut(url, LONGEST_WORD)), secret)
            }
            None => (None, false),
        };
        let mut words = Vec::new();
        if let Some(command) = &raw.command {
            let all: Vec<_> = std::iter::once(command).chain(&raw.args).cloned().collect();
            let (clean, found) = redact_args(&all);
            secret |= found;
            words = clean;
        }
        words.truncate(MOST_WORDS);
        let home = self
            .home
            .map(|home| home.path.to_string_lossy().into_owned());
        let mut words = words.into_iter().map(|word| {
            let word = match &home {
                Some(home) if home.len() > 1 => word.replace(home.as_str(), "~"),
                _ => word,
            };
            cut(word, LONGEST_WORD)
        });
        Told {
            command: words.next(),
            args: words.collect(),
            url,
            secret,
        }
    }
}

const PLUGIN_FOLDERS: [&str; 5] = [
    "CLAUDE_PLUGIN_ROOT",
    "CODEX_PLUGIN_ROOT",
    "CURSOR_PLUGIN_ROOT",
    "extensionPath",
    "__dirname",
];

struct Told {
    command: Option<String>,
    args: Vec<String>,
    url: Option<String>,
    secret: bool,
}

/// The launch inside of our shim: what follows `--` after `tidegate-edge mcp-run`.
fn unwrap(raw: RawLaunch) -> (RawLaunch, bool) {
    let command = raw.command.as_deref().unwrap_or_default();
    let name = command.rsplit(['/', '\\']).next().unwrap_or_default();
    let ours = matches!(name, "tidegate-edge" | "tidegate-edge.exe");
    if !ours || raw.args.first().map(String::as_str) != Some("mcp-run") {
        return (raw, false);
    }
    let mut inner = raw
        .args
        .iter()
        .skip_while(|arg| *arg != "--")
        .skip(1)
        .cloned();
    let Some(command) = inner.next() else {
        return (raw, false);
    };
    let inner = RawLaunch {
        command: Some(command),
        args: inner.collect(),
        url: None,
    };
    (inner, true)
}

fn bundle_identity(name: &str) -> Option<McpIdentity> {
    let word = |c: char| if c.is_whitespace() { '-' } else { c };
    let name: String = name.trim().to_lowercase().chars().map(word).collect();
    McpIdentity::new(Scheme::Mcpb, &name).ok()
}

/// A name as it may be shown.
pub(crate) fn clean_name(name: &str) -> String {
    let printable: String = name.chars().filter(|c| !c.is_control()).collect();
    let (words, _) = redact_args(&[printable]);
    cut(words.into_iter().next().unwrap_or_default(), LONGEST_NAME)
}

/// At most so many bytes of a text.
pub(crate) fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
    text
}
