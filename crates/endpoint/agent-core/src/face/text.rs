//! The face as text: what `status` says first.

use std::fmt::{self, Display, Formatter};

use super::{Face, Mood};
use crate::view::{Plain, line};

impl Display for Face {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mark = match self.state {
            Mood::Connected => "ok: ",
            Mood::Attention | Mood::Connecting => "",
            Mood::SignedOut => "SIGNED OUT: ",
            Mood::Stopped => "NOT RUNNING: ",
            Mood::Degraded => "PROBLEM: ",
        };
        line(
            f,
            "Tidegate",
            format_args!("{mark}{}", Plain(&self.headline)),
        )?;
        if let Some(todo) = &self.todo {
            line(f, "What to do", Plain(todo))?;
        }
        let said = [
            ("Machine", &self.device),
            ("Person", &self.user),
            ("Team", &self.team),
        ];
        for (name, text) in said {
            if let Some(text) = text {
                line(f, name, Plain(text))?;
            }
        }
        for budget in &self.budgets {
            line(f, "Budget", Plain(budget))?;
        }
        for limit in &self.limits {
            line(f, "Limit", Plain(limit))?;
        }
        if let Some(policy) = &self.policy {
            line(f, "In force", Plain(policy))?;
        }
        for item in &self.denied {
            let reason = item.reason.as_deref().unwrap_or("no reason given");
            let times = match item.refused {
                0 => String::new(),
                times => format!(", {times} times"),
            };
            let label = Plain(&item.label);
            line(
                f,
                "Refused",
                format_args!("{label}{times}: {}", Plain(reason)),
            )?;
            match item.asked {
                true => line(f, "", "you asked for it")?,
                false => line(f, "", format_args!("ask: {}", Plain(&item.command)))?,
            }
        }
        for client in &self.restarts {
            line(f, "Restart", Plain(client))?;
        }
        Ok(())
    }
}
