//! Managed devices, as an operator sees them.

mod act;
mod change;
mod facets;
mod group;
mod inventory;
mod list;
mod presence;
mod table;

use std::sync::Arc;

use serde::Serialize;
use tidegate_policy::AppId;
use tidegate_store::{Device, DeviceApp};
use tidegate_types::{DeviceGroupId, DeviceId, EnrolmentTokenId, KeyId, TeamId, Timestamp, UserId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use list::{thresholds, written};

use self::presence::{Presence, Thresholds};
use crate::{app::App, audit::hex, problem::Problem};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(facets::facets))
        .routes(routes!(list::get, change::change, change::delete))
        .routes(routes!(list::apps))
        .routes(routes!(inventory::inventory))
        .routes(routes!(inventory::effects))
        .routes(routes!(act::clear))
        .routes(routes!(act::scan))
        .routes(routes!(act::scan_many))
        .routes(routes!(group::move_many))
}

/// A managed device. Never its key's secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
struct DeviceView {
    /// Its id.
    #[schema(value_type = String, example = "dev_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: DeviceId,
    /// The virtual key that its key is: budgets and limits can be set on it.
    #[schema(value_type = String, example = "key_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    key: KeyId,
    /// Its name, for people.
    #[schema(example = "ada-laptop")]
    name: String,
    /// The machine's name, as it said when it was enrolled.
    #[schema(example = "ada-laptop")]
    hostname: String,
    /// A stable id of the machine, hashed by it. Two devices that share one are copies.
    machine_id_hash: String,
    /// The machine.
    platform: PlatformView,
    /// The agent's version.
    agent_version: String,
    /// The team it belongs to.
    #[schema(value_type = Option<String>)]
    team: Option<TeamId>,
    /// The user it belongs to.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// Who that is.
    owner: Option<OwnerView>,
    /// The group that it is in.
    #[schema(value_type = Option<String>, example = "dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    group: Option<DeviceGroupId>,
    /// What that is called.
    #[schema(example = "Finance laptops")]
    group_name: Option<String>,
    /// Whether its calls are refused until it is enabled again.
    disabled: bool,
    /// The token that enrolled it.
    #[schema(value_type = String)]
    enrolment_token: EnrolmentTokenId,
    /// When it was enrolled.
    #[schema(value_type = String, format = DateTime)]
    enrolled_at: Timestamp,
    /// When it last checked in; to the minute where that was at another node.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
    /// Whether it is there.
    presence: Presence,
    /// The revision of the policy in force on it; 0 before its first check-in.
    policy_revision: u64,
    /// Whether it governs, as it measured; null before its first check-in.
    effective: Option<bool>,
    /// Why it does not.
    problem: Option<String>,
    /// How many AI apps are installed on it.
    apps: u64,
    /// How many MCP servers its clients' configurations name.
    mcp_servers: u64,
    /// Since when its inventory is what it is: apart from when it was last seen. Null before its first
    /// scan.
    #[schema(value_type = Option<String>, format = DateTime)]
    inventory_changed_at: Option<Timestamp>,
    /// Of which revision it last reported what came of decisions; 0 for none.
    effects_revision: u64,
    /// When it did.
    #[schema(value_type = Option<String>, format = DateTime)]
    effects_at: Option<Timestamp>,
    /// Somebody may have copied it.
    quarantine: Option<QuarantineView>,
    /// When it was last asked to look at everything anew.
    #[schema(value_type = Option<String>, format = DateTime)]
    scan_requested_at: Option<Timestamp>,
    /// Whether it has not got that yet.
    scan_pending: bool,
    /// Its certificate.
    certificate: LeafView,
}

/// Whose a device is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Owner)]
struct OwnerView {
    /// Their name.
    name: String,
    /// Their address.
    email: String,
}

/// A device that somebody may have copied. It is served all the same; the copy is refused as far as it
/// can be told apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quarantine)]
struct QuarantineView {
    /// Since when that is known.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// By what it was noticed.
    reason: String,
}

/// The machine, as it described itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Platform)]
struct PlatformView {
    /// `linux`, `macos` or `windows`.
    #[schema(example = "linux")]
    os: String,
    /// Its version.
    #[schema(example = "Debian GNU/Linux 12")]
    os_version: String,
    /// Its processor.
    #[schema(example = "x86_64")]
    arch: String,
}

/// The certificate that was last issued to a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceCertificate)]
struct LeafView {
    /// Its serial number, in hex.
    serial: String,
    /// Until when it is valid.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What a device is shown by, beside its row.
struct Eye<'a> {
    app: &'a App,
    thresholds: Thresholds,
}

impl<'a> Eye<'a> {
    async fn open(app: &'a App) -> Result<Self, Problem> {
        let interval = app.store.edge_settings().await?.check_in_seconds;
        Ok(Self {
            app,
            thresholds: Thresholds::new(app.clock.now(), interval),
        })
    }

    fn see(&self, device: Device) -> DeviceView {
        let heard = self.app.edge.as_ref();
        let heard = heard.and_then(|edge| edge.heard_at(device.id));
        let seen = device.last_seen_at.max(heard);
        let reported = device.reported;
        let asked = reported.scan_requested_at;
        DeviceView {
            id: device.id,
            key: device.key,
            name: device.name,
            hostname: device.machine.hostname,
            machine_id_hash: device.machine.id_hash,
            platform: PlatformView {
                os: device.machine.os,
                os_version: device.machine.os_version,
                arch: device.machine.arch,
            },
            agent_version: device.agent_version,
            team: device.team,
            user: device.user,
            owner: device.owner.map(|owner| OwnerView {
                name: owner.name,
                email: owner.email,
            }),
            group: device.group,
            group_name: device.group_name,
            disabled: device.disabled,
            enrolment_token: device.token,
            enrolled_at: device.enrolled_at,
            last_seen_at: seen,
            presence: self.thresholds.judge(seen),
            policy_revision: device.policy_revision,
            effective: device.effective,
            problem: device.problem,
            apps: reported.apps,
            mcp_servers: reported.mcp_servers,
            inventory_changed_at: reported.inventory_changed_at,
            effects_revision: reported.effects_revision,
            effects_at: reported.effects_at,
            quarantine: reported.quarantine.map(|mark| QuarantineView {
                since: mark.since,
                reason: mark.reason,
            }),
            scan_requested_at: asked,
            scan_pending: asked.is_some() && reported.scan_told_at != asked,
            certificate: LeafView {
                serial: hex(&device.leaf.serial),
                expires_at: device.leaf.expires_at,
            },
        }
    }
}

/// An app that a device has seen in its traffic.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceApp)]
struct AppView {
    /// The app's id.
    #[schema(value_type = String, example = "claude-code")]
    app: AppId,
    /// Its version, as last seen.
    version: Option<String>,
    /// Its executable or script, as last seen.
    path: String,
    /// Connections that were relayed.
    relayed: u64,
    /// Connections that were refused.
    denied: u64,
    /// Handshakes that it broke off because of our certificate.
    pinned: u64,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    first_seen_at: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
}

impl From<DeviceApp> for AppView {
    fn from(seen: DeviceApp) -> Self {
        Self {
            app: seen.app,
            version: seen.version,
            path: seen.path,
            relayed: seen.relayed,
            denied: seen.denied,
            pinned: seen.pinned,
            first_seen_at: seen.first_seen_at,
            last_seen_at: seen.last_seen_at,
        }
    }
}
