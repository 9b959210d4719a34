//! Looks at the store's pulse while somebody listens, and says which topics changed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tidegate_store::{DeviceFilter, Pulse, StoreError};
use tokio::time::Instant;

use super::topic::Topic;
use crate::{app::App, devices};

/// How often it is looked for what other nodes changed.
const POLL: Duration = Duration::from_secs(1);

/// The shortest time between two looks: many changes in a row are one.
const PAUSE: Duration = Duration::from_millis(200);

/// How often it is counted how many devices are there: one that falls silent says nothing.
const PRESENCE: Duration = Duration::from_secs(15);

/// Watches until nobody listens.
pub(super) async fn watch(app: Arc<App>, from: Pulse) {
    let events = &app.events;
    let mut closing = events.closing.subscribe();
    let (mut pulse, mut present, mut counted) = (from, None, Instant::now());
    let mut failing = false;
    while !events.rests() {
        tokio::select! {
            () = events.stirred.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = closing.wait_for(|closing| *closing) => continue,
        }
        match look(&app, &mut pulse).await {
            Ok(topics) => {
                failing = false;
                events.tell(&topics);
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "consoles are not told what changes until the store answers");
                }
                failing = true;
            }
        }
        if counted.elapsed() >= PRESENCE {
            counted = Instant::now();
            let now = presence(&app).await.ok();
            if now.is_some() && present.is_some() && now != present {
                events.tell(&[Topic::Devices]);
            }
            present = now.or(present);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What changed since the last look.
async fn look(app: &App, last: &mut Pulse) -> Result<Vec<Topic>, StoreError> {
    let now = app.store.pulse().await?;
    let mut topics = BTreeSet::new();
    if now.request != last.request {
        topics.insert(Topic::Requests);
    }
    if now.policy != last.policy {
        topics.insert(Topic::Policy);
    }
    topics.extend(now.beats_since(last).into_iter().map(Topic::of_beat));
    if now.audit != last.audit {
        topics.insert(Topic::Audit);
        match app.store.audit_actions(last.audit).await? {
            Some(actions) => {
                let about = actions.iter().flat_map(|action| Topic::of_action(action));
                topics.extend(about);
            }
            None => topics.extend(Topic::ALL),
        }
    }
    *last = now;
    Ok(topics.into_iter().collect())
}

/// How many devices are online and how many late.
async fn presence(app: &App) -> Result<(u64, u64), StoreError> {
    let (late, missing) = devices::thresholds(app).await?;
    let filter = DeviceFilter::default();
    let facets = app.store.device_facets(filter, late, missing).await?;
    let count = |of: fn(&tidegate_store::DeviceFacet) -> bool| {
        facets
            .iter()
            .filter(|facet| of(facet))
            .map(|facet| facet.devices)
            .sum()
    };
    Ok((count(|facet| facet.online), count(|facet| facet.late)))
}
