//! Apps as a table.

use super::AppView;
use crate::csv::{self, Csv};

pub(super) fn of(apps: &[AppView]) -> Csv {
    let mut csv = Csv::new(&[
        "app",
        "vendor",
        "decision",
        "decided_by",
        "decided_at",
        "note",
        "installed_on",
        "versions",
        "seen_on",
        "first_seen_at",
        "last_seen_at",
        "verified",
        "pending_restart",
        "shadowed",
        "unsupported",
        "failed",
    ]);
    for view in apps {
        let (installed, seen) = (view.installed.as_ref(), view.seen.as_ref());
        let versions: Vec<String> = installed
            .into_iter()
            .flat_map(|found| &found.versions)
            .map(|found| format!("{} ({})", csv::some(found.version.as_deref()), found.source))
            .collect();
        let first = installed.and_then(|found| found.first_seen_at);
        let last = installed.and_then(|found| found.last_seen_at);
        let first = first.into_iter().chain(seen.map(|seen| seen.first_seen_at));
        let last = last.into_iter().chain(seen.map(|seen| seen.last_seen_at));
        let head = [
            view.app.to_string(),
            csv::some(view.vendor.as_deref()),
            csv::decision(view.decision).to_owned(),
            csv::some(view.decided_by.as_deref()),
            csv::some(view.decided_at),
            csv::some(view.note.as_deref()),
            csv::some(installed.map(|found| found.devices)),
            versions.join("; "),
            csv::some(seen.map(|seen| seen.devices)),
            csv::some(first.min()),
            csv::some(last.max()),
        ];
        csv.row(head.into_iter().chain(view.effects.cells()));
    }
    csv
}
