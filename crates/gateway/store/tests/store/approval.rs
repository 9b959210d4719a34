//! Devices are filtered by what holds for the things on them: rule by rule, the filter says what the rules say
//! when they are gone through one after the other.

use tidegate_policy::{AppRule, Decision, LaunchHash, McpRule};
use tidegate_store::{Actor, Audience, DeviceFilter, NewDecision, NewTeam, Store};
use tidegate_types::{DeviceId, TeamId};

use crate::{
    bed::{Bed, NOON, at, both},
    devices::enrol,
    enrolment::token,
    fleet::{app, inventory, server},
    mcp::about,
    sightings::{seen, sighting},
};

both!(filters_say_what_rules_say);

/// A device, and what is on it: servers with a launch each, and apps.
struct Machine {
    id: DeviceId,
    team: Option<TeamId>,
    servers: Vec<(&'static str, u8)>,
    apps: Vec<&'static str>,
}

const DECISIONS: [Decision; 3] = [Decision::Approved, Decision::Pending, Decision::Denied];

async fn machines(store: &Store) -> (TeamId, Vec<Machine>) {
    let blue = NewTeam {
        name: "Blue".into(),
    };
    let blue = store.create_team(Actor::Cli, blue).await.unwrap().id;
    let (of_blue, _) = token(store, 9, Some(blue)).await;
    let (of_nobody, _) = token(store, 9, None).await;
    let mut machines = Vec::new();
    for index in 0..6_u8 {
        let team = (index % 2 == 0).then_some(blue);
        let token = if team.is_some() { &of_blue } else { &of_nobody };
        let id = enrol(store, token, &format!("m{index}")).await.id;
        // The last has nothing on it that was found, only what it sent calls from.
        let servers: Vec<_> = match index {
            0 | 1 => vec![("npm:x", 1)],
            2 => vec![("npm:x", 2), ("npm:y", 1)],
            3 => vec![("npm:y", 2)],
            _ => Vec::new(),
        };
        let installed: Vec<_> = if index < 5 { vec!["codex"] } else { Vec::new() };
        let listed = |(name, launch): &(&'static str, u8)| server(name, name, *launch);
        let found = inventory(
            index,
            servers.iter().map(listed).collect(),
            installed.iter().map(|name| app(name, "1")).collect(),
        );
        let mut apps = installed.clone();
        if index == 5 {
            apps.push("jan");
            let said = sighting(id, at(NOON + 9), true, vec![seen("jan", 1)]);
            store.note_sightings(vec![said]).await.unwrap();
        } else {
            store.note_inventory(id, found).await.unwrap();
        }
        machines.push(Machine {
            id,
            team,
            servers,
            apps,
        });
    }
    (blue, machines)
}

fn about_app(id: &str, decision: Decision) -> AppRule {
    AppRule {
        app: id.parse().unwrap(),
        decision,
        mode: Default::default(),
        pinned: Default::default(),
        note: None,
    }
}

/// How near an audience is to a device; none where it is another's.
fn nearness(audience: Audience, machine: &Machine) -> Option<u8> {
    match audience {
        Audience::Fleet => Some(0),
        Audience::Team(team) => (machine.team == Some(team)).then_some(1),
        Audience::Device(device) => (machine.id == device).then_some(2),
    }
}

fn of_server(rules: &[(Audience, McpRule)], on: &Machine, (name, launch): (&str, u8)) -> Decision {
    let fitting = rules.iter().filter_map(|(audience, rule)| {
        let near = nearness(*audience, on)?;
        let bound = rule.target.launch;
        let fits = rule.target.identity.as_str() == name
            && bound.is_none_or(|bound| bound == LaunchHash([launch; 32]));
        fits.then_some(((bound.is_some(), near), rule.decision))
    });
    let best = fitting.max_by_key(|(rank, _)| *rank);
    best.map_or(Decision::Pending, |(_, decision)| decision)
}

fn of_app(rules: &[(Audience, AppRule)], on: &Machine, name: &str) -> Decision {
    let fitting = rules.iter().filter(|(_, rule)| rule.app.as_str() == name);
    let fitting =
        fitting.filter_map(|(audience, rule)| Some((nearness(*audience, on)?, rule.decision)));
    let best = fitting.max_by_key(|(near, _)| *near);
    best.map_or(Decision::Pending, |(_, decision)| decision)
}

async fn filters_say_what_rules_say(bed: &Bed) {
    let store = &bed.store;
    let (blue, machines) = machines(store).await;
    let [approved, pending, denied] = DECISIONS;
    let bound = Some(LaunchHash([2; 32]));
    let (team, device) = (Audience::Team(blue), Audience::Device(machines[1].id));
    let steps = [
        NewDecision::Mcp(Audience::Fleet, about("npm:x", None, denied)),
        NewDecision::App(Audience::Fleet, about_app("codex", approved)),
        NewDecision::Mcp(team, about("npm:x", None, approved)),
        NewDecision::Mcp(device, about("npm:x", None, pending)),
        NewDecision::Mcp(Audience::Fleet, about("npm:y", bound, denied)),
        NewDecision::Mcp(Audience::Fleet, about("npm:x", bound, denied)),
        NewDecision::App(team, about_app("codex", denied)),
        NewDecision::App(device, about_app("codex", pending)),
        NewDecision::App(Audience::Fleet, about_app("jan", denied)),
        NewDecision::App(Audience::Device(machines[5].id), about_app("jan", approved)),
    ];
    let (mut servers, mut apps) = (Vec::new(), Vec::new());
    for step in steps {
        match step.clone() {
            NewDecision::Mcp(audience, rule) => servers.push((audience, rule)),
            NewDecision::App(audience, rule) => apps.push((audience, rule)),
        }
        let step = vec![step];
        store.decide(Actor::Cli, step.clone()).await.unwrap();
        for decision in DECISIONS {
            let has = |machine: &&Machine| {
                let mut on_it = machine.servers.iter();
                on_it.any(|one| of_server(&servers, machine, *one) == decision)
                    || machine
                        .apps
                        .iter()
                        .any(|name| of_app(&apps, machine, name) == decision)
            };
            let expected: Vec<DeviceId> = machines.iter().filter(has).map(|one| one.id).collect();
            let filter = DeviceFilter {
                approval: Some(decision),
                ..DeviceFilter::default()
            };
            let page = store.devices(filter.clone(), None, 50).await.unwrap();
            let found: Vec<DeviceId> = page.items.iter().map(|device| device.id).collect();
            assert_eq!(found, expected, "{decision:?} after {step:?}");
            let facets = store.device_facets(filter, at(NOON), at(NOON)).await;
            let counted: u64 = facets.unwrap().iter().map(|facet| facet.devices).sum();
            assert_eq!(counted, expected.len() as u64, "{decision:?} counted");
        }
    }
}
