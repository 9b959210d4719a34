//! Made-up machines of every system, and the inventories that they have to give.

use crate::machine::Machine;
use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use tidegate_device_api::Looked;
use tidegate_discovery::{Os, homes, inventory, scan_home, scan_machine};

/// What stands in the fixtures wherever a person would have a secret.
const PLANTED: &str = "planted-";

fn check(os: Os, name: &str) -> Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/homes");
    let text = std::fs::read_to_string(format!("{folder}/{name}.txt"))?;
    let machine = Machine::of(os, &text)?;
    let mut found = vec![(None, scan_machine(&machine.places))];
    for home in homes(&machine.places) {
        found.push((Some(home.user.clone()), scan_home(&machine.places, &home)));
    }
    let sealed = inventory(&found);
    let again = inventory(&[found[1].clone(), (None, scan_machine(&machine.places))]);
    ensure!(
        sealed.json == again.json,
        "the same machine gives the same bytes"
    );
    ensure!(
        !String::from_utf8_lossy(&sealed.json).contains(PLANTED),
        "a secret"
    );
    ensure!(
        !format!("{found:?}").contains(PLANTED),
        "a secret, in Debug"
    );

    let mut shown = sealed.inventory;
    // Apps have tests of their own.
    shown.apps.clear();
    let servers = shown.mcp_servers.iter();
    let clients: BTreeSet<_> = servers.map(|server| server.client.clone()).collect();
    shown.coverage.retain(|place| {
        let file = place.path.contains(".") && !place.path.ends_with("dist-info");
        file && place.looked != Looked::Absent && clients.contains(&place.client)
    });
    let mut shown = serde_json::to_string_pretty(&shown)?;
    shown.push('\n');
    let golden = format!("{folder}/{name}.json");
    if std::env::var_os("TIDEGATE_BLESS").is_some() {
        std::fs::write(&golden, &shown)?;
    }
    let expected = std::fs::read_to_string(&golden).context("no golden file")?;
    similar(&shown, &expected);
    Ok(())
}

/// The first lines that differ, since the whole is long.
#[track_caller]
fn similar(shown: &str, expected: &str) {
    for (number, (left, right)) in shown.lines().zip(expected.lines()).enumerate() {
        assert_eq!(left, right, "line {}", number + 1);
    }
    assert_eq!(shown.lines().count(), expected.lines().count());
}

#[test]
fn linux() -> Result<()> {
    check(Os::Linux, "linux")
}

#[test]
fn macos() -> Result<()> {
    check(Os::Macos, "macos")
}

#[test]
fn windows() -> Result<()> {
    check(Os::Windows, "windows")
}
