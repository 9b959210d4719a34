//! The table of clients is in itself sound.

use std::collections::BTreeSet;

use tidegate_device_api::Scope;
use tidegate_policy::AppId;

use super::CLIENTS;
use crate::{
    Os,
    mcp::{
        paths::{Start, start},
        row::ANY,
    },
};

#[test]
fn every_client_has_a_name_of_its_own() {
    let names: BTreeSet<_> = CLIENTS.iter().map(|client| client.id).collect();
    assert_eq!(names.len(), CLIENTS.len());
    assert!(names.iter().all(|name| name.parse::<AppId>().is_ok()));
}

#[test]
fn every_row_begins_where_its_scope_is() {
    for client in CLIENTS {
        for row in client.rows {
            let (start, rest) = start(row.path).expect(row.path);
            let machine = start == Start::Machine;
            assert_eq!(
                machine,
                row.scope == Scope::Managed,
                "{} {}",
                client.id,
                row.path
            );
            let project = matches!(start, Start::Project { .. });
            assert_eq!(
                project,
                row.scope == Scope::Project,
                "{} {}",
                client.id,
                row.path
            );
            let lone = matches!(start, Start::Variable { default: None, .. });
            assert!(lone || !rest.is_empty(), "{}", row.path);
            if let Start::Variable { name, .. } = start {
                assert!(
                    crate::mcp::environment::MOVING.contains(&name),
                    "{name} is not looked for"
                );
            }
        }
    }
}

#[test]
fn the_first_six_have_places_on_every_system() {
    for client in CLIENTS.iter().take(6) {
        for os in ANY {
            let rows = client.rows.iter().filter(|row| row.os.contains(os));
            assert!(rows.count() > 1, "{} {os:?}", client.id);
        }
    }
    assert_eq!(ANY, [Os::Linux, Os::Macos, Os::Windows]);
}
