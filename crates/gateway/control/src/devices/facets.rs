//! How many devices there are of each sort: what the filters of a list offer, in one small answer.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_store::DeviceFacet;
use utoipa::ToSchema;

use super::{
    Eye,
    list::{ListDevices, narrowed, written},
    presence::Presence,
};
use crate::{app::App, extract::Params, guard::identity::Admin, problem::Problem};

/// How many devices there are, and of which sorts.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = DeviceFacets)]
pub(super) struct FacetsView {
    /// All that the filters let through.
    total: u64,
    /// By whether they are there, with the rule by which that is told.
    presence: Vec<FacetView>,
    /// Seen within so many seconds a device is online: two check-ins and two minutes.
    online_seconds: u64,
    /// Seen within so many seconds it is late rather than missing.
    late_seconds: u64,
    /// By operating system.
    os: Vec<FacetView>,
    /// By its version, 100 at most.
    os_version: Vec<FacetView>,
    /// By the agent's version, 100 at most.
    agent_version: Vec<FacetView>,
    /// Those that say that they do not govern.
    ineffective: u64,
    /// Those that somebody may have copied.
    quarantined: u64,
}

/// One value of a filter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facet)]
struct FacetView {
    /// The value, as the filter takes it.
    value: String,
    /// How many devices have it.
    devices: u64,
}

/// The most values of one filter.
const MOST: usize = 100;

#[derive(Default)]
struct Counts<'a>(BTreeMap<&'a str, u64>);

impl<'a> Counts<'a> {
    fn add(&mut self, value: &'a str, devices: u64) {
        *self.0.entry(value).or_default() += devices;
    }

    /// Those that most devices have first.
    fn list(self) -> Vec<FacetView> {
        let views = self.0.into_iter().map(|(value, devices)| FacetView {
            value: value.to_owned(),
            devices,
        });
        let mut views: Vec<FacetView> = views.collect();
        views.sort_by_key(|facet| std::cmp::Reverse(facet.devices));
        views.truncate(MOST);
        views
    }
}

/// Counts devices by what a list can be filtered by. It takes the parameters of the list; `sort`, `order`,
/// `cursor` and `limit` say nothing here.
#[utoipa::path(get, path = "/devices/facets", tag = "devices", operation_id = "count_devices",
    params(ListDevices),
    responses((status = 200, description = "How many devices there are.", body = FacetsView)))]
pub(super) async fn facets(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListDevices>,
) -> Result<Json<FacetsView>, Problem> {
    written(&app).await?;
    let thresholds = Eye::open(&app).await?.thresholds;
    let filter = narrowed(&admin, query, thresholds)?;
    let (late, missing) = (thresholds.late, thresholds.missing);
    let found = app.store.device_facets(filter, late, missing).await?;
    let now = app.clock.now();
    Ok(Json(FacetsView {
        online_seconds: late.until(now).as_secs(),
        late_seconds: missing.until(now).as_secs(),
        ..fold(&found)
    }))
}

fn fold(found: &[DeviceFacet]) -> FacetsView {
    let mut view = FacetsView::default();
    let [mut presence, mut os, mut os_version, mut agent_version]: [Counts<'_>; 4] =
        Default::default();
    for facet in found {
        let there = if facet.online {
            Presence::Online
        } else if facet.late {
            Presence::Late
        } else {
            Presence::Missing
        };
        presence.add(there.word(), facet.devices);
        os.add(&facet.os, facet.devices);
        os_version.add(&facet.os_version, facet.devices);
        agent_version.add(&facet.agent_version, facet.devices);
        view.total += facet.devices;
        if facet.effective == Some(false) {
            view.ineffective += facet.devices;
        }
        if facet.quarantined {
            view.quarantined += facet.devices;
        }
    }
    view.presence = presence.list();
    view.os = os.list();
    view.os_version = os_version.list();
    view.agent_version = agent_version.list();
    view
}
