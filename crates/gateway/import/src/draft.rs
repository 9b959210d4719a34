//! What was found, in the words of our configuration.

/// A configuration to begin with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// `[[providers]]`.
    pub providers: Vec<DraftProvider>,
    /// Virtual keys to create.
    pub keys: Vec<crate::ForeignKey>,
    /// What the foreign file says and ours cannot, or what has to be done by hand. Never a secret.
    pub unsaid: Vec<String>,
}

/// One `[[providers]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftProvider {
    /// Its name, unique.
    pub name: String,
    /// Its profile, where there is one.
    pub profile: Option<&'static str>,
    /// Its dialect, where it has no profile.
    pub dialect: Option<&'static str>,
    /// Where it is, where that is not the profile's.
    pub base_url: Option<String>,
    /// What stands for the version in its paths.
    pub version_path: Option<String>,
    /// Its credentials.
    pub keys: Vec<DraftKey>,
    /// The models it claims; none: any.
    pub models: Vec<String>,
    /// Lines of other keys, as they are written.
    pub lines: Vec<String>,
}

/// One credential of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftKey {
    /// What log and console call it.
    pub name: String,
    /// Where it is.
    pub credential: DraftCredential,
    /// Its share of the calls.
    pub weight: Option<u32>,
    /// The models it is for.
    pub models: Vec<String>,
}

/// Where a credential is: each text is `env:NAME` or `file:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftCredential {
    /// It is sent with each call.
    Sent(String),
    /// An access key of AWS, which signs each call.
    Signs {
        /// Its id.
        id: String,
        /// Its secret.
        secret: String,
        /// Its session, where it is a temporary one.
        session: Option<String>,
    },
}

impl DraftCredential {
    fn write(&self, out: &mut String) {
        let mut line = |key: &str, value: &str| {
            out.push_str(&format!("{key} = {}\n", quoted(value)));
        };
        match self {
            Self::Sent(key) => line("api_key", key),
            Self::Signs {
                id,
                secret,
                session,
            } => {
                line("access_key_id", id);
                line("secret_access_key", secret);
                if let Some(session) = session {
                    line("session_token", session);
                }
            }
        }
    }
}

/// Text in TOML.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A comment of one line, whatever is in the text.
fn comment(out: &mut String, text: &str) {
    let text = text.replace(char::is_control, " ");
    out.push_str(&format!("# {text}\n"));
}

impl Draft {
    /// Notes what cannot be said.
    pub(crate) fn unsaid(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.unsaid.contains(&text) {
            self.unsaid.push(text);
        }
    }

    /// A name for a provider that nobody has yet.
    pub(crate) fn free_name(&self, wanted: &str) -> String {
        let fit = |byte: char| {
            let fits = byte.is_ascii_lowercase() || byte.is_ascii_digit();
            if fits { byte } else { '-' }
        };
        let wanted: String = wanted
            .to_ascii_lowercase()
            .chars()
            .map(fit)
            .take(40)
            .collect();
        let wanted = wanted.trim_matches('-');
        let wanted = if wanted.is_empty() {
            "provider"
        } else {
            wanted
        };
        let taken = |name: &str| self.providers.iter().any(|provider| provider.name == name);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        numbered
            .into_iter()
            .find(|name| !taken(name))
            .unwrap_or_default()
    }

    /// The configuration as TOML. What cannot be said stands at its head.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        if !self.unsaid.is_empty() {
            comment(
                &mut out,
                "What this configuration does not say of the one it is from:",
            );
        }
        for text in &self.unsaid {
            comment(&mut out, &format!("- {text}"));
        }
        out.push_str("\n[store]\nurl = \"sqlite:tidegate.db\"\n");
        for provider in &self.providers {
            provider.write(&mut out);
        }
        out
    }
}

impl DraftProvider {
    /// Adds a line, as it is written, unless the key has one.
    pub(crate) fn line(&mut self, key: &str, value: &str) {
        let begins = format!("{key} = ");
        if !self.lines.iter().any(|line| line.starts_with(&begins)) {
            self.lines.push(format!("{begins}{value}"));
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&format!("\n[[providers]]\nname = {}\n", quoted(&self.name)));
        for (key, value) in [
            ("profile", self.profile),
            ("dialect", self.dialect),
            ("base_url", self.base_url.as_deref()),
            ("version_path", self.version_path.as_deref()),
        ] {
            if let Some(value) = value {
                out.push_str(&format!("{key} = {}\n", quoted(value)));
            }
        }
        if !self.models.is_empty() {
            out.push_str(&format!("models = {}\n", list(&self.models)));
        }
        for line in &self.lines {
            out.push_str(&format!("{line}\n"));
        }
        match self.keys.as_slice() {
            [only] => only.credential.write(out),
            keys => {
                for key in keys {
                    key.write(out);
                }
            }
        }
    }
}

impl DraftKey {
    fn write(&self, out: &mut String) {
        out.push_str(&format!(
            "[[providers.keys]]\nname = {}\n",
            quoted(&self.name)
        ));
        self.credential.write(out);
        if let Some(weight) = self.weight {
            out.push_str(&format!("weight = {weight}\n"));
        }
        if !self.models.is_empty() {
            out.push_str(&format!("models = {}\n", list(&self.models)));
        }
    }
}
