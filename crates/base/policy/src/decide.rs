//! The decision: pure, and the same on every system.

use crate::{AppId, AppRule, Decision, Document, HostName, Mode, Pinned, Treatment};

/// What a connection is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The app that opened it.
    pub app: &'a AppId,
    /// The host it asks for, by its TLS handshake; none where it names none.
    pub host: Option<&'a HostName>,
}

/// What is done with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is refused, and the person is told why.
    Deny(Why),
    /// It is read and goes through the gateway.
    Relay {
        /// Whose credential it carries.
        mode: Mode,
        /// What happens if the app turns out to pin certificates.
        pinned: Pinned,
    },
    /// Its bytes pass untouched.
    Splice,
}

/// Why a connection is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The app.
    pub app: AppId,
    /// What the organisation says about it.
    pub note: Option<String>,
}

impl Document {
    /// What is done with a connection.
    #[must_use]
    pub fn decide(&self, subject: Subject<'_>) -> Verdict {
        let Some(host) = subject.host.filter(|host| self.governs(host)) else {
            return Verdict::Splice;
        };
        if self.never_block.iter().any(|safe| host.is_within(safe)) {
            return Verdict::Splice;
        }
        let rule = self.rule(subject.app);
        match rule.map_or(self.default_decision, |rule| rule.decision) {
            Decision::Denied => Verdict::Deny(Why {
                app: subject.app.clone(),
                note: rule.and_then(|rule| rule.note.clone()),
            }),
            Decision::Approved | Decision::Pending => Verdict::Relay {
                mode: rule.map_or(self.default_mode, |rule| rule.mode),
                pinned: rule.map_or(self.default_pinned, |rule| rule.pinned),
            },
        }
    }

    /// Whether connections to a host go through the gateway. The longest rule that fits decides.
    #[must_use]
    pub fn governs(&self, host: &HostName) -> bool {
        let fits = self.hosts.iter().filter(|rule| host.is_within(&rule.host));
        fits.max_by_key(|rule| rule.host.as_str().len())
            .is_some_and(|rule| rule.treatment == Treatment::Governed)
    }

    /// The names whose connections are to be looked at.
    pub fn governed_names(&self) -> impl Iterator<Item = &HostName> {
        let governed = |treatment| treatment == Treatment::Governed;
        self.hosts
            .iter()
            .filter(move |rule| governed(rule.treatment))
            .map(|rule| &rule.host)
    }

    fn rule(&self, app: &AppId) -> Option<&AppRule> {
        self.apps.iter().find(|rule| rule.app == *app)
    }
}

#[cfg(test)]
mod tests;
