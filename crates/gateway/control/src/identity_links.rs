//! Which identity providers may speak for an account. An account that is there already is never taken by
//! an address alone: an admin says so first.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_store::{AccountIdentities, AccountIdentity};
use tidegate_types::{AccountId, IdentityProviderId, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::read_struct,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, link))
}

/// Who an account is at identity providers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountIdentities)]
struct IdentitiesView {
    /// Who it is.
    known: Vec<IdentityView>,
    /// The next sign-in through these with the account's address becomes the account's.
    #[schema(value_type = Vec<String>)]
    expected: Vec<IdentityProviderId>,
}

/// Who an account is at one identity provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountIdentity)]
struct IdentityView {
    /// The provider.
    #[schema(value_type = String, example = "idp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    provider: IdentityProviderId,
    /// Who they are there, for good.
    subject: String,
    /// Their address there, when they last signed in.
    email: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When they last signed in through it.
    #[schema(value_type = String, format = DateTime)]
    last_sign_in_at: Timestamp,
}

impl From<AccountIdentity> for IdentityView {
    fn from(identity: AccountIdentity) -> Self {
        let AccountIdentity {
            provider,
            subject,
            email,
            created_at,
            last_sign_in_at,
        } = identity;
        Self {
            provider,
            subject,
            email,
            created_at,
            last_sign_in_at,
        }
    }
}

impl From<AccountIdentities> for IdentitiesView {
    fn from(all: AccountIdentities) -> Self {
        Self {
            known: all.known.into_iter().map(Into::into).collect(),
            expected: all.expected,
        }
    }
}

read_struct! {
    /// Whether a provider may speak for an account.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct AccountLink {
        /// The provider.
        #[schema(value_type = String, example = "idp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
        provider: IdentityProviderId,
        /// Yes: the next sign-in through it with the account's address becomes the account's, and what
        /// the account may do follows the groups there from then on. No: it is nobody there any more,
        /// and the sessions that the provider opened end.
        linked: bool,
    }
}

/// Shows who an account is at identity providers.
#[utoipa::path(get, path = "/accounts/{id}/identities", tag = "accounts",
    operation_id = "list_account_identities",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "Who it is.", body = IdentitiesView)))]
async fn list(
    State(app): State<Arc<App>>,
    Id(id): Id<AccountId>,
) -> Result<Json<IdentitiesView>, Problem> {
    Ok(Json(app.store.account_identities(id).await?.into()))
}

/// Says whether an identity provider may speak for an account.
#[utoipa::path(patch, path = "/accounts/{id}/identities", tag = "accounts",
    operation_id = "link_account", request_body = AccountLink,
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "Who it is now.", body = IdentitiesView),
        (status = 409, description = "It is somebody at that provider already.")))]
async fn link(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
    Body(link): Body<AccountLink>,
) -> Result<Json<IdentitiesView>, Problem> {
    let AccountLink { provider, linked } = link;
    let linked = app.store.link_account(admin.actor(), id, provider, linked);
    Ok(Json(linked.await?.into()))
}
