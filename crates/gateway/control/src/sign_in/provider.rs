//! A stored identity provider, as the relying party knows it: its secret opened.

use tidegate_authority::Purpose;
use tidegate_identity::{ClientAuth, EmailRule, Issuer, Provider};
use tidegate_store::{ClientAuthKind, IdentityProvider};
use tidegate_types::Secret;

use crate::{app::App, problem::Problem};

/// Opens a provider for use.
pub(crate) fn relying(app: &App, stored: &IdentityProvider) -> Result<Provider, Problem> {
    let secret = match &stored.client_secret {
        Some(sealed) => {
            let plain = app
                .seal
                .open(Purpose::ClientSecret, sealed)
                .map_err(Problem::internal)?;
            let text = str::from_utf8(&plain).map_err(Problem::internal)?;
            Some(Secret::new(text.to_owned()))
        }
        None => None,
    };
    let auth = match (stored.client_auth, secret) {
        (ClientAuthKind::Basic, Some(secret)) => ClientAuth::Basic(secret),
        (ClientAuthKind::Post, Some(secret)) => ClientAuth::Post(secret),
        (ClientAuthKind::Public, _) => ClientAuth::Public,
        (_, None) => return Err(Problem::internal("an identity provider has no secret")),
    };
    Ok(Provider {
        issuer: Issuer::parse(&stored.issuer).map_err(Problem::internal)?,
        client_id: stored.client_id.clone(),
        auth,
        scopes: stored.scopes.clone(),
        groups: stored.groups_claim.parse().map_err(Problem::internal)?,
        email: if stored.trusts_email {
            EmailRule::Trusted
        } else {
            EmailRule::Verified
        },
    })
}
