//! Teams, users, keys, devices, and what is on them.

use tidegate_device_api::{
    InstallSource, InstalledApp, InstalledKind, McpServer, Scope, Tool, ToolSource, Transport,
};
use tidegate_policy::{Catalogue, LaunchHash};
use tidegate_types::{
    AccountId, BudgetId, DeviceId, EnrolmentTokenId, KeyId, TeamId, Timestamp, UserId,
};
use uuid::Uuid;

use crate::{
    Dice, ago,
    decisions::{decisions, effects, wishes},
    sink::{Cell, Sink, cells},
};

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// Who can call.
#[derive(Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) key: Uuid,
    pub(crate) team: Uuid,
    pub(crate) user: Option<UserId>,
    pub(crate) device: Option<DeviceId>,
}

/// What the log is about.
pub(crate) struct Fleet {
    pub(crate) callers: Vec<Caller>,
    pub(crate) apps: Vec<String>,
    pub(crate) servers: Vec<McpServer>,
    pub(crate) account: Uuid,
}

/// Apps and MCP servers of the catalogue.
const APPS: usize = 80;
pub(crate) const SERVERS: usize = 420;

const VERSIONS: [&str; 5] = ["0.3.1", "0.3.0", "0.2.9", "0.2.4", "0.1.0"];
const MACHINES: [(&str, &str, &str); 6] = [
    ("macos", "macOS 26.1", "aarch64"),
    ("macos", "macOS 15.6", "aarch64"),
    ("windows", "Windows 11 24H2", "x86_64"),
    ("linux", "Ubuntu 24.04.3 LTS", "x86_64"),
    ("linux", "Debian GNU/Linux 12", "x86_64"),
    ("linux", "Fedora Linux 43", "x86_64"),
];

pub(crate) async fn seed(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    devices: usize,
) -> anyhow::Result<Fleet> {
    let teams: Vec<Uuid> = (0..12)
        .map(|_| TeamId::from_parts(ago(now, 90 * DAY), dice.wide()).uuid())
        .collect();
    let rows = teams.iter().enumerate().map(|(index, team)| {
        cells![
            *team,
            format!("Team {index:02}"),
            ago(now, 90 * DAY).micros(),
            false
        ]
    });
    sink.rows("teams", "id,name,created_at,disabled", rows)
        .await?;
    let account = AccountId::from_parts(ago(now, 90 * DAY), dice.wide()).uuid();
    let row = cells![
        account,
        "grace@example.com",
        "Grace Hopper",
        "!",
        now.micros(),
        false
    ];
    let columns = "id,email,name,password_hash,created_at,disabled";
    sink.rows("accounts", columns, std::iter::once(row)).await?;
    let (apps, servers) = (apps(), servers(dice));
    let callers = people(sink, dice, now, &teams, devices).await?;
    let fleet = Fleet {
        callers,
        apps,
        servers,
        account,
    };
    let inventories = inventories(sink, dice, now, &fleet, devices).await?;
    machines(sink, dice, now, &fleet, &inventories).await?;
    decisions(sink, dice, now, &fleet, &teams).await?;
    effects(sink, dice, now, &fleet, &inventories).await?;
    wishes(sink, dice, now, &fleet).await?;
    Ok(fleet)
}

fn apps() -> Vec<String> {
    let known = Catalogue::builtin().apps().iter();
    let known = known.map(|app| app.name.to_string());
    let other = (0..APPS).map(|index| format!("acme-assistant-{index:02}"));
    known.chain(other).take(APPS).collect()
}

fn servers(dice: &mut Dice) -> Vec<McpServer> {
    let server = |index: usize| {
        let identity = match index % 3 {
            0 => format!("npm:@acme/server-{index:03}"),
            1 => format!("pypi:acme-tools-{index:03}"),
            _ => format!("url:https://mcp-{index:03}.example.com/sse"),
        };
        McpServer {
            user: Some("ada".into()),
            client: "claude-code".parse().unwrap_or_else(|_| unreachable!()),
            scope: Scope::User,
            config_path: "~/.claude.json".into(),
            project: None,
            name: format!("tools-{index:03}"),
            identity: identity.parse().unwrap_or_else(|_| unreachable!()),
            version: Some(format!("1.{}", index % 7)),
            arguments: LaunchHash(dice.bytes()),
            launch: LaunchHash(dice.bytes()),
            transport: Transport::Stdio,
            command: Some("npx".into()),
            args: vec!["-y".into(), identity],
            url: None,
            given: vec!["API_KEY".into()],
            enabled: true,
            tools: (0..index % 12)
                .map(|tool| Tool {
                    name: format!("tool_{tool}"),
                    description: Some("Does what its name says.".into()),
                })
                .collect(),
            tool_source: Some(ToolSource::Shim),
        }
    };
    (0..SERVERS).map(server).collect()
}

/// A user and a key for each device, and 200 keys of services.
async fn people(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    teams: &[Uuid],
    devices: usize,
) -> anyhow::Result<Vec<Caller>> {
    let mut callers = Vec::with_capacity(devices + 200);
    for index in 0..devices + 200 {
        let since = ago(now, 60 * DAY - index as i64 * SECOND);
        let laptop = index < devices;
        callers.push(Caller {
            key: KeyId::from_parts(since, dice.wide()).uuid(),
            team: teams[dice.skewed(teams.len())],
            user: laptop.then(|| UserId::from_parts(since, dice.wide())),
            device: laptop.then(|| DeviceId::from_parts(since, dice.wide())),
        });
    }
    let rows = callers.iter().enumerate().filter_map(|(index, caller)| {
        let email = format!("person{index:05}@example.com");
        let name = format!("Person {index:05}");
        let user = caller.user?.uuid();
        Some(cells![
            user,
            email,
            name,
            caller.team,
            ago(now, 60 * DAY).micros(),
            false
        ])
    });
    sink.rows("users", "id,email,name,team_id,created_at,disabled", rows)
        .await?;
    let allow = r#"{"providers":[],"models":[],"routes":[]}"#;
    let rows = callers.iter().enumerate().map(|(index, caller)| {
        let name = match caller.device {
            Some(_) => format!("laptop-{index:05}"),
            None => format!("service-{index:05}"),
        };
        let device = caller.device.map(DeviceId::uuid);
        let hash = dice.bytes::<32>().to_vec();
        let user = caller.user.map(UserId::uuid);
        let since = ago(now, 60 * DAY - index as i64 * SECOND).micros();
        cells![
            caller.key,
            name,
            hash,
            "…beef",
            caller.team,
            user,
            allow,
            false,
            since,
            false,
            device
        ]
    });
    let columns =
        "id,name,hash,hint,team_id,user_id,allow,log_content,created_at,disabled,device_id";
    sink.rows(
        "virtual_keys",
        columns,
        rows.collect::<Vec<_>>().into_iter(),
    )
    .await?;
    let rows = teams.iter().map(|team| {
        let scope = TeamId::from_uuid(*team).to_string();
        let id = BudgetId::from_parts(now, dice.wide()).uuid();
        cells![
            id,
            scope,
            50_000_000_000_i64,
            "1mo",
            "calendar",
            now.micros()
        ]
    });
    let columns = "id,scope,cap,length,alignment,created_at";
    sink.rows("budgets", columns, rows.collect::<Vec<_>>().into_iter())
        .await?;
    Ok(callers)
}

/// An inventory, and what is in it.
pub(crate) struct Content {
    hash: [u8; 32],
    apps: Vec<usize>,
    pub(crate) servers: Vec<usize>,
}

/// Three of ten devices have an inventory of their own, the others share.
async fn inventories(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
    devices: usize,
) -> anyhow::Result<Vec<Content>> {
    let mut pick = |most: usize, end: usize| {
        let count = 1 + dice.below(most);
        let mut picked: Vec<usize> = (0..count).map(|_| dice.skewed(end)).collect();
        picked.sort_unstable();
        picked.dedup();
        picked
    };
    let picked: Vec<(Vec<usize>, Vec<usize>)> = (0..devices * 3 / 10 + 1)
        .map(|_| (pick(10, APPS), pick(12, SERVERS)))
        .collect();
    let contents: Vec<Content> = picked
        .into_iter()
        .map(|(apps, servers)| Content {
            hash: dice.bytes(),
            apps,
            servers,
        })
        .collect();
    let rows = contents.iter().map(|one| {
        let (apps, servers) = (one.apps.len() as i64, one.servers.len() as i64);
        let hash = one.hash.to_vec();
        cells![
            hash,
            9_000_i64,
            apps,
            servers,
            0_i64,
            false,
            "[]",
            now.micros()
        ]
    });
    let columns = "hash,bytes,apps,servers,dropped,truncated,coverage,stored_at";
    sink.rows("inventories", columns, rows).await?;
    let rows = contents.iter().flat_map(|one| {
        one.apps.iter().enumerate().map(|(position, index)| {
            let app = installed(&fleet.apps[*index], *index);
            let entry = serde_json::to_string(&app).unwrap_or_default();
            let name = fleet.apps[*index].clone();
            cells![
                one.hash.to_vec(),
                position as i64,
                name,
                app.version,
                "npm",
                entry
            ]
        })
    });
    let columns = "inventory,position,app,version,source,entry";
    sink.rows("inventory_apps", columns, rows).await?;
    let rows = contents.iter().flat_map(|one| {
        one.servers
            .iter()
            .enumerate()
            .map(|(position, index)| server_row(one, position, &fleet.servers[*index]))
    });
    let columns = "inventory,position,identity,name,client,version,transport,arguments,launch,tools,\
         entry";
    sink.rows("inventory_servers", columns, rows).await?;
    let items = fleet.apps.iter().map(|app| ("app", app.clone()));
    let servers = fleet.servers.iter();
    let items = items.chain(servers.map(|one| ("mcp_server", one.identity.to_string())));
    let rows = items.enumerate().map(|(index, (kind, item))| {
        let first = ago(now, (1 + index as i64 % 59) * DAY).micros();
        cells![kind, item, first, now.micros()]
    });
    sink.rows(
        "catalogue_items",
        "kind,item,first_seen_at,last_seen_at",
        rows,
    )
    .await?;
    Ok(contents)
}

fn installed(name: &str, index: usize) -> InstalledApp {
    InstalledApp {
        app: name.parse().unwrap_or_else(|_| unreachable!()),
        name: name.to_uppercase(),
        kind: InstalledKind::Cli,
        version: Some(format!("2.{}", index % 5)),
        publisher: None,
        path: format!("~/.local/bin/{name}"),
        source: InstallSource::Npm,
        user: Some("ada".into()),
    }
}

fn server_row(one: &Content, position: usize, server: &McpServer) -> Vec<Cell> {
    cells![
        one.hash.to_vec(),
        position as i64,
        server.identity.to_string(),
        server.name.clone(),
        server.client.to_string(),
        server.version.clone(),
        "stdio",
        server.arguments.to_string(),
        server.launch.to_string(),
        server.tools.len() as i64,
        serde_json::to_string(server).unwrap_or_default(),
    ]
}

async fn machines(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
    inventories: &[Content],
) -> anyhow::Result<()> {
    let token = EnrolmentTokenId::from_parts(ago(now, 60 * DAY), dice.wide()).uuid();
    let laptops = fleet
        .callers
        .iter()
        .filter_map(|one| Some((one.key, one.device?)));
    let laptops: Vec<(Uuid, DeviceId)> = laptops.collect();
    let rows = laptops.iter().enumerate().map(|(index, (key, device))| {
        let (os, os_version, arch) = MACHINES[dice.skewed(MACHINES.len())];
        let agent = VERSIONS[dice.skewed(VERSIONS.len())];
        // Most are there, some are late, some missing, and a few never checked in.
        let seen = match dice.below(100) {
            0..=79 => Some(dice.below(120) as i64 * SECOND),
            80..=93 => Some(dice.below(80_000) as i64 * SECOND),
            94..=98 => Some(2 * DAY + dice.below(40) as i64 * DAY),
            _ => None,
        };
        let seen = seen.map(|seen| ago(now, seen).micros());
        let since = ago(now, 60 * DAY - index as i64 * SECOND).micros();
        let inventory = &inventories[index % inventories.len()];
        let quarantined = (dice.below(1_000) == 0).then(|| now.micros());
        cells![
            device.uuid(),
            *key,
            token,
            format!("laptop-{index:05}"),
            format!("{:032x}", dice.wide()),
            os,
            os_version,
            arch,
            agent,
            since,
            seen,
            41_i64,
            dice.below(50) > 0,
            dice.bytes::<16>().to_vec(),
            now.micros() + 7 * DAY,
            quarantined,
            quarantined.map(|_| "A check-in came from another machine than the one enrolled."),
            inventory.hash.to_vec(),
            now.micros(),
            41_i64,
            now.micros(),
        ]
    });
    let columns = "id,key_id,token_id,hostname,machine_id_hash,os,os_version,arch,agent_version,\
         enrolled_at,last_seen_at,policy_revision,effective,leaf_serial,leaf_expires_at,\
         quarantined_at,quarantine_reason,inventory,inventory_changed_at,effects_revision,effects_at";
    sink.rows("devices", columns, rows.collect::<Vec<_>>().into_iter())
        .await?;
    let mut seen = Vec::with_capacity(laptops.len() * 4);
    for (_, device) in &laptops {
        let mut apps: Vec<usize> = (0..5).map(|_| dice.skewed(APPS / 2)).collect();
        apps.sort_unstable();
        apps.dedup();
        for app in apps {
            let name = fleet.apps[app].clone();
            let path = format!("~/.local/bin/{name}");
            let relayed = dice.below(500) as i64;
            let (first, last) = (ago(now, 30 * DAY).micros(), now.micros());
            let row = cells![
                device.uuid(),
                name,
                path,
                relayed,
                3_i64,
                0_i64,
                first,
                last
            ];
            seen.push(row);
        }
    }
    let columns = "device_id,app,path,relayed,denied,pinned,first_seen_at,last_seen_at";
    sink.rows("device_apps", columns, seen.into_iter()).await
}
