//! What the doctor found, for people and for scripts.

use std::fmt::Write;

use serde::Serialize;

use super::table::Table;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Fine,
    /// Worth knowing; nothing has to be done.
    Note,
    /// Something does not work.
    Problem,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub subject: &'static str,
    /// How it is.
    pub level: Level,
    /// What was found.
    pub finding: String,
    /// What to do about it.
    pub todo: Option<String>,
}

impl Check {
    /// As it should be.
    pub fn fine(subject: &'static str, finding: impl Into<String>) -> Self {
        Self::new(subject, Level::Fine, finding, None)
    }

    /// Worth knowing.
    pub fn note(subject: &'static str, finding: impl Into<String>) -> Self {
        Self::new(subject, Level::Note, finding, None)
    }

    /// Something does not work.
    pub fn problem(
        subject: &'static str,
        finding: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self::new(subject, Level::Problem, finding, Some(todo.into()))
    }

    fn new(
        subject: &'static str,
        level: Level,
        finding: impl Into<String>,
        todo: Option<String>,
    ) -> Self {
        Self {
            subject,
            level,
            finding: finding.into(),
            todo,
        }
    }
}

/// What a client made of our certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It made a TLS connection, and verified.
    Trusts,
    /// It refused the certificate.
    DoesNotTrust,
    /// It is not on this machine.
    NotInstalled,
    /// The test says nothing about it.
    CannotTell,
}

/// A client, tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// Such as `curl`.
    pub client: &'static str,
    /// What it made of it.
    pub verdict: Verdict,
    /// What it said, or why it could not be tested.
    pub detail: Option<String>,
    /// Which variable or store would help.
    pub todo: Option<String>,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Diagnosis {
    /// The agent and this machine.
    pub checks: Vec<Check>,
    /// The clients.
    pub clients: Vec<Tested>,
}

impl Diagnosis {
    /// Whether there is nothing to repair.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let bad = |check: &Check| check.level == Level::Problem;
        let refuses = |client: &Tested| client.verdict == Verdict::DoesNotTrust;
        !self.checks.iter().any(bad) && !self.clients.iter().any(refuses)
    }

    /// As text.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut out = String::new();
        let mut checks = Table::new(&["CHECK", "", "FOUND"]);
        for check in &self.checks {
            let level = match check.level {
                Level::Fine => "ok",
                Level::Note => "note",
                Level::Problem => "PROBLEM",
            };
            checks.row(
                &[check.subject, level, &check.finding],
                check.todo.as_deref(),
            );
        }
        // Writing to a string cannot fail.
        let _written = write!(out, "{checks}");
        if !self.clients.is_empty() {
            let mut clients = Table::new(&["CLIENT", "OUR CERTIFICATE", ""]);
            for client in &self.clients {
                let verdict = match client.verdict {
                    Verdict::Trusts => "trusts",
                    Verdict::DoesNotTrust => "DOES NOT TRUST",
                    Verdict::NotInstalled => "not installed",
                    Verdict::CannotTell => "cannot be tested here",
                };
                let detail = client.detail.as_deref().unwrap_or_default();
                clients.row(&[client.client, verdict, detail], client.todo.as_deref());
            }
            let _written = write!(out, "\n{clients}");
        }
        out.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tested(verdict: Verdict, todo: Option<&str>) -> Tested {
        Tested {
            client: "node",
            verdict,
            detail: None,
            todo: todo.map(str::to_owned),
        }
    }

    #[test]
    fn a_problem_is_loud_and_followed_by_what_to_do() {
        let mut diagnosis = Diagnosis::default();
        diagnosis.checks.push(Check::fine("agent", "in force"));
        diagnosis.clients.push(tested(Verdict::Trusts, None));
        assert!(diagnosis.is_fine());
        diagnosis
            .clients
            .push(tested(Verdict::DoesNotTrust, Some("log out and in")));
        let shown = diagnosis.shown();
        assert!(!diagnosis.is_fine());
        assert!(
            shown.contains("node    DOES NOT TRUST\n  - log out and in"),
            "{shown}"
        );
    }

    #[test]
    fn what_cannot_be_tested_or_is_not_there_is_no_problem() {
        let mut diagnosis = Diagnosis::default();
        diagnosis.clients.push(tested(Verdict::CannotTell, None));
        diagnosis.clients.push(tested(Verdict::NotInstalled, None));
        diagnosis.checks.push(Check::note("limitation", "no IPv6"));
        assert!(diagnosis.is_fine());
        diagnosis
            .checks
            .push(Check::problem("agent", "down", "start it"));
        assert!(!diagnosis.is_fine());
    }

    #[test]
    fn scripts_read_stable_words() -> anyhow::Result<()> {
        let json = serde_json::to_value(tested(Verdict::DoesNotTrust, None))?;
        assert_eq!(json["verdict"], "does_not_trust");
        Ok(())
    }
}
