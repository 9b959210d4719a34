//! What is on devices: content-addressed, listed over all of them, and gone with the last that has it.

use tidegate_device_api::{
    Effect, EffectItem, EffectReport, EffectState, InstallSource, InstalledApp, InstalledKind,
    Inventory, McpServer, Means, Scope, Tool, ToolSource, Transport,
};
use tidegate_policy::{Decision, LaunchHash};
use tidegate_store::{
    Actor, Audience, DeviceFilter, NewDecision, NewInventory, ServerFilter, Sighting, Store,
};
use tidegate_types::DeviceId;

use crate::{
    bed::{Bed, NOON, at, both},
    devices::enrol,
    enrolment::token,
    mcp::about,
    sightings::sighting,
};

both!(
    devices_that_are_alike_share_an_inventory,
    an_inventory_goes_with_the_last_device_that_has_it,
    the_catalogue_has_one_row_for_each_server,
    the_newest_report_of_a_device_is_the_whole,
    devices_are_found_by_what_is_on_them
);

pub(crate) fn server(name: &str, identity: &str, launch: u8) -> McpServer {
    McpServer {
        user: Some("ada".into()),
        client: "claude-code".parse().unwrap(),
        scope: Scope::User,
        config_path: "~/.claude.json".into(),
        project: None,
        name: name.into(),
        identity: identity.parse().unwrap(),
        version: Some("1.0".into()),
        arguments: LaunchHash([1; 32]),
        launch: LaunchHash([launch; 32]),
        transport: Transport::Stdio,
        command: Some("npx".into()),
        args: vec!["-y".into(), identity.into()],
        url: None,
        given: vec!["API_KEY".into()],
        enabled: true,
        tools: vec![Tool {
            name: "echo".into(),
            description: None,
        }],
        tool_source: Some(ToolSource::Shim),
    }
}

pub(crate) fn app(id: &str, version: &str) -> InstalledApp {
    InstalledApp {
        app: id.parse().unwrap(),
        name: id.to_uppercase(),
        kind: InstalledKind::Cli,
        version: Some(version.into()),
        publisher: None,
        path: format!("~/.local/bin/{id}"),
        source: InstallSource::Npm,
        user: Some("ada".into()),
    }
}

pub(crate) fn inventory(
    hash: u8,
    servers: Vec<McpServer>,
    apps: Vec<InstalledApp>,
) -> NewInventory {
    NewInventory {
        hash: [hash; 32],
        bytes: 100,
        inventory: Inventory {
            apps,
            mcp_servers: servers,
            coverage: Vec::new(),
            truncated: false,
        },
        dropped: 1,
    }
}

async fn three(store: &Store) -> [DeviceId; 3] {
    let (token, _) = token(store, 3, None).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(enrol(store, &token, name).await.id);
    }
    ids.try_into().unwrap()
}

/// A device names an inventory that is stored.
fn names(device: DeviceId, hash: u8) -> Sighting {
    Sighting {
        inventory: Some([hash; 32]),
        ..sighting(device, at(NOON + 9), true, Vec::new())
    }
}

async fn devices_that_are_alike_share_an_inventory(bed: &Bed) {
    let store = &bed.store;
    let [a, b, c] = three(store).await;
    let new = inventory(7, vec![server("x", "npm:x", 1)], vec![app("codex", "2")]);
    assert_eq!(store.has_inventory(new.hash).await, Ok(false));
    store.note_inventory(a, new.clone()).await.unwrap();
    assert_eq!(store.has_inventory(new.hash).await, Ok(true));
    // The second names it only; the third names one that nobody ever uploaded.
    let lacking = store.note_sightings(vec![names(b, 7), names(c, 8)]).await;
    assert_eq!(lacking, Ok(vec![(c, [8; 32])]));
    for device in [a, b] {
        let stored = store.device_inventory(device).await.unwrap().unwrap();
        assert_eq!(stored.inventory, new.inventory);
        assert_eq!((stored.hash, stored.dropped), ([7; 32], 1));
        let row = store.device(device).await.unwrap().reported;
        assert_eq!((row.apps, row.mcp_servers), (1, 1));
    }
    assert_eq!(store.device_inventory(c).await, Ok(None));
    let changed = |device: DeviceId| async move {
        let device = store.device(device).await.unwrap();
        (device.reported.inventory_changed_at, device.last_seen_at)
    };
    assert_eq!(changed(b).await, (Some(at(NOON + 9)), Some(at(NOON + 9))));
    let later = Sighting {
        at: at(NOON + 20),
        ..names(b, 7)
    };
    store.note_sightings(vec![later]).await.unwrap();
    assert_eq!(
        changed(b).await,
        (Some(at(NOON + 9)), Some(at(NOON + 20))),
        "seen is one thing, changed another"
    );
    let gone = DeviceId::generate(at(NOON));
    assert!(store.note_inventory(gone, new).await.is_err());
}

async fn an_inventory_goes_with_the_last_device_that_has_it(bed: &Bed) {
    let store = &bed.store;
    let [a, b, _] = three(store).await;
    let first = inventory(7, vec![server("x", "npm:x", 1)], Vec::new());
    store.note_inventory(a, first).await.unwrap();
    store.note_sightings(vec![names(b, 7)]).await.unwrap();
    let second = inventory(8, vec![server("y", "npm:y", 2)], Vec::new());
    store.note_inventory(a, second).await.unwrap();
    assert_eq!(store.has_inventory([7; 32]).await, Ok(true), "b has it");
    bed.clock.advance(std::time::Duration::from_secs(60));
    store.delete_device(Actor::Cli, b).await.unwrap();
    assert_eq!(store.has_inventory([7; 32]).await, Ok(false));
    assert_eq!(store.inventory_hashes().await, Ok(vec![[8; 32]]));
    let servers = store.mcp_servers().await.unwrap();
    let rows: Vec<_> = servers
        .iter()
        .map(|row| (row.identity.as_str(), row.devices, row.last_seen_at))
        .collect();
    assert_eq!(
        rows,
        [
            ("npm:x", 0, Some(at(NOON + 60_000_000))),
            ("npm:y", 1, Some(at(NOON)))
        ],
        "what was is remembered"
    );
    assert_eq!(servers[0].first_seen_at, Some(at(NOON)));
}

async fn the_catalogue_has_one_row_for_each_server(bed: &Bed) {
    let store = &bed.store;
    let [a, b, c] = three(store).await;
    let twice = vec![
        server("mine", "npm:x", 1),
        server("again", "npm:x", 1),
        server("100%_y", "npm:y", 3),
    ];
    let apps = vec![app("codex", "2"), app("codex", "1")];
    store
        .note_inventory(a, inventory(7, twice, apps))
        .await
        .unwrap();
    store.note_sightings(vec![names(b, 7)]).await.unwrap();
    let other = inventory(8, vec![server("his", "npm:x", 2)], vec![app("codex", "2")]);
    store.note_inventory(c, other).await.unwrap();
    let servers = store.mcp_servers().await.unwrap();
    let counts = servers
        .iter()
        .map(|row| (row.identity.as_str(), row.devices));
    assert_eq!(counts.collect::<Vec<_>>(), [("npm:x", 3), ("npm:y", 2)]);
    let list = |filter| async move {
        let found = store.mcp_identities(filter).await.unwrap();
        let mut found: Vec<String> = found.iter().map(ToString::to_string).collect();
        found.sort_unstable();
        found
    };
    let (x, y) = ("npm:x".to_owned(), "npm:y".to_owned());
    assert_eq!(list(ServerFilter::default()).await, [x.clone(), y.clone()]);
    let text = |text: &str| ServerFilter {
        text: Some(text.into()),
        client: None,
    };
    assert_eq!(list(text("HIS")).await, [x]);
    assert_eq!(list(text("%_")).await, [y], "no patterns");
    let nobody = ServerFilter {
        client: "cursor".parse().ok(),
        ..ServerFilter::default()
    };
    assert!(list(nobody).await.is_empty());

    let identity = "npm:x".parse().unwrap();
    let ways = store.mcp_launches(vec![identity]).await.unwrap();
    let ways: Vec<_> = ways[0]
        .iter()
        .map(|way| (way.name.as_str(), way.launch.0[0], way.devices))
        .collect();
    assert_eq!(ways, [("again", 1, 2), ("mine", 1, 2), ("his", 2, 1)]);
    let tools = store
        .mcp_tools(vec!["npm:y".parse().unwrap()])
        .await
        .unwrap();
    assert_eq!(tools[0][0].tools[0].name, "echo");
    let places = store.mcp_occurrences("npm:y".parse().unwrap()).await;
    let places: Vec<_> = places
        .unwrap()
        .into_iter()
        .map(|place| place.device)
        .collect();
    assert_eq!(places, [a, b]);

    let installed = store.installed_apps().await.unwrap();
    assert_eq!((installed.len(), installed[0].devices), (1, 3));
    let versions = store.app_versions().await.unwrap();
    let versions: Vec<_> = versions
        .iter()
        .map(|one| (one.version.as_deref(), one.source.as_str(), one.devices))
        .collect();
    assert_eq!(versions, [(Some("2"), "npm", 3), (Some("1"), "npm", 2)]);
}

fn effect(identity: &str, name: &str, state: EffectState) -> Effect {
    Effect {
        item: EffectItem::McpServer {
            identity: identity.parse().unwrap(),
            launch: LaunchHash([1; 32]),
            client: "claude-code".parse().unwrap(),
            name: name.into(),
            user: None,
            config_path: "~/.claude.json".into(),
        },
        decision: Decision::Denied,
        state,
        means: vec![Means::ConfigEdit],
        detail: None,
    }
}

fn reports(device: DeviceId, revision: u64, effects: Vec<Effect>) -> Sighting {
    Sighting {
        effects: Some(EffectReport {
            revision,
            effects,
            truncated: false,
        }),
        ..sighting(device, at(NOON + 9), true, Vec::new())
    }
}

async fn the_newest_report_of_a_device_is_the_whole(bed: &Bed) {
    let store = &bed.store;
    let [a, b, _] = three(store).await;
    let mixed = vec![
        effect("npm:x", "one", EffectState::Verified),
        effect("npm:x", "two", EffectState::PendingRestart),
        effect("npm:y", "three", EffectState::Failed),
    ];
    let good = vec![effect("npm:x", "one", EffectState::Verified)];
    store
        .note_sightings(vec![reports(a, 4, mixed), reports(b, 5, good.clone())])
        .await
        .unwrap();
    let counts = |items: &[&str]| {
        let items = items.iter().map(ToString::to_string).collect();
        async move {
            let counts = store.effect_counts("mcp_server", items).await.unwrap();
            let one = |count: tidegate_store::EffectCount| (count.item, count.state, count.devices);
            counts.into_iter().map(one).collect::<Vec<_>>()
        }
    };
    let x = |state, devices| ("npm:x".to_owned(), state, devices);
    assert_eq!(
        counts(&["npm:x", "npm:y", "npm:z"]).await,
        [
            x(EffectState::Verified, 1),
            x(EffectState::PendingRestart, 1),
            ("npm:y".to_owned(), EffectState::Failed, 1)
        ],
        "the worst of a device counts"
    );
    store
        .note_sightings(vec![reports(a, 6, good)])
        .await
        .unwrap();
    assert_eq!(counts(&["npm:x"]).await, [x(EffectState::Verified, 2)]);
    assert_eq!(counts(&["npm:y"]).await, []);
    let told = store.device_effects(a).await.unwrap();
    assert_eq!((told.len(), told[0].revision), (1, 6));
    let row = store.device(a).await.unwrap().reported;
    assert_eq!(
        (row.effects_revision, row.effects_at),
        (6, Some(at(NOON + 9)))
    );
    store.delete_device(Actor::Cli, a).await.unwrap();
    assert_eq!(
        counts(&["npm:x", "npm:y", "npm:z"]).await,
        [x(EffectState::Verified, 1)]
    );
}

async fn devices_are_found_by_what_is_on_them(bed: &Bed) {
    let store = &bed.store;
    let [a, b, c] = three(store).await;
    let one = inventory(7, vec![server("x", "npm:x", 1)], vec![app("codex", "2")]);
    store.note_inventory(a, one).await.unwrap();
    let two = inventory(8, vec![server("x", "npm:x", 2)], Vec::new());
    store.note_inventory(b, two).await.unwrap();
    let failed = vec![effect("npm:x", "x", EffectState::Failed)];
    store
        .note_sightings(vec![reports(b, 1, failed)])
        .await
        .unwrap();
    store.quarantine_device(c, "copied".into()).await.unwrap();
    let deny =
        |audience, launch| NewDecision::Mcp(audience, about("npm:x", launch, Decision::Denied));
    let approve = about("npm:x", None, Decision::Approved);
    let decisions = vec![
        deny(Audience::Fleet, None),
        NewDecision::Mcp(Audience::Device(b), approve),
    ];
    store.decide(Actor::Cli, decisions).await.unwrap();
    let find = |filter: DeviceFilter| async move {
        let page = store.devices(filter, None, 10).await.unwrap();
        let names = page.items.into_iter().map(|device| device.name);
        names.collect::<String>()
    };
    type Narrow = fn(&mut DeviceFilter);
    let cases: [(Narrow, &str); 8] = [
        (|f| f.app = "codex".parse().ok(), "a"),
        (|f| f.mcp_server = "npm:x".parse().ok(), "ab"),
        (|f| f.approval = Some(Decision::Denied), "a"),
        (|f| f.approval = Some(Decision::Approved), "b"),
        (|f| f.approval = Some(Decision::Pending), "a"),
        (|f| f.effect = Some(EffectState::Failed), "b"),
        (|f| f.quarantined = Some(true), "c"),
        (|f| f.quarantined = Some(false), "ab"),
    ];
    for (narrow, found) in cases {
        let mut filter = DeviceFilter::default();
        narrow(&mut filter);
        assert_eq!(find(filter.clone()).await, found, "{filter:?}");
    }
    // The tighter one decides, whoever it is for.
    let tighter = vec![deny(Audience::Fleet, Some(LaunchHash([2; 32])))];
    store.decide(Actor::Cli, tighter).await.unwrap();
    let denied = DeviceFilter {
        approval: Some(Decision::Denied),
        ..DeviceFilter::default()
    };
    assert_eq!(find(denied).await, "ab");
}
