//! Tells people at once what guardrails flag, stop, or could not look at. Never what was found.
//!
//! Calls hand over and go on: nothing waits for an alert, and what finds the queue full is counted. The first of its
//! kind leaves at once; those that follow within ten seconds leave together, as one with a count.

mod say;
mod send;

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tidegate_governance::guardrail::Applied;
use tidegate_pipeline::Facts;
use tidegate_types::{RequestId, Timestamp};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::config::AlertConfig;
pub(crate) use send::Senders;

/// How many wait at most.
const QUEUE: usize = 1_024;
/// For so long the same things are put together.
const TOGETHER: Duration = Duration::from_secs(10);
/// How many different things are remembered at once.
const KINDS: usize = 1_024;

/// Where alerts are handed over.
#[derive(Debug)]
pub(crate) struct Alerts {
    queue: mpsc::Sender<Alert>,
    dropped: AtomicU64,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alert {
    /// When the first of these calls arrived.
    pub(super) at: Timestamp,
    /// The first of these calls.
    pub(super) request: RequestId,
    /// What the guardrail did.
    pub(super) applied: Applied,
    /// Who called, and what: names and values.
    pub(super) about: Vec<(&'static str, String)>,
    /// How many calls.
    pub(super) calls: u64,
}

impl Alerts {
    /// With the work that sends them; `None` where nobody is to be told.
    pub(crate) fn new(
        configs: &[AlertConfig],
    ) -> anyhow::Result<Option<(Self, impl Future<Output = ()> + Send + use<>)>> {
        if configs.is_empty() {
            return Ok(None);
        }
        let (queue, alerts) = mpsc::channel(QUEUE);
        let work = work(alerts, Senders::new(configs)?);
        let dropped = AtomicU64::new(0);
        Ok(Some((Self { queue, dropped }, work)))
    }

    /// Hands over what there is to tell of a call.
    pub(crate) fn tell(&self, facts: &Facts) {
        for applied in facts.guardrails.iter().filter(|applied| matters(applied)) {
            let alert = Alert {
                at: facts.arrived,
                request: facts.id,
                applied: applied.clone(),
                about: about(facts),
                calls: 1,
            };
            if self.queue.try_send(alert).is_err() {
                let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
                if dropped.is_power_of_two() {
                    tracing::warn!(dropped, "alerts were dropped: too many wait");
                }
            }
        }
    }
}

/// What somebody wants to know at once.
fn matters(applied: &Applied) -> bool {
    !applied.shadow
        && matches!(
            applied.action.as_str(),
            "flag" | "block" | "refused" | "bypassed"
        )
}

fn about(facts: &Facts) -> Vec<(&'static str, String)> {
    let text = |name, value: Option<String>| value.map(|value| (name, value));
    let edge = facts.edge.as_ref();
    [
        text("key", facts.key.map(|id| id.to_string())),
        text("team", facts.team.map(|id| id.to_string())),
        text("user", facts.user.map(|id| id.to_string())),
        text("device", edge.map(|edge| edge.device().to_string())),
        text("app", edge.map(|edge| edge.app().to_owned())),
        text("provider", facts.provider.as_ref().map(ToString::to_string)),
        text("model", facts.model.as_ref().map(ToString::to_string)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What alerts are put together by.
type Kind = (String, String, String);

fn kind(alert: &Alert) -> Kind {
    let applied = &alert.applied;
    (
        applied.guardrail.clone(),
        applied.detector.clone(),
        applied.action.clone(),
    )
}

async fn work(mut alerts: mpsc::Receiver<Alert>, senders: Senders) {
    let mut waiting = Waiting::default();
    loop {
        let due = waiting.due();
        tokio::select! {
            alert = alerts.recv() => match alert {
                Some(alert) => {
                    if let Some(alert) = waiting.take(alert, Instant::now()) {
                        senders.send(&alert).await;
                    }
                }
                None => break,
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                for alert in waiting.ripe(Instant::now()) {
                    senders.send(&alert).await;
                }
            }
        }
    }
    for alert in waiting.rest() {
        senders.send(&alert).await;
    }
}

/// Those that were told a moment ago, and what came since.
#[derive(Debug, Default)]
struct Waiting(HashMap<Kind, (Instant, Option<Alert>)>);

impl Waiting {
    /// Gives an alert back that is to be sent at once.
    fn take(&mut self, alert: Alert, now: Instant) -> Option<Alert> {
        let kind = kind(&alert);
        if let Some((_, since)) = self.0.get_mut(&kind) {
            match since {
                Some(first) => first.calls += alert.calls,
                None => *since = Some(alert),
            }
            return None;
        }
        if self.0.len() < KINDS {
            self.0.insert(kind, (now + TOGETHER, None));
        }
        Some(alert)
    }

    fn due(&self) -> Option<Instant> {
        self.0.values().map(|(due, _)| *due).min()
    }

    /// What has waited long enough. Of which nothing came since is forgotten.
    fn ripe(&mut self, now: Instant) -> Vec<Alert> {
        let mut ripe = Vec::new();
        self.0.retain(|_, (due, since)| {
            if *due > now {
                return true;
            }
            *due = now + TOGETHER;
            match since.take() {
                Some(alert) => {
                    ripe.push(alert);
                    true
                }
                None => false,
            }
        });
        ripe
    }

    fn rest(self) -> impl Iterator<Item = Alert> {
        self.0.into_values().filter_map(|(_, since)| since)
    }
}

#[cfg(test)]
mod tests {
    use tidegate_governance::guardrail::Phase;

    use super::*;

    pub(in crate::alerts) fn alert(guardrail: &str) -> Alert {
        let at: Timestamp = "2026-11-26T12:00:00Z".parse().expect("a time");
        Alert {
            at,
            request: RequestId::from_parts(at, 1),
            applied: Applied {
                guardrail: guardrail.into(),
                detector: "github-pat".into(),
                phase: Phase::Prompt,
                action: "block".into(),
                shadow: false,
                count: 2,
                places: vec!["text".into()],
                error: None,
                micros: 5,
            },
            about: vec![("key", "key_1".into()), ("model", "gpt-4o".into())],
            calls: 1,
        }
    }

    #[test]
    fn the_first_leaves_at_once_and_the_rest_together() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        assert!(waiting.take(alert("a"), now).is_some());
        assert!(waiting.take(alert("b"), now).is_some());
        for _ in 0..3 {
            assert!(waiting.take(alert("a"), now).is_none());
        }
        assert!(waiting.ripe(now).is_empty());
        assert_eq!(waiting.due(), Some(now + TOGETHER));
        let later = now + TOGETHER;
        let ripe = waiting.ripe(later);
        assert_eq!((ripe.len(), ripe[0].calls), (1, 3));
        assert!(
            waiting.take(alert("b"), later).is_some(),
            "it was forgotten"
        );
        assert!(
            waiting.take(alert("a"), later).is_none(),
            "it was told just now"
        );
        assert_eq!(waiting.rest().count(), 1);
    }
}
