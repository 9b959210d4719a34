//! A look at an identity provider, before somebody stands in front of it.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::json;
use tidegate_identity::{Algorithm, Findings};
use tidegate_types::IdentityProviderId;
use utoipa::ToSchema;

use crate::{
    app::App,
    extract::Id,
    guard::identity::Admin,
    problem::Problem,
    sign_in::{now, relying},
};

/// What a look at a provider found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IdentityProviderTest {
    /// Whether people could sign in through it now, as far as it can be seen from outside.
    usable: bool,
    /// Why not; or what to look at before people do.
    notes: Vec<String>,
    /// What it says about itself; null where it says nothing that counts.
    found: Option<IdentityProviderFindings>,
}

/// What a provider says about itself.
#[derive(Debug, Serialize, ToSchema)]
struct IdentityProviderFindings {
    /// Where browsers are sent.
    authorization_endpoint: String,
    /// Where codes are redeemed.
    token_endpoint: String,
    /// Where more is told about people.
    userinfo_endpoint: Option<String>,
    /// How many keys it has that ID tokens could be signed with.
    keys: usize,
    /// By which of the accepted algorithms it signs.
    #[schema(value_type = Vec<String>, example = json!(["RS256"]))]
    algorithms: Vec<&'static str>,
    /// Whether it says that it checks PKCE (RFC 7636).
    pkce: bool,
    /// Whether its answers name it (RFC 9207).
    names_itself: bool,
}

/// Asks an identity provider for its description and its keys, and says what it found.
#[utoipa::path(post, path = "/identity-providers/{id}/test", tag = "identity-providers",
    operation_id = "test_identity_provider",
    params(("id" = String, Path, description = "The provider's id.")),
    responses((status = 200, description = "What was found.", body = IdentityProviderTest)))]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<IdentityProviderId>,
) -> Result<Json<IdentityProviderTest>, Problem> {
    let stored = app.store.identity_provider(id).await?;
    let provider = relying(&app, &stored)?;
    let answer = match app.relying_party.test(&provider, now(&app)).await {
        Ok(findings) => IdentityProviderTest {
            usable: true,
            notes: notes(&findings),
            found: Some(findings.into()),
        },
        Err(error) => IdentityProviderTest {
            usable: false,
            notes: vec![error.to_string()],
            found: None,
        },
    };
    // It makes the gateway speak to another host, so it is told who wanted that.
    let detail = json!({ "issuer": stored.issuer, "usable": answer.usable });
    let (actor, action) = (admin.actor(), "identity_provider.test");
    app.store
        .append_audit(actor, action, &id.to_string(), detail)
        .await?;
    Ok(Json(answer))
}

fn notes(findings: &Findings) -> Vec<String> {
    let mut notes = Vec::new();
    if !findings.pkce {
        notes.push("it does not say that it checks PKCE; it is sent all the same".to_owned());
    }
    if !findings.names_itself {
        notes.push(
            "its answers do not name it (RFC 9207), so among several providers a mix-up is found \
             out only by its tokens"
                .to_owned(),
        );
    }
    if !findings.accepts_auth {
        notes.push("it does not announce this `client_auth`; it may refuse codes".to_owned());
    }
    notes
}

impl From<Findings> for IdentityProviderFindings {
    fn from(findings: Findings) -> Self {
        Self {
            authorization_endpoint: findings.authorization_endpoint,
            token_endpoint: findings.token_endpoint,
            userinfo_endpoint: findings.userinfo_endpoint,
            keys: findings.keys,
            algorithms: findings
                .algorithms
                .into_iter()
                .map(Algorithm::name)
                .collect(),
            pkce: findings.pkce,
            names_itself: findings.names_itself,
        }
    }
}
