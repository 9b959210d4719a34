//! Changing and removing identity providers.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_identity::ClaimPath;
use tidegate_store::{ClientAuthKind, IdentityProviderPatch};
use tidegate_types::{IdentityProviderId, Role};
use utoipa::ToSchema;

use super::{
    ClientAuthName, ProviderView,
    rules::{self, NewRule},
    seal,
    text::{ClientId, ClientSecret, Scopes},
};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Change, Label, read_struct},
    roles::RoleName,
};

read_struct! {
    /// What to change of an identity provider. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = IdentityProviderChange)]
    pub(super) struct ChangeProvider {
        /// A new name.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        name: Change<Label>,
        /// Who we are there.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 256)]
        client_id: Change<ClientId>,
        /// How we prove it.
        #[schema(value_type = ClientAuthName, required = false)]
        client_auth: Change<ClientAuthKind>,
        /// Another secret, or null for none.
        #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 1024)]
        client_secret: Change<Option<ClientSecret>>,
        /// What is asked for besides `openid`.
        #[schema(value_type = Vec<String>, required = false, max_items = 20)]
        scopes: Change<Scopes>,
        /// Where groups stand among the claims.
        #[schema(value_type = String, required = false, max_length = 200)]
        groups_claim: Change<ClaimPath>,
        /// Whether addresses count without the provider's word.
        #[schema(value_type = bool, required = false)]
        trusts_email: Change<bool>,
        /// From groups to roles: all rules. They count from each person's next sign-in on.
        #[schema(value_type = Vec<NewRule>, required = false, max_items = 200)]
        rules: Change<Vec<NewRule>>,
        /// For people in none of these groups; null: they may not sign in.
        #[schema(value_type = Option<RoleName>)]
        default_role: Change<Option<Role>>,
        /// Whether nobody signs in through it. Disabling ends the sessions that it opened.
        #[schema(value_type = bool, required = false)]
        disabled: Change<bool>,
    }
}

/// Changes an identity provider.
#[utoipa::path(patch, path = "/identity-providers/{id}", tag = "identity-providers",
    operation_id = "change_identity_provider", request_body = ChangeProvider,
    params(("id" = String, Path, description = "The provider's id.")),
    responses((status = 200, description = "The provider as it is now.", body = ProviderView),
        (status = 409, description = "A provider has this name.")))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<IdentityProviderId>,
    Body(given): Body<ChangeProvider>,
) -> Result<Json<ProviderView>, Problem> {
    let client_secret = match given.client_secret {
        Change::Keep => None,
        Change::To(None) => Some(None),
        Change::To(Some(secret)) => Some(Some(seal(&app, &secret.0)?)),
    };
    let default = given.default_role.into_option().map(rules::default_grant);
    let patch = IdentityProviderPatch {
        name: given.name.into_option().map(|name| name.0),
        client_id: given.client_id.into_option().map(|id| id.0),
        client_auth: given.client_auth.into_option(),
        client_secret,
        scopes: given.scopes.into_option().map(|scopes| scopes.0),
        groups_claim: given
            .groups_claim
            .into_option()
            .map(|path| path.to_string()),
        trusts_email: given.trusts_email.into_option(),
        rules: given.rules.into_option().map(rules::rules).transpose()?,
        default_grant: default.transpose()?,
        disabled: given.disabled.into_option(),
    };
    let changed = app.store.patch_identity_provider(admin.actor(), id, patch);
    let provider = changed.await.map_err(rules::refused)?;
    Ok(Json(ProviderView::of(&app, provider)))
}

/// Removes an identity provider and ends the sessions that it opened. Accounts stay: those without a
/// password sign in again once another provider is linked to them.
#[utoipa::path(delete, path = "/identity-providers/{id}", tag = "identity-providers",
    operation_id = "delete_identity_provider",
    params(("id" = String, Path, description = "The provider's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<IdentityProviderId>,
) -> Result<StatusCode, Problem> {
    app.store
        .delete_identity_provider(admin.actor(), id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
