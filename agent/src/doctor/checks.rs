//! The agent, its certificate and its kernel programs.

use std::path::Path;

use serde_json::Value;
use tidegate_types::Timestamp;
use x509_parser::{extensions::GeneralName, pem::parse_x509_pem};

use super::report::Check;

const AGENT: &str = "agent";
const LEAF: &str = "certificate";
const PINS: &str = "kernel programs";

/// What the running agent says of itself.
pub(crate) fn agent(view: Result<&Value, &anyhow::Error>) -> Vec<Check> {
    let view = match view {
        Err(error) => {
            let todo = "start it: systemctl start tidegate-edge; its log says why it ended";
            return vec![Check::problem(AGENT, format!("{error:#}"), todo)];
        }
        Ok(view) if view.is_null() => {
            return vec![Check::note(AGENT, "it has only just started; ask again")];
        }
        Ok(view) => view,
    };
    let text = |value: &Value| value.as_str().unwrap_or("it does not say why").to_owned();
    let mut checks = Vec::new();
    checks.push(if view["redirection"]["effective"] == true {
        Check::fine(AGENT, "it runs, and the redirection is in force")
    } else {
        let problem = text(&view["redirection"]["problem"]);
        Check::problem(
            AGENT,
            format!("it runs, and the redirection is not in force: {problem}"),
            "restart it: systemctl restart tidegate-edge",
        )
    });
    checks.push(if view["connected"] == true {
        Check::fine("gateway", text(&view["gateway"]))
    } else {
        Check::problem(
            "gateway",
            format!("not connected: {}", text(&view["reason"])),
            "see whether the gateway runs and can be reached from here",
        )
    });
    if let Some(problem) = view["policy_problem"].as_str() {
        checks.push(Check::problem(
            "policy",
            problem,
            "the last good one stays in force; ask your administrator",
        ));
    }
    for limitation in view["limitations"].as_array().into_iter().flatten() {
        checks.push(Check::note("limitation", text(&limitation["effect"])));
    }
    checks
}

/// What a leaf says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeafFacts {
    /// The first name in it that is no pattern.
    pub(crate) host: String,
    from: i64,
    until: i64,
}

/// Reads a leaf.
///
/// # Errors
/// It is not a certificate with a name.
pub(crate) fn leaf_facts(pem: &str) -> anyhow::Result<LeafFacts> {
    let (_, pem) = parse_x509_pem(pem.as_bytes())?;
    let certificate = pem.parse_x509()?;
    let names = certificate.subject_alternative_name()?;
    let names = names.map(|names| names.value.general_names.as_slice());
    let host = names.into_iter().flatten().find_map(|name| match name {
        GeneralName::DNSName(name) if !name.starts_with('*') => Some((*name).to_owned()),
        _ => None,
    });
    let validity = certificate.validity();
    Ok(LeafFacts {
        host: host.ok_or_else(|| anyhow::anyhow!("it names no host"))?,
        from: validity.not_before.timestamp(),
        until: validity.not_after.timestamp(),
    })
}

/// The leaf's times against the clock: a clock that is wrong breaks every client at once.
pub(crate) fn leaf(facts: &LeafFacts, now: Timestamp) -> Check {
    let now = now.seconds();
    if now < facts.from {
        return Check::problem(
            LEAF,
            format!("it becomes valid in {}", span(facts.from - now)),
            "this machine's clock is slow: set it (timedatectl)",
        );
    }
    if now > facts.until {
        return Check::problem(
            LEAF,
            format!("it expired {} ago", span(now - facts.until)),
            "this machine's clock is fast, or the agent could not renew: see the gateway above",
        );
    }
    Check::fine(
        LEAF,
        format!("valid for another {}", span(facts.until - now)),
    )
}

fn span(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Pinned programs against what is configured, and against whether an agent runs.
pub(crate) fn pins(folder: &Path, wanted: bool, agent_runs: bool) -> Check {
    let pinned = match std::fs::read_dir(folder.join("links")) {
        Ok(entries) => entries.count(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => {
            return Check::note(
                PINS,
                format!("{} cannot be read: {error}", folder.display()),
            );
        }
    };
    match (pinned, wanted, agent_runs) {
        (0, false, _) => Check::fine(PINS, "held by the agent, not pinned: they end with it"),
        (0, true, true) => Check::problem(
            PINS,
            format!(
                "none is pinned at {}, though linux.pin asks for it",
                folder.display()
            ),
            "restart the agent: systemctl restart tidegate-edge",
        ),
        (0, true, false) => Check::note(PINS, "none is pinned: nothing is in force"),
        (count, _, true) => {
            Check::fine(PINS, format!("{count} are pinned at {}", folder.display()))
        }
        (count, _, false) => Check::problem(
            PINS,
            format!(
                "{count} are pinned at {} and no agent runs: with fail-closed, governed apps cannot connect",
                folder.display()
            ),
            "start the agent, or take them away: tidegate-edge detach",
        ),
    }
}

#[cfg(test)]
mod tests;
