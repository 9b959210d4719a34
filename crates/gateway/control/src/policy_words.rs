//! The words of the policy, as they are read and as the document names them.

use tidegate_device_api::EffectState;
use tidegate_policy::{Decision, FailMode, Mode, Pinned, Treatment};
use tidegate_store::RequestState;
use utoipa::ToSchema;

use crate::read::words;

words!(Decision,
    "approved" => Self::Approved, "denied" => Self::Denied, "pending" => Self::Pending);
words!(FailMode, "closed" => Self::Closed, "open" => Self::Open);
words!(Mode, "gateway" => Self::Gateway, "pass_through" => Self::PassThrough);
words!(Pinned, "block" => Self::Block, "bypass" => Self::Bypass);
words!(EffectState,
    "verified" => Self::Verified, "pending_restart" => Self::PendingRestart,
    "shadowed" => Self::Shadowed, "unsupported" => Self::Unsupported, "failed" => Self::Failed);
words!(RequestState,
    "open" => Self::Open, "granted" => Self::Granted, "declined" => Self::Declined);
words!(Treatment, "governed" => Self::Governed, "ignored" => Self::Ignored);

/// What the organisation decided about an app. A pending one works, and is seen.
#[derive(ToSchema)]
#[schema(as = AppDecision, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum DecisionName {
    Approved,
    Denied,
    Pending,
}

/// What happens to governed connections while a device cannot govern them.
#[derive(ToSchema)]
#[schema(as = FailMode, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum FailName {
    Closed,
    Open,
}

/// Whose credential an app's calls carry: the gateway's, or its own.
#[derive(ToSchema)]
#[schema(as = CredentialMode, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum ModeName {
    Gateway,
    PassThrough,
}

/// What happens to connections of an app that accepts no certificate but its own.
#[derive(ToSchema)]
#[schema(as = PinnedApps, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum PinnedName {
    Block,
    Bypass,
}

/// What happens to connections to a host: through the gateway, or untouched.
#[derive(ToSchema)]
#[schema(as = HostTreatment, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum TreatmentName {
    Governed,
    Ignored,
}

/// What came of a decision on a device. `other` is a word that only a newer gateway knows.
#[derive(ToSchema)]
#[schema(as = EffectState, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum EffectName {
    Verified,
    PendingRestart,
    Shadowed,
    Unsupported,
    Failed,
    Other,
}

/// What became of a request for access.
#[derive(ToSchema)]
#[schema(as = RequestState, rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of a type that knows nothing of OpenAPI"
)]
pub(crate) enum RequestName {
    Open,
    Granted,
    Declined,
}
