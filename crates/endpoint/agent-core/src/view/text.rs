//! The view as text for a terminal.

use std::fmt::{self, Display, Formatter};

use tidegate_device_api::{Effect, EffectItem, EffectState, Means, Wanted};
use tidegate_policy::{Decision, FailMode};

use super::{Standing, View};

/// Text from a gateway or a file could hold escape sequences that a terminal obeys.
pub(crate) struct Plain<'a>(pub(crate) &'a str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = self.0.chars().map(|c| if c.is_control() { ' ' } else { c });
        plain.take(400).try_for_each(|c| write!(f, "{c}"))
    }
}

/// A name and what is said of it.
pub(crate) fn line(f: &mut Formatter<'_>, name: &str, text: impl Display) -> fmt::Result {
    writeln!(f, "{name:<13}{text}")
}

impl Display for View {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(advice) = &self.advice {
            let state = match self.state {
                Standing::Enrolled => "",
                Standing::Disabled => "DISABLED: ",
                Standing::Duplicate => "DUPLICATE: ",
                Standing::Removed => "REMOVED: ",
                Standing::SignedOut => "SIGNED OUT: ",
            };
            line(f, "State", format_args!("{state}{}", Plain(advice)))?;
        }
        let reason = self.reason.as_deref().unwrap_or("not checked in yet");
        let gateway = Plain(&self.gateway);
        match self.connected {
            true => line(f, "Gateway", format_args!("connected to {gateway}"))?,
            false => line(
                f,
                "Gateway",
                format_args!("NOT CONNECTED to {gateway}: {}", Plain(reason)),
            )?,
        }
        if let Some(at) = self.last_check_in {
            line(f, "Checked in", at)?;
        }
        if let Some(user) = &self.user {
            line(f, "User", Plain(user))?;
        }
        if let Some(device) = &self.device {
            line(f, "Device", Plain(device))?;
        }
        self.policy_lines(f)?;
        match (self.redirection.effective, &self.redirection.problem) {
            (true, _) => line(f, "Redirection", "in force")?,
            (false, problem) => {
                let problem = problem.as_deref().unwrap_or("not measured yet");
                line(
                    f,
                    "Redirection",
                    format_args!("NOT IN FORCE: {}", Plain(problem)),
                )?;
            }
        }
        if let Some(certificate) = &self.certificate {
            let state = if certificate.valid {
                "good until"
            } else {
                "NOT VALID; its end is"
            };
            line(
                f,
                "Certificate",
                format_args!("{state} {}", certificate.valid_until),
            )?;
            if let Some(problem) = &certificate.problem {
                line(f, "", format_args!("renewal failed: {}", Plain(problem)))?;
            }
        }
        let counts = self.counts;
        line(
            f,
            "Connections",
            format_args!(
                "{} relayed, {} denied, {} pinned",
                counts.relayed, counts.denied, counts.pinned
            ),
        )?;
        self.app_lines(f)?;
        self.fleet_lines(f)?;
        for limitation in &self.limitations {
            let (name, effect) = (Plain(&limitation.name), Plain(&limitation.effect));
            line(f, "Limitation", format_args!("{name}: {effect}"))?;
        }
        line(f, "Version", Plain(&self.agent_version))
    }
}

impl View {
    fn policy_lines(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.policy {
            None => line(f, "Policy", "none yet: nothing is governed")?,
            Some(policy) => {
                let fail = match policy.fail {
                    FailMode::Open => "open",
                    FailMode::Closed => "closed",
                };
                let (revision, hosts) = (policy.revision, policy.governed_hosts);
                line(
                    f,
                    "Policy",
                    format_args!("revision {revision}, {hosts} governed hosts, fails {fail}"),
                )?;
            }
        }
        match &self.policy_problem {
            Some(problem) => line(f, "", format_args!("PROBLEM: {}", Plain(problem))),
            None => Ok(()),
        }
    }

    fn app_lines(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for seen in &self.apps {
            let decision = match seen.decision {
                Decision::Approved => "approved",
                Decision::Denied => "denied",
                Decision::Pending => "pending",
            };
            let (app, counts) = (&seen.app, seen.counts);
            line(
                f,
                "App",
                format_args!(
                    "{app} ({decision}): {} relayed, {} denied, {} pinned",
                    counts.relayed, counts.denied, counts.pinned
                ),
            )?;
        }
        for denied in &self.denied {
            let reason = denied.reason.as_deref().unwrap_or("no reason given");
            line(
                f,
                "Denied",
                format_args!("{}: {}", denied.app, Plain(reason)),
            )?;
            line(f, "", format_args!("{}", Plain(&denied.ask)))?;
        }
        Ok(())
    }

    fn fleet_lines(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(found) = &self.inventory {
            let (apps, servers) = (found.apps, found.mcp_servers);
            let at = found.scanned_at;
            line(
                f,
                "Inventory",
                format_args!("{apps} AI apps, {servers} MCP servers, looked at {at}"),
            )?;
        }
        for problem in &self.inventory_problems {
            line(f, "", format_args!("PROBLEM: {}", Plain(problem)))?;
        }
        for effect in &self.effects {
            effect_line(f, effect)?;
        }
        for request in &self.requests {
            let heard = match &request.answer {
                Some(answer) => {
                    let what = if answer.granted {
                        "approved"
                    } else {
                        "refused"
                    };
                    let note = answer.note.as_deref().unwrap_or_default();
                    let between = if note.is_empty() { "" } else { ": " };
                    format!("{what}{between}{}", Plain(note))
                }
                None if request.sent => "asked, not answered yet".into(),
                None => "waits for the gateway".into(),
            };
            let user = Plain(&request.user);
            match &request.wanted {
                Wanted::App { app } => line(f, "Request", format_args!("{app} ({user}): {heard}")),
                Wanted::McpServer { identity } => {
                    line(f, "Request", format_args!("{identity} ({user}): {heard}"))
                }
                Wanted::Support { name } => {
                    let name = Plain(name);
                    line(
                        f,
                        "Request",
                        format_args!("to know {name} ({user}): {heard}"),
                    )
                }
                Wanted::Other => line(f, "Request", format_args!("({user}): {heard}")),
            }?;
        }
        Ok(())
    }
}

fn effect_line(f: &mut Formatter<'_>, effect: &Effect) -> fmt::Result {
    let state = match effect.state {
        EffectState::Verified => "in force",
        EffectState::PendingRestart => "IN FORCE AFTER A RESTART",
        EffectState::Shadowed => "ANOTHER POLICY HOLDS INSTEAD",
        EffectState::Unsupported => "NOT POSSIBLE HERE",
        EffectState::Failed => "FAILED",
        EffectState::Other => "UNKNOWN",
    };
    let means: Vec<&str> = effect.means.iter().map(|means| word(*means)).collect();
    // What is allowed needs no means.
    let means = match means.join(", ") {
        none if none.is_empty() => none,
        means => format!(" ({means})"),
    };
    let detail = effect.detail.as_deref().unwrap_or_default();
    let colon = if detail.is_empty() { "" } else { ": " };
    let tail = format_args!("{state}{means}{colon}{}", Plain(detail)).to_string();
    match &effect.item {
        EffectItem::App { app } => line(f, "Effect", format_args!("{app}: {tail}")),
        EffectItem::McpServer {
            identity,
            client,
            name,
            user,
            ..
        } => {
            let user = Plain(user.as_deref().unwrap_or("everybody"));
            let name = Plain(name);
            line(
                f,
                "Effect",
                format_args!("{identity}, {name} in {client} of {user}: {tail}"),
            )
        }
        EffectItem::Other => line(f, "Effect", tail),
    }
}

const fn word(means: Means) -> &'static str {
    match means {
        Means::NativePolicy => "the client's policy",
        Means::ConfigEdit => "its configuration",
        Means::Shim => "shim",
        Means::Exec => "start",
        Means::Socket => "connections",
        Means::Relay => "gateway",
        Means::Kill => "ended",
        Means::Other => "other means",
    }
}
