//! Managed devices, as an operator sees them.

mod change;
mod list;

use std::sync::Arc;

use serde::Serialize;
use tidegate_policy::AppId;
use tidegate_store::{Device, DeviceApp};
use tidegate_types::{DeviceId, EnrolmentTokenId, KeyId, TeamId, Timestamp, UserId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use list::written;

use crate::{app::App, audit::hex};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::get, change::change, change::delete))
        .routes(routes!(list::apps))
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
    /// Whether its calls are refused until it is enabled again.
    disabled: bool,
    /// The token that enrolled it.
    #[schema(value_type = String)]
    enrolment_token: EnrolmentTokenId,
    /// When it was enrolled.
    #[schema(value_type = String, format = DateTime)]
    enrolled_at: Timestamp,
    /// When it last checked in, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
    /// The revision of the policy in force on it; 0 before its first check-in.
    policy_revision: u64,
    /// Whether it governs, as it measured; null before its first check-in.
    effective: Option<bool>,
    /// Why it does not.
    problem: Option<String>,
    /// Its certificate.
    certificate: LeafView,
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

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
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
            disabled: device.disabled,
            enrolment_token: device.token,
            enrolled_at: device.enrolled_at,
            last_seen_at: device.last_seen_at,
            policy_revision: device.policy_revision,
            effective: device.effective,
            problem: device.problem,
            certificate: LeafView {
                serial: hex(&device.leaf.serial),
                expires_at: device.leaf.expires_at,
            },
        }
    }
}

/// An app that a device has seen.
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
