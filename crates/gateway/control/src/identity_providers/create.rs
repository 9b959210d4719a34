//! Making an identity provider.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_identity::{ClaimPath, Issuer};
use tidegate_store::{ClientAuthKind, NewIdentityProvider};
use tidegate_types::Role;
use utoipa::ToSchema;

use super::{
    ClientAuthName, ProviderView,
    rules::{self, NewRule},
    seal,
    text::{ClientId, ClientSecret, Scopes},
};
use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    problem::Problem,
    read::{Label, read_struct},
    roles::RoleName,
};

read_struct! {
    /// An identity provider to make. It has to speak OpenID Connect and to describe itself at
    /// `/.well-known/openid-configuration`.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewIdentityProvider)]
    pub(super) struct CreateProvider {
        /// Its name, for people; unique among providers.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "Example SSO")]
        name: Label,
        /// Who it says it is, to the letter. By https, but on this machine. It never changes.
        #[schema(value_type = String, max_length = 2048, example = "https://login.example.com")]
        issuer: Issuer,
        /// Who we are there.
        #[schema(value_type = String, min_length = 1, max_length = 256, example = "tidegate")]
        client_id: ClientId,
        /// How we prove it; `basic` with a secret and `public` without one when not said.
        #[schema(value_type = Option<ClientAuthName>)]
        client_auth: Option<ClientAuthKind>,
        /// Our secret there. It cannot be read again.
        #[schema(value_type = Option<String>, format = Password, min_length = 1, max_length = 1024)]
        client_secret: Option<ClientSecret>,
        /// What is asked for besides `openid`; `profile` and `email` when not said. Some providers tell
        /// groups only when they are asked for them.
        #[schema(value_type = Option<Vec<String>>, max_items = 20)]
        scopes: Option<Scopes>,
        /// Where groups stand among the claims; `groups` when not said. A dot leads into a claim that is
        /// an object.
        #[schema(value_type = Option<String>, max_length = 200, example = "realm_access.roles")]
        groups_claim: Option<ClaimPath>,
        /// Whether addresses count without the provider's word (`email_verified`) that they are the
        /// person's own. Only for a provider where nobody but admins can set them. No when not said.
        #[schema(value_type = Option<bool>)]
        trusts_email: Option<bool>,
        /// From groups to roles. **The first rule that fits counts**, so the strongest come first.
        /// None when not said.
        #[schema(max_items = 200, required = false)]
        rules: Vec<NewRule>,
        /// For people in none of these groups; without it they may not sign in.
        #[schema(value_type = Option<RoleName>)]
        default_role: Option<Role>,
    }
}

/// Makes an identity provider. Nothing is asked of it: test it afterwards.
#[utoipa::path(post, path = "/identity-providers", tag = "identity-providers",
    operation_id = "create_identity_provider", request_body = CreateProvider,
    responses((status = 201, description = "The provider.", body = ProviderView),
        (status = 409, description = "A provider has this name, or there are 50.")))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateProvider>,
) -> Result<(StatusCode, Json<ProviderView>), Problem> {
    let secret = new.client_secret.map(|secret| seal(&app, &secret.0));
    let client_secret = secret.transpose()?;
    let unsaid = match client_secret {
        Some(_) => ClientAuthKind::Basic,
        None => ClientAuthKind::Public,
    };
    let groups = new.groups_claim.map(|claim| claim.to_string());
    let scopes = new.scopes.map(|scopes| scopes.0);
    let new = NewIdentityProvider {
        name: new.name.0,
        issuer: new.issuer.to_string(),
        client_id: new.client_id.0,
        client_auth: new.client_auth.unwrap_or(unsaid),
        client_secret,
        scopes: scopes.unwrap_or_else(|| vec!["profile".into(), "email".into()]),
        groups_claim: groups.unwrap_or_else(|| "groups".into()),
        trusts_email: new.trusts_email.unwrap_or_default(),
        rules: rules::rules(new.rules)?,
        default_grant: rules::default_grant(new.default_role)?,
    };
    let made = app.store.create_identity_provider(admin.actor(), new).await;
    let provider = made.map_err(rules::refused)?;
    Ok((StatusCode::CREATED, Json(ProviderView::of(&app, provider))))
}
