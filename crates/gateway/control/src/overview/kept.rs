//! Overviews that were worked out a moment ago. Who asks while one is worked out waits for it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tidegate_types::{Mono, TeamId};
use tokio::sync::Mutex;

use super::{OverviewView, Period, work_out};
use crate::{app::App, problem::Problem};

/// More than these are not kept at once: the oldest go.
const MOST: usize = 256;

type Key = (Period, Option<TeamId>);
type Place = Arc<Mutex<Option<(Mono, OverviewView)>>>;

/// What was worked out a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<Key, Place>>);

impl Period {
    /// How long an answer is good enough: a day's changes faster than a month's.
    const fn patience(self) -> Duration {
        match self {
            Self::Day => Duration::from_secs(2),
            Self::Week => Duration::from_secs(15),
            Self::Month => Duration::from_secs(60),
        }
    }
}

impl Kept {
    pub(super) async fn get(
        &self,
        period: Period,
        team: Option<TeamId>,
        app: &App,
    ) -> Result<OverviewView, Problem> {
        let place = {
            let mut places = self.0.lock().await;
            if places.len() >= MOST && !places.contains_key(&(period, team)) {
                places.clear();
            }
            Arc::clone(places.entry((period, team)).or_default())
        };
        let mut place = place.lock().await;
        let now = app.clock.mono();
        if let Some((since, view)) = &*place
            && now.since(*since) < period.patience()
        {
            return Ok(view.clone());
        }
        let view = work_out(app, period, team).await?;
        *place = Some((now, view.clone()));
        Ok(view)
    }
}
