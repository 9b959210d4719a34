//! Devices as a table.

use super::DeviceView;
use crate::csv::{self, Csv};

pub(super) fn of(devices: &[DeviceView]) -> Csv {
    let mut csv = Csv::new(&[
        "id",
        "name",
        "hostname",
        "owner_name",
        "owner_email",
        "group",
        "os",
        "os_version",
        "arch",
        "agent_version",
        "presence",
        "first_seen_at",
        "last_seen_at",
        "apps",
        "mcp_servers",
        "policy_revision",
        "effective",
        "problem",
        "disabled",
        "quarantined",
    ]);
    for device in devices {
        let owner = device.owner.as_ref();
        csv.row([
            device.id.to_string(),
            device.name.clone(),
            device.hostname.clone(),
            csv::some(owner.map(|owner| &owner.name)),
            csv::some(owner.map(|owner| &owner.email)),
            csv::some(device.group_name.as_deref()),
            device.platform.os.clone(),
            device.platform.os_version.clone(),
            device.platform.arch.clone(),
            device.agent_version.clone(),
            device.presence.word().to_owned(),
            device.enrolled_at.to_string(),
            csv::some(device.last_seen_at),
            device.apps.to_string(),
            device.mcp_servers.to_string(),
            device.policy_revision.to_string(),
            csv::some(device.effective),
            csv::some(device.problem.as_deref()),
            device.disabled.to_string(),
            device.quarantine.is_some().to_string(),
        ]);
    }
    csv
}
