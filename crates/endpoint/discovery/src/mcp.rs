//! MCP servers in the configurations of clients. Each client is data ([`row`]) in a file of its own below
//! [`clients`]; what cannot be said in rows, such as which plugins are on, stands there as a function.

mod at_work;
mod clients;
mod environment;
mod executed;
mod expand;
mod notes;
pub(crate) mod paths;
mod projects;
mod record;
pub(crate) mod row;
mod running;
pub(crate) mod scan;
mod spec;
mod started;
pub(crate) mod walk;

use std::path::Path;

use tidegate_device_api::Scope;

use self::{
    clients::CLIENTS,
    environment::Environment,
    paths::{Start, start},
    scan::Scan,
};
use crate::{Found, Home, Places};

pub use at_work::clients_at_work;
pub use executed::{Executed, Seems};
pub use running::{Running, running};

/// What a person's clients are told to start: of the person's own settings, of what running clients were
/// given, and of every project that the clients keep a list of. Call it in a process that runs as that
/// person.
#[must_use]
pub fn scan_home(places: &Places, home: &Home) -> Found {
    let mut scan = Scan::new(places, Some(home));
    scan.environment = Environment::of(places, home);
    scan.projects = projects::all(&mut scan);
    for client in CLIENTS {
        scan.client = client.id;
        let rows = client.rows.iter().filter(|row| row.scope != Scope::Managed);
        rows.for_each(|row| scan.row(row));
        if let Some(more) = client.more {
            more(&mut scan);
        }
        if let Some(switches) = client.switches {
            switches(&mut scan);
        }
    }
    started::servers(&mut scan);
    notes::tools(&mut scan);
    scan.finish().with_apps(places, Some(home))
}

/// What the machine's management tells the clients of everybody to start.
#[must_use]
pub fn scan_machine(places: &Places) -> Found {
    let mut scan = Scan::new(places, None);
    for client in CLIENTS {
        scan.client = client.id;
        let rows = client.rows.iter().filter(|row| row.scope == Scope::Managed);
        rows.for_each(|row| scan.row(row));
    }
    scan.finish().with_apps(places, None)
}

/// Whether any client keeps settings in a home.
pub(crate) fn has_settings(places: &Places, home: &Home) -> bool {
    let scan = Scan::new(places, Some(home));
    let rows = CLIENTS.iter().flat_map(|client| client.rows);
    let mut rows = rows.filter(|row| scan.is(row.os) && !row.path.contains('*'));
    rows.any(|row| {
        let own = matches!(
            start(row.path),
            Some((Start::Home | Start::Variable { .. }, _))
        );
        own && scan.paths(row.path, None).iter().any(|path| is_file(path))
    })
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file())
}
