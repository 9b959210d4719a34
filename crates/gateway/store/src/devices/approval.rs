//! Which devices have something that is approved, pending or denied on them.
//!
//! What holds for an item depends on the device where a team or a device has a decision of its own, or one is
//! bound to a launch. For all other items it is the same everywhere: those are asked for once, as sets of
//! inventories and devices, and only the few others device by device.

/// What holds for a server on a device, for queries that know it as `s`, its device as `d`, the
/// device's key as `k` and user as `u`: as `Document::decide_mcp` finds it in that device's policy.
const SERVER_DECISION: &str = "COALESCE((SELECT r.decision FROM edge_mcp_rules r \
     WHERE r.identity = s.identity AND (r.arguments = '' OR r.arguments = s.arguments) \
     AND (r.launch = '' OR r.launch = s.launch) AND (r.audience = 'fleet' \
     OR (r.audience = 'team' AND r.subject = COALESCE(k.team_id, u.team_id)) \
     OR (r.audience = 'device' AND r.subject = d.id)) \
     ORDER BY CASE WHEN r.launch <> '' THEN 2 WHEN r.arguments <> '' THEN 1 ELSE 0 END DESC, \
     CASE r.audience WHEN 'device' THEN 2 WHEN 'team' THEN 1 ELSE 0 END DESC LIMIT 1), \
     (SELECT default_mcp_decision FROM edge_settings WHERE id = 1))";

/// The same for an app `a`.
const APP_DECISION: &str = "COALESCE((SELECT o.decision FROM edge_app_overrides o \
     WHERE o.app = a.app AND ((o.audience = 'team' AND o.subject = COALESCE(k.team_id, u.team_id)) \
     OR (o.audience = 'device' AND o.subject = d.id)) \
     ORDER BY CASE o.audience WHEN 'device' THEN 1 ELSE 0 END DESC LIMIT 1), \
     (SELECT e.decision FROM edge_apps e WHERE e.app = a.app), \
     (SELECT default_decision FROM edge_settings WHERE id = 1))";

/// Servers about which something else may hold on one device than on another.
const SERVERS_THAT_DIFFER: &str = "(SELECT identity FROM edge_mcp_rules \
     WHERE audience <> 'fleet' OR arguments <> '' OR launch <> '')";

/// Apps about which something else may hold on one device than on another.
const APPS_THAT_DIFFER: &str = "(SELECT app FROM edge_app_overrides)";

/// A condition on devices `d` with key `k` and user `u`: something on them is decided as the parameter
/// `decision` says.
pub(super) fn has(decision: &str) -> String {
    let server = format!(
        "CASE WHEN s.identity IN {SERVERS_THAT_DIFFER} THEN 1 = 0 \
         WHEN s.identity IN (SELECT identity FROM edge_mcp_rules) \
         THEN s.identity IN (SELECT identity FROM edge_mcp_rules WHERE decision = {decision}) \
         ELSE {decision} = (SELECT default_mcp_decision FROM edge_settings WHERE id = 1) END"
    );
    let app = format!(
        "CASE WHEN a.app IN {APPS_THAT_DIFFER} THEN 1 = 0 \
         WHEN a.app IN (SELECT app FROM edge_apps) \
         THEN a.app IN (SELECT app FROM edge_apps WHERE decision = {decision}) \
         ELSE {decision} = (SELECT default_decision FROM edge_settings WHERE id = 1) END"
    );
    let differing = format!("a.app IN {APPS_THAT_DIFFER} AND {APP_DECISION} = {decision}");
    format!(
        "(d.inventory IN (SELECT s.inventory FROM inventory_servers s WHERE {server} \
         UNION SELECT a.inventory FROM inventory_apps a WHERE {app}) \
         OR d.id IN (SELECT a.device_id FROM device_apps a WHERE {app}) \
         OR EXISTS (SELECT 1 FROM inventory_servers s WHERE s.inventory = d.inventory \
         AND s.identity IN {SERVERS_THAT_DIFFER} AND {SERVER_DECISION} = {decision}) \
         OR EXISTS (SELECT 1 FROM inventory_apps a WHERE a.inventory = d.inventory AND {differing}) \
         OR EXISTS (SELECT 1 FROM device_apps a WHERE a.device_id = d.id AND {differing}))"
    )
}
