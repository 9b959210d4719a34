//! What the catalogues of apps and of MCP servers have in common: the orders that they come in, and what
//! all devices together have, which is counted again only when devices said something new.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tidegate_device_api::McpServer;
use tidegate_policy::McpIdentity;
use tidegate_store::{
    AppVersion, Beat, EffectCount, InstalledAnywhere, Launches, McpDecision, SeenApp, ServerFilter,
    ServerSummary, StoreError,
};
use tidegate_types::Mono;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::{app::App, read::words};

/// What a catalogue is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ItemSort {
    /// By how many devices have it.
    Devices,
    /// By when the fleet first saw it.
    FirstSeen,
    /// By when it was last there.
    LastSeen,
    /// By id or identity.
    #[default]
    Name,
}

words!(ItemSort,
    "devices" => Self::Devices, "first_seen" => Self::FirstSeen, "last_seen" => Self::LastSeen,
    "name" => Self::Name);

/// What a catalogue is sorted by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "the schema of `ItemSort`")]
pub(crate) enum ItemSortName {
    Devices,
    FirstSeen,
    LastSeen,
    Name,
}

impl ItemSort {
    /// Sorts items that come by name; those that are alike stay so.
    pub(crate) fn sort<T>(self, items: &mut [T], down: bool, key: fn(&T, Self) -> i64) {
        match (self, down) {
            (Self::Name, false) => {}
            (Self::Name, true) => items.reverse(),
            (_, false) => items.sort_by_key(|item| key(item, self)),
            (_, true) => items.sort_by_key(|item| std::cmp::Reverse(key(item, self))),
        }
    }
}

/// What is installed on all devices together.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) installed: Vec<InstalledAnywhere>,
    pub(crate) versions: Vec<AppVersion>,
    servers: Vec<ServerSummary>,
    /// In which ways servers are used, and entries that know their tools, as far as somebody asked.
    ways: Arc<Mutex<HashMap<McpIdentity, Ways>>>,
}

/// In which ways a server is used, and entries that know its tools.
pub(crate) type Ways = Arc<(Vec<Launches>, Vec<McpServer>)>;

/// When the devices that have something were last seen may be so old.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was counted last, and how often devices had said something then.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    found: Option<(u64, Mono, Arc<Found>)>,
    seen: Option<(u64, Arc<Vec<SeenApp>>)>,
    effects: Option<(u64, HashMap<Item, Reported>)>,
}

/// A kind, and the item's id or identity.
type Item = (&'static str, String);

/// What came of decisions about one item.
type Reported = Arc<Vec<EffectCount>>;

impl Held {
    /// What is installed: as devices said it, and with when they were last seen a few seconds ago. Who asks
    /// while it is counted waits for it.
    pub(crate) async fn found(&self, app: &App) -> Result<Arc<Found>, StoreError> {
        let mut state = self.0.lock().await;
        // Before what is counted: what comes in meanwhile is counted next time.
        let beat = beat(app, Beat::Inventory).await?;
        let now = app.clock.mono();
        if let Some((then, at, found)) = &state.found
            && *then == beat
            && now.since(*at) < PATIENCE
        {
            return Ok(Arc::clone(found));
        }
        // Only when devices were seen is new: how servers are used stays what it was.
        let ways = match &state.found {
            Some((then, _, found)) if *then == beat => Arc::clone(&found.ways),
            _ => Arc::default(),
        };
        let found = Arc::new(Found {
            installed: app.store.installed_apps().await?,
            versions: app.store.app_versions().await?,
            servers: app.store.mcp_servers().await?,
            ways,
        });
        state.found = Some((beat, now, Arc::clone(&found)));
        Ok(found)
    }

    /// The apps that devices have seen in their traffic.
    pub(crate) async fn seen(&self, app: &App) -> Result<Arc<Vec<SeenApp>>, StoreError> {
        let mut state = self.0.lock().await;
        let beat = beat(app, Beat::Devices).await?;
        if let Some((then, seen)) = &state.seen
            && *then == beat
        {
            return Ok(Arc::clone(seen));
        }
        let seen = Arc::new(app.store.seen_apps().await?);
        state.seen = Some((beat, Arc::clone(&seen)));
        Ok(seen)
    }

    /// In which ways these servers are used, and entries that know their tools.
    pub(crate) async fn ways(
        &self,
        app: &App,
        identities: &[McpIdentity],
    ) -> Result<Vec<Ways>, StoreError> {
        let found = self.found(app).await?;
        let mut ways = found.ways.lock().await;
        let lacking: Vec<McpIdentity> = identities
            .iter()
            .filter(|identity| !ways.contains_key(*identity))
            .cloned()
            .collect();
        if !lacking.is_empty() {
            let launches = app.store.mcp_launches(lacking.clone()).await?;
            let tools = app.store.mcp_tools(lacking.clone()).await?;
            for (identity, way) in lacking.into_iter().zip(launches.into_iter().zip(tools)) {
                ways.insert(identity, Arc::new(way));
            }
        }
        let one = |identity| ways.get(identity).cloned().unwrap_or_default();
        Ok(identities.iter().map(one).collect())
    }

    /// What came of decisions about these items, one after the other.
    pub(crate) async fn effects(
        &self,
        app: &App,
        kind: &'static str,
        items: Vec<String>,
    ) -> Result<Vec<Reported>, StoreError> {
        let mut state = self.0.lock().await;
        let beat = beat(app, Beat::Effects).await?;
        let (then, held) = state.effects.get_or_insert_default();
        if *then != beat {
            held.clear();
            *then = beat;
        }
        let lacking: Vec<String> = items
            .iter()
            .filter(|item| !held.contains_key(&(kind, (*item).clone())))
            .cloned()
            .collect();
        if !lacking.is_empty() {
            let mut counts: HashMap<String, Vec<EffectCount>> = HashMap::new();
            for count in app.store.effect_counts(kind, lacking.clone()).await? {
                counts.entry(count.item.clone()).or_default().push(count);
            }
            for item in lacking {
                let counts = counts.remove(&item).unwrap_or_default();
                held.insert((kind, item), Arc::new(counts));
            }
        }
        let one = |item| held.get(&(kind, item)).cloned().unwrap_or_default();
        Ok(items.into_iter().map(one).collect())
    }

    /// The MCP servers, by identity: those that are or were on devices, and those that are decided about.
    pub(crate) async fn servers(
        &self,
        app: &App,
        rules: &[McpDecision],
        filter: ServerFilter,
    ) -> Result<Vec<ServerSummary>, StoreError> {
        let found = self.found(app).await?;
        let decided: HashSet<&McpIdentity> = rules
            .iter()
            .map(|made| &made.rule.target.identity)
            .collect();
        // What is there for its decision alone goes with it, which needs no device to say anything.
        let there = found.servers.iter().filter(|server| {
            server.first_seen_at.is_some()
                || server.devices > 0
                || decided.contains(&server.identity)
        });
        let mut servers: BTreeMap<McpIdentity, ServerSummary> = there
            .map(|server| (server.identity.clone(), server.clone()))
            .collect();
        for identity in decided {
            servers
                .entry(identity.clone())
                .or_insert_with(|| ServerSummary {
                    identity: identity.clone(),
                    devices: 0,
                    first_seen_at: None,
                    last_seen_at: None,
                });
        }
        let mut servers: Vec<ServerSummary> = servers.into_values().collect();
        if filter != ServerFilter::default() {
            let (text, client) = (filter.text.clone(), filter.client.is_some());
            let named = app.store.mcp_identities(filter).await?;
            let named: HashSet<McpIdentity> = named.into_iter().collect();
            let text = text.map(|text| text.to_lowercase());
            servers.retain(|server| {
                let has = |text: &String| server.identity.as_str().to_lowercase().contains(text);
                let itself = !client && text.as_ref().is_some_and(has);
                itself || named.contains(&server.identity)
            });
        }
        Ok(servers)
    }
}

async fn beat(app: &App, of: Beat) -> Result<u64, StoreError> {
    let beats = app.store.beats().await?;
    let beat = beats.iter().find(|(beat, _)| *beat == of);
    Ok(beat.map_or(0, |(_, count)| *count))
}
