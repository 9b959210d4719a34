//! Identity providers: through whom people sign in, and what their groups let them do. Secrets go in and
//! never come out.

mod change;
mod create;
mod list;
mod rules;
mod test;
mod text;

use std::sync::Arc;

use serde::Serialize;
use tidegate_authority::Purpose;
use tidegate_store::{ClientAuthKind, IdentityProvider};
use tidegate_types::{IdentityProviderId, Secret, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, problem::Problem, roles::RoleName, sign_in};
use rules::RuleView;

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(list::show, change::change, change::remove))
        .routes(routes!(test::test))
}

/// How we prove ourselves at the provider.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[schema(as = ClientAuth)]
#[allow(
    dead_code,
    reason = "the schema of `ClientAuthKind`, which knows nothing of OpenAPI"
)]
enum ClientAuthName {
    Basic,
    Post,
    Public,
}

const fn auth_name(kind: ClientAuthKind) -> &'static str {
    match kind {
        ClientAuthKind::Basic => "basic",
        ClientAuthKind::Post => "post",
        ClientAuthKind::Public => "public",
    }
}

/// An identity provider. Never its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentityProvider)]
struct ProviderView {
    /// Its id.
    #[schema(value_type = String, example = "idp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: IdentityProviderId,
    /// Its name, for people.
    #[schema(example = "Example SSO")]
    name: String,
    /// Who it says it is.
    #[schema(example = "https://login.example.com")]
    issuer: String,
    /// Who we are there.
    #[schema(example = "tidegate")]
    client_id: String,
    /// How we prove it: with the secret in a header or in the form, or not at all.
    #[schema(value_type = ClientAuthName)]
    client_auth: &'static str,
    /// Whether there is a secret.
    has_secret: bool,
    /// What is asked for besides `openid`.
    scopes: Vec<String>,
    /// Where groups stand among the claims.
    #[schema(example = "realm_access.roles")]
    groups_claim: String,
    /// Whether addresses count without the provider's word that they are verified.
    trusts_email: bool,
    /// From groups to roles. The first rule that fits counts.
    rules: Vec<RuleView>,
    /// For people in none of these groups; null: they may not sign in.
    #[schema(value_type = Option<RoleName>)]
    default_role: Option<&'static str>,
    /// Whether nobody signs in through it.
    disabled: bool,
    /// What has to be registered at the provider as the client's redirect URI.
    #[schema(example = "https://tidegate.example.com/api/v1/sign-in/callback")]
    redirect_uri: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl ProviderView {
    fn of(app: &App, provider: IdentityProvider) -> Self {
        Self {
            id: provider.id,
            name: provider.name,
            issuer: provider.issuer,
            client_id: provider.client_id,
            client_auth: auth_name(provider.client_auth),
            has_secret: provider.client_secret.is_some(),
            scopes: provider.scopes,
            groups_claim: provider.groups_claim,
            trusts_email: provider.trusts_email,
            rules: provider.rules.iter().map(RuleView::from).collect(),
            default_role: provider.default_grant.map(|grant| grant.role().name()),
            disabled: provider.disabled,
            redirect_uri: sign_in::redirect_uri(app),
            created_at: provider.created_at,
        }
    }
}

/// A client's secret as it is stored.
fn seal(app: &App, secret: &Secret<String>) -> Result<Vec<u8>, Problem> {
    app.seal
        .seal(Purpose::ClientSecret, secret.expose().as_bytes())
        .map_err(Problem::internal)
}
