//! What devices and the gateway say to each other, version 1: JSON over HTTPS on the control plane's
//! listener, under [`BASE`]. A device proves itself with its key in `authorization: Bearer`, but for
//! enrolment, which takes a one-time token, and the sign-in of a person that leads to one.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod allowance;
mod certificate;
mod check_in;
mod effect;
mod enrol;
mod inventory;
mod lenient;
pub mod refusal;
mod relay;
mod request;
mod sign_in;
mod signed;

pub use allowance::{BudgetLeft, Holder, LimitHeld, MOST_ALLOWANCES};
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
pub use request::{AccessRequest, LONGEST_NAME, LONGEST_REASON, RequestAnswer, Wanted};
pub use sign_in::{
    DEVICE_PAGE, DeviceCodeRequest, DeviceCodeResponse, LONGEST_HOSTNAME, LOOPBACK_PATH,
    LinkResponse, POLL_SECONDS, PollRequest, PollResponse, RedeemRequest, RedeemResponse, SIGN_IN,
    SIGN_IN_CODE, SIGN_IN_LINK, SIGN_IN_POLL, SIGN_IN_REDEEM, SIGN_IN_SECONDS, SIGN_IN_UNLINK,
    SignInQuery, SignedIn, USER_CODE_LENGTH, USER_CODE_LETTERS, USER_CODE_SECONDS, UnlinkRequest,
    UnlinkResponse, challenge, is_token, user_code,
};
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
