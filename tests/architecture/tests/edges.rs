//! Who may import whom. A new edge is a decision: it is written into this table first.

use std::collections::BTreeMap;

use anyhow::Result;
use tidegate_architecture::{
    expect_none,
    workspace::{Package, Use, packages},
};

/// Every crate of ours, and the crates of ours that it may use. Rings, from the inside: `base`
/// imports only `base`; `gateway` and `endpoint` import `base` and themselves and never see each other;
/// nothing imports a binary but tests.
const EDGES: &[(&str, &[&str])] = &[
    ("tidegate-types", &[]),
    ("tidegate-wire", &["types"]),
    ("tidegate-telemetry", &["types"]),
    ("tidegate-guardrails", &[]),
    ("tidegate-texts", &["wire"]),
    ("tidegate-memory", &[]),
    ("tidegate-policy", &[]),
    ("tidegate-device-api", &["types", "policy"]),
    ("tidegate-governance", &["types"]),
    ("tidegate-console", &[]),
    ("tidegate-authority", &["types", "policy", "device-api"]),
    ("tidegate-identity", &["types"]),
    ("tidegate-aws", &["types"]),
    ("tidegate-provider", &["types", "wire", "aws"]),
    ("tidegate-import", &["types", "provider"]),
    ("tidegate-cache", &["types", "wire"]),
    ("tidegate-condition", &[]),
    ("tidegate-routing", &["types", "condition", "provider"]),
    (
        "tidegate-pipeline",
        &[
            "types",
            "wire",
            "cache",
            "telemetry",
            "policy",
            "device-api",
            "provider",
            "routing",
            "governance",
        ],
    ),
    (
        "tidegate-store",
        &["types", "governance", "policy", "device-api"],
    ),
    ("tidegate-scim", &["types"]),
    ("tidegate-engines", &["types", "aws"]),
    (
        "tidegate-guards",
        &[
            "types",
            "wire",
            "condition",
            "governance",
            "pipeline",
            "guardrails",
            "texts",
            "engines",
        ],
    ),
    (
        "tidegate-control",
        &[
            "types",
            "scim",
            "wire",
            "telemetry",
            "governance",
            "provider",
            "store",
            "policy",
            "device-api",
            "authority",
            "identity",
            "console",
            "guards",
            "cache",
        ],
    ),
    ("tidegate-redirect-abi", &[]),
    ("tidegate-redirect", &["policy"]),
    ("tidegate-attribution", &["policy"]),
    ("tidegate-trust", &[]),
    ("tidegate-split", &["policy", "redirect"]),
    ("tidegate-notice", &["policy"]),
    ("tidegate-tray", &["device-api", "agent-core"]),
    ("tidegate-discovery", &["policy", "device-api"]),
    ("tidegate-enforce", &["policy", "device-api", "discovery"]),
    ("tidegate-shim", &["policy", "device-api"]),
    (
        "tidegate-mitm",
        &["types", "policy", "device-api", "redirect"],
    ),
    ("tidegate-agent-core", &["types", "policy", "device-api"]),
    (
        "tidegate-redirector-user",
        &["policy", "redirect", "redirect-abi"],
    ),
    (
        "tidegate-edge",
        &[
            "types",
            "policy",
            "device-api",
            "redirect",
            "redirector-user",
            "mitm",
            "agent-core",
            "attribution",
            "trust",
            "split",
            "notice",
            "discovery",
            "enforce",
            "shim",
            "memory",
            "tray",
        ],
    ),
    (
        "tidegate",
        &[
            "policy",
            "device-api",
            "authority",
            "identity",
            "import",
            "types",
            "wire",
            "telemetry",
            "governance",
            "provider",
            "routing",
            "pipeline",
            "store",
            "control",
            "aws",
            "engines",
            "guardrails",
            "guards",
            "memory",
            "cache",
        ],
    ),
    ("tidegate-loadtest", &[]),
    ("tidegate-architecture", &[]),
    ("tidegate-harness", ANYTHING),
    ("tidegate-e2e", ANYTHING),
    ("tidegate-replay", ANYTHING),
];

/// What a crate's own tests may use besides.
const TEST_EDGES: &[(&str, &[&str])] = &[
    ("tidegate-control", &["loadtest"]),
    ("tidegate-routing", &["wire"]),
    ("tidegate", &["loadtest", "harness"]),
];

const ANYTHING: &[&str] = &["*"];

/// Crates that know the domain and nothing of the world: it reaches them through ports.
const DOMAIN: &[&str] = &[
    "types",
    "wire",
    "policy",
    "device-api",
    "provider",
    "condition",
    "routing",
    "governance",
    "pipeline",
    "cache",
    "agent-core",
];

/// Outside crates that stand for the world.
const WORLD: &[&str] = &[
    "axum",
    "aya",
    "deadpool-postgres",
    "hyper",
    "hyper-util",
    "pingora*",
    "refinery",
    "reqwest",
    "rusqlite",
    "rustls",
    "tempfile",
    "tokio",
    "tokio-postgres",
    "tokio-rustls",
    "tower",
    "tower-http",
];

/// Outside crates that only some of ours may use, whatever their ring.
const RESERVED: &[(&str, &[&str])] = &[
    (
        "pingora*",
        &[
            "tidegate",
            "tidegate-loadtest",
            "tidegate-harness",
            "tidegate-e2e",
        ],
    ),
    ("axum", &["tidegate-control", "tidegate"]),
    ("utoipa*", &["tidegate-control", "tidegate"]),
    ("rusqlite", &["tidegate-store", "tidegate-discovery"]),
    ("tokio-postgres*", &["tidegate-store"]),
    ("deadpool-postgres", &["tidegate-store"]),
    ("refinery", &["tidegate-store"]),
    ("argon2", &["tidegate-control"]),
    ("prometheus-client", &["tidegate-telemetry"]),
    ("aya", &["tidegate-redirector-user"]),
    ("clap", &["tidegate", "tidegate-edge", "tidegate-loadtest"]),
];

#[test]
fn every_edge_is_in_the_table() -> Result<()> {
    let ours = packages()?;
    let mut breaches = Vec::new();
    for package in &ours {
        let Some(allowed) = row(EDGES, &package.name) else {
            breaches.push(format!(
                "{} has no row in EDGES: add it with what it may use",
                package.name
            ));
            continue;
        };
        let tests = row(TEST_EDGES, &package.name).unwrap_or_default();
        for (used, more) in [(Use::Normal, &[][..]), (Use::Tests, tests)] {
            for name in package.dependencies(used) {
                let own = ours.iter().any(|other| other.name == name);
                if own && !allows(allowed, name) && !allows(more, name) {
                    breaches.push(format!(
                        "{} may not use {name} ({used:?}); it may use {allowed:?}",
                        package.name
                    ));
                }
            }
        }
    }
    expect_none(
        "edges between our crates that the plan does not have:",
        &breaches,
    );
    Ok(())
}

#[test]
fn the_table_names_only_crates_that_exist() -> Result<()> {
    let ours = packages()?;
    let exists = |name: &str| ours.iter().any(|package| package.name == name);
    let gone = EDGES
        .iter()
        .chain(TEST_EDGES)
        .filter(|(name, _)| !exists(name));
    let breaches: Vec<_> = gone
        .map(|(name, _)| format!("{name} is gone; remove its row"))
        .collect();
    expect_none("rows without a crate:", &breaches);
    Ok(())
}

#[test]
fn a_folder_is_named_as_its_crate() -> Result<()> {
    let mut breaches = Vec::new();
    for package in packages()? {
        let folder = package.folder();
        let last = folder.rsplit('/').next().unwrap_or_default();
        let named = (package.name.as_str(), folder.as_str());
        let binary = matches!(named, ("tidegate", "proxy") | ("tidegate-edge", "agent"));
        if package.name != format!("tidegate-{last}") && !binary {
            breaches.push(format!("{} lies in {folder}", package.name));
        }
    }
    expect_none(
        "a crate's folder is its name, so that the tree is the architecture:",
        &breaches,
    );
    Ok(())
}

#[test]
fn domain_crates_know_nothing_of_the_world() -> Result<()> {
    let breaches: Vec<_> = packages()?
        .iter()
        .filter(|package| DOMAIN.contains(&short(&package.name)))
        .flat_map(|package| {
            package
                .dependencies(Use::Normal)
                .into_iter()
                .filter(|name| WORLD.iter().any(|world| fits(world, name)))
                .map(|name| {
                    format!(
                        "{} uses {name}; take a port (a trait) instead",
                        package.name
                    )
                })
                .collect::<Vec<_>>()
        })
        .collect();
    expect_none(
        "domain crates take ports and a clock, not the world:",
        &breaches,
    );
    Ok(())
}

#[test]
fn reserved_crates_are_used_where_they_belong() -> Result<()> {
    let mut breaches = Vec::new();
    for package in packages()? {
        for name in package.dependencies(Use::Normal) {
            let rows = RESERVED.iter().filter(|(reserved, _)| fits(reserved, name));
            for (_, users) in rows.filter(|(_, users)| !users.contains(&package.name.as_str())) {
                breaches.push(format!(
                    "{} uses {name}, which is for {users:?}",
                    package.name
                ));
            }
        }
    }
    expect_none("outside crates that belong to one place:", &breaches);
    Ok(())
}

#[test]
fn there_is_no_circle() -> Result<()> {
    let ours: BTreeMap<_, _> = packages()?
        .into_iter()
        .map(|p| (p.name.clone(), p))
        .collect();
    let breaches: Vec<_> = ours
        .values()
        .filter(|package| reaches(&ours, package, &package.name, ours.len()))
        .map(|package| format!("{} reaches itself", package.name))
        .collect();
    expect_none("circles:", &breaches);
    Ok(())
}

fn reaches(ours: &BTreeMap<String, Package>, from: &Package, wanted: &str, steps: usize) -> bool {
    steps > 0
        && from.dependencies(Use::Normal).into_iter().any(|name| {
            name == wanted
                || ours
                    .get(name)
                    .is_some_and(|next| reaches(ours, next, wanted, steps - 1))
        })
}

fn row(table: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(package, _)| *package == name)
        .map(|(_, allowed)| *allowed)
}

fn allows(allowed: &[&str], name: &str) -> bool {
    allowed == ANYTHING || allowed.contains(&short(name))
}

fn short(name: &str) -> &str {
    name.strip_prefix("tidegate-").unwrap_or(name)
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}
