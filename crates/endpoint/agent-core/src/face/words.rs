//! Policy, budgets and limits in words.

use tidegate_device_api::{BudgetLeft, Holder, LimitHeld};
use tidegate_types::{MicroUsd, Timestamp};

use crate::View;

pub(super) fn policy(view: &View, now: Timestamp) -> Option<String> {
    let policy = view.policy.as_ref()?;
    let revision = policy.revision;
    Some(match policy.since {
        Some(since) => format!("revision {revision}, for {}", age(since, now)),
        None => format!("revision {revision}"),
    })
}

/// Roughly how long ago.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.micros().saturating_sub(since.micros()).max(0) / 1_000_000;
    let (count, unit) = match seconds {
        0..60 => return "less than a minute".into(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{s}")
}

pub(super) fn is_empty(budget: &BudgetLeft) -> bool {
    budget.left_micro_usd <= MicroUsd::ZERO
}

const fn whose(of: Holder) -> &'static str {
    match of {
        Holder::Device => "this device's",
        Holder::User => "yours",
        Holder::Team => "your team's",
        Holder::Other => "shared",
    }
}

pub(super) fn words(budgets: &[BudgetLeft]) -> Vec<String> {
    let words = |budget: &BudgetLeft| {
        let (left, cap) = (budget.left_micro_usd, budget.cap_micro_usd);
        let window = match &*budget.window {
            "1m" => "this minute",
            "1h" => "this hour",
            "1d" => "today",
            "1w" => "this week",
            "1mo" => "this month",
            _ => "in this window",
        };
        let of = whose(budget.of);
        let model = budget.model.as_deref();
        let model = model.map_or_else(String::new, |model| format!(" for {model}"));
        let until = budget.resets_at;
        let until = until.map_or_else(String::new, |at| format!(", new at {at}"));
        format!("${left} of ${cap} left {window}{model} ({of}){until}")
    };
    budgets.iter().map(words).collect()
}

pub(super) fn held(limits: &[LimitHeld]) -> Vec<String> {
    let words = |limit: &LimitHeld| {
        let parts = [
            (limit.requests_per_minute, "calls a minute"),
            (limit.tokens_per_minute, "tokens a minute"),
            (limit.concurrency, "calls at once"),
        ];
        let named = parts.iter().filter_map(|(count, unit)| {
            let count = (*count)?;
            Some(format!("{count} {unit}"))
        });
        let named: Vec<String> = named.collect();
        let model = limit.model.as_deref();
        let model = model.map_or_else(String::new, |model| format!(" of {model}"));
        format!("{}{model} ({})", named.join(", "), whose(limit.of))
    };
    limits.iter().map(words).collect()
}
