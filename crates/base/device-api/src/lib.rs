//! What devices and the gateway say to each other, version 1: JSON over HTTPS on the control plane's
//! listener, under [`BASE`]. A device proves itself with its key in `authorization: Bearer`, but for
//! enrolment, which takes a one-time token.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod certificate;
mod check_in;
mod effect;
mod enrol;
mod inventory;
mod lenient;
pub mod refusal;
mod relay;
mod request;
mod signed;

pub use certificate::{CertificateRequest, CertificateResponse, ca_statement};
pub use check_in::{
    AppSeen, CheckInRequest, CheckInResponse, INTERVAL, LARGEST_CHECK_IN, LONGEST_WAIT,
};
pub use effect::{Effect, EffectItem, EffectReport, EffectState, Means};
pub use enrol::{EnrolRequest, EnrolResponse, Platform};
pub use inventory::{
    Coverage, InstallSource, InstalledApp, InstalledKind, Inventory, LARGEST_INVENTORY, Looked,
    McpServer, Scope, SeenTools, Tool, ToolSource, Transport,
};
pub use relay::{ROUTE_PREFIX, headers};
pub use request::{AccessRequest, LONGEST_NAME, LONGEST_REASON, Wanted};
pub use signed::{SignatureError, SignedPolicy};

/// Where the device API lies.
pub const BASE: &str = "/device/v1";
/// Below [`BASE`].
pub const ENROL: &str = "/device/v1/enrol";
/// Below [`BASE`].
pub const CERTIFICATE: &str = "/device/v1/certificate";
/// Below [`BASE`].
pub const CHECK_IN: &str = "/device/v1/check-in";
/// Below [`BASE`].
pub const INVENTORY: &str = "/device/v1/inventory";
