//! The catalogue: which hosts answer for models, and how apps are told apart. It is compiled in, so
//! that a device and a gateway of one version agree on it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{AppId, Document, HostName, HostRule, ProcessFacts, Treatment};

mod installed;
mod recognise;

pub use installed::{Install, VendorPath, VersionFrom};

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is not TOML of this shape.
    #[error("the catalogue cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// Two entries have one name.
    #[error("the catalogue names `{0}` twice")]
    Twice(String),
    /// An entry would fit everything or nothing.
    #[error("the catalogue's app `{0}` has no evidence, or a malformed one: `{1}`")]
    Evidence(AppId, String),
}

/// How a host is spoken to: what the gateway expects in relayed calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// OpenAI's API, or one of its dialect.
    OpenaiApi,
    /// Anthropic's API.
    AnthropicApi,
    /// Google's Gemini API.
    GeminiApi,
    /// Amazon Bedrock's runtime API.
    BedrockApi,
    /// ChatGPT's web and app backend, Codex with a subscription among it.
    ChatgptWeb,
    /// Claude's web and app backend.
    ClaudeWeb,
    /// Cursor's backend.
    Cursor,
    /// Anything else; it is relayed and counted, and not understood.
    Other,
}

/// What sort of program an app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// An agent for the terminal.
    Cli,
    /// A desktop app.
    Desktop,
    /// An editor.
    Editor,
    /// A web browser.
    Browser,
    /// An interpreter: what it runs is not known.
    Runtime,
    /// Something else that makes calls.
    Tool,
}

/// A host that the catalogue knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// It, and everything below it.
    pub host: HostName,
    /// How it is spoken to.
    pub surface: Surface,
    /// What the default policy does with it.
    #[serde(default = "governed")]
    pub treatment: Treatment,
}

const fn governed() -> Treatment {
    Treatment::Governed
}

/// An app that the catalogue knows, and the evidence that tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its id.
    pub name: AppId,
    /// Who makes it.
    pub vendor: String,
    /// What it is.
    pub kind: AppKind,
    /// npm packages, also with a platform at the end (`-linux-x64`).
    #[serde(default)]
    npm: Vec<String>,
    /// Python distributions.
    #[serde(default)]
    python: Vec<String>,
    /// Bundle, desktop, Flatpak or Snap ids.
    #[serde(default)]
    bundles: Vec<String>,
    /// Parts of the path of executable or script; each begins with a slash.
    #[serde(default)]
    directories: Vec<String>,
    /// Ends of the script's path; each begins with a slash.
    #[serde(default)]
    scripts: Vec<String>,
    /// Modules or main classes.
    #[serde(default)]
    modules: Vec<String>,
    /// Base names of executables, lower case, without `.exe`.
    #[serde(default)]
    executables: Vec<String>,
    /// How its installation is told on a disk; none for what is no AI app.
    #[serde(default)]
    pub install: Option<Install>,
}

impl App {
    /// The npm packages that install it.
    #[must_use]
    pub fn npm(&self) -> &[String] {
        &self.npm
    }

    /// The Python distributions that install it, in their one form (PEP 503).
    #[must_use]
    pub fn python(&self) -> &[String] {
        &self.python
    }

    /// A Python distribution's name in the form in which [`App::python`] has it.
    #[must_use]
    pub fn canonical_python(name: &str) -> String {
        recognise::canonical(name)
    }

    /// The base names of its executables, lower case.
    #[must_use]
    pub fn executables(&self) -> &[String] {
        &self.executables
    }
}

/// Hosts and apps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    hosts: Vec<Host>,
    apps: Vec<App>,
}

impl Catalogue {
    /// The one that is compiled in.
    #[must_use]
    pub fn builtin() -> &'static Self {
        // It cannot fail: a test reads the very text that is compiled in.
        static BUILTIN: LazyLock<Catalogue> =
            LazyLock::new(|| Catalogue::parse(include_str!("catalogue.toml")).unwrap_or_default());
        &BUILTIN
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// It is not TOML of this shape, names something twice, or has an app without evidence.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text)?;
        let hosts = catalogue.hosts.iter().map(|host| host.host.as_str());
        let apps = catalogue.apps.iter().map(|app| app.name.as_str());
        no_duplicates(hosts)?;
        no_duplicates(apps)?;
        catalogue.apps.iter().try_for_each(App::check)?;
        Ok(catalogue)
    }

    /// Every host.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Every app.
    #[must_use]
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// The entry of a host, by the longest name that fits.
    #[must_use]
    pub fn host(&self, name: &HostName) -> Option<&Host> {
        let fits = self.hosts.iter().filter(|host| name.is_within(&host.host));
        fits.max_by_key(|host| host.host.as_str().len())
    }

    /// How a host is spoken to; `Other` for one that the catalogue does not know.
    #[must_use]
    pub fn surface(&self, name: &HostName) -> Surface {
        self.host(name).map_or(Surface::Other, |host| host.surface)
    }

    /// The entry of an app.
    #[must_use]
    pub fn describe(&self, app: &AppId) -> Option<&App> {
        self.apps.iter().find(|entry| entry.name == *app)
    }

    /// Which app a process is; [`AppId::unknown`] where no rule fits.
    #[must_use]
    pub fn app(&self, facts: &ProcessFacts) -> AppId {
        self.recognise(facts)
            .map_or_else(AppId::unknown, |app| app.name.clone())
    }

    /// The policy of an organisation that has decided nothing yet: every host of the catalogue as it
    /// says there, every app pending with its own credential, and nothing breaks when we do.
    #[must_use]
    pub fn default_document(&self, revision: u64) -> Document {
        let rule = |host: &Host| HostRule {
            host: host.host.clone(),
            treatment: host.treatment,
        };
        Document {
            revision,
            hosts: self.hosts.iter().map(rule).collect(),
            ..Document::ungoverned()
        }
    }
}

fn no_duplicates<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), CatalogueError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(CatalogueError::Twice(name.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
