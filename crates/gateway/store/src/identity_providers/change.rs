//! Making, changing and removing identity providers.

use serde_json::{Value as Json, json};
use tidegate_types::{Grant, IdentityProviderId};

use super::{ClientAuthKind, GroupRule, IdentityProvider, MOST, StoredRule, auth_word, one};
use crate::{
    Actor, Store, StoreError,
    change::Effect,
    grant, input,
    sql::{Sql, Value, params},
    words::json_text,
};

/// The most rules of a provider.
const MOST_RULES: usize = 200;

/// A provider to make. The caller checked issuer, scopes and claim.
#[derive(Debug, Clone)]
pub struct NewIdentityProvider {
    /// Name for people, 1 to 100 characters, unique among providers.
    pub name: String,
    /// Who it says it is.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it.
    pub client_auth: ClientAuthKind,
    /// The client's secret, sealed; none for a public client, and only there.
    pub client_secret: Option<Vec<u8>>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where groups stand among the claims.
    pub groups_claim: String,
    /// Whether addresses count without the provider's word that they are verified.
    pub trusts_email: bool,
    /// From groups to grants; the first that fits counts.
    pub rules: Vec<GroupRule>,
    /// For people in none of these groups; of no team.
    pub default_grant: Option<Grant>,
}

/// What to change of a provider. Absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub struct IdentityProviderPatch {
    /// Name for people.
    pub name: Option<String>,
    /// Who we are there.
    pub client_id: Option<String>,
    /// How we prove it.
    pub client_auth: Option<ClientAuthKind>,
    /// Another secret, sealed, or none.
    pub client_secret: Option<Option<Vec<u8>>>,
    /// What is asked for.
    pub scopes: Option<Vec<String>>,
    /// Where groups stand among the claims.
    pub groups_claim: Option<String>,
    /// Whether addresses count without the provider's word.
    pub trusts_email: Option<bool>,
    /// From groups to grants.
    pub rules: Option<Vec<GroupRule>>,
    /// For people in none of these groups.
    pub default_grant: Option<Option<Grant>>,
    /// Whether nobody signs in through it. Disabling ends the sessions that it opened.
    pub disabled: Option<bool>,
}

impl Store {
    /// Makes a provider.
    ///
    /// # Errors
    /// `Invalid` name, secret or rule; `Conflict` when the name is taken, or there are 50 already.
    pub async fn create_identity_provider(
        &self,
        actor: Actor,
        new: NewIdentityProvider,
    ) -> Result<IdentityProvider, StoreError> {
        self.administer(actor, "identity_provider.create", move |sql, now| {
            let provider = IdentityProvider {
                id: IdentityProviderId::generate(now),
                name: input::name(&new.name)?,
                issuer: new.issuer,
                client_id: new.client_id,
                client_auth: new.client_auth,
                client_secret: new.client_secret,
                scopes: new.scopes,
                groups_claim: new.groups_claim,
                trusts_email: new.trusts_email,
                rules: new.rules,
                default_grant: new.default_grant,
                disabled: false,
                created_at: now,
            };
            let count = "SELECT COUNT(*) FROM identity_providers";
            let there = sql.one(count, &[], "schema")?.count(0)?;
            if usize::try_from(there).is_ok_and(|there| there >= MOST) {
                return Err(StoreError::conflict("there are 50 identity providers"));
            }
            check(sql, &provider)?;
            let insert = "INSERT INTO identity_providers (name, client_id, client_auth, \
                 client_secret, scopes, groups_claim, trusts_email, rules, default_role, disabled, \
                 id, issuer, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
            let mut values = columns(&provider)?;
            values.extend(params![provider.id.uuid(), provider.issuer.as_str(), now]);
            sql.execute(insert, &values)?;
            let detail = told(&provider);
            Ok(Effect::changed(provider.clone(), provider.id, detail))
        })
        .await
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// `NotFound`; as [`create_identity_provider`](Self::create_identity_provider).
    pub async fn patch_identity_provider(
        &self,
        actor: Actor,
        id: IdentityProviderId,
        patch: IdentityProviderPatch,
    ) -> Result<IdentityProvider, StoreError> {
        self.administer(actor, "identity_provider.update", move |sql, _| {
            let before = one(sql, id)?;
            let provider = patched(before.clone(), patch);
            if provider == before {
                return Ok(Effect::Same(provider));
            }
            let provider = IdentityProvider {
                name: input::name(&provider.name)?,
                ..provider
            };
            check(sql, &provider)?;
            let update = "UPDATE identity_providers SET name = $1, client_id = $2, \
                 client_auth = $3, client_secret = $4, scopes = $5, groups_claim = $6, \
                 trusts_email = $7, rules = $8, default_role = $9, disabled = $10 WHERE id = $11";
            let mut values = columns(&provider)?;
            values.extend(params![id.uuid()]);
            sql.execute(update, &values)?;
            if provider.disabled {
                end_sessions(sql, id)?;
            }
            let detail = told(&provider);
            Ok(Effect::changed(provider, id, detail))
        })
        .await
    }

    /// Removes a provider, whom it vouched for, and the sessions that it opened. Accounts stay.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_identity_provider(
        &self,
        actor: Actor,
        id: IdentityProviderId,
    ) -> Result<(), StoreError> {
        self.administer(actor, "identity_provider.delete", move |sql, _| {
            let provider = one(sql, id)?;
            end_sessions(sql, id)?;
            for delete in [
                "DELETE FROM account_identities WHERE provider_id = $1",
                "DELETE FROM account_links WHERE provider_id = $1",
                "DELETE FROM sign_ins WHERE provider_id = $1",
                "DELETE FROM identity_providers WHERE id = $1",
            ] {
                sql.execute(delete, &params![id.uuid()])?;
            }
            Ok(Effect::changed((), id, json!({ "name": provider.name })))
        })
        .await
    }
}

fn patched(mut provider: IdentityProvider, patch: IdentityProviderPatch) -> IdentityProvider {
    provider.name = patch.name.unwrap_or(provider.name);
    provider.client_id = patch.client_id.unwrap_or(provider.client_id);
    provider.client_auth = patch.client_auth.unwrap_or(provider.client_auth);
    provider.client_secret = patch.client_secret.unwrap_or(provider.client_secret);
    provider.scopes = patch.scopes.unwrap_or(provider.scopes);
    provider.groups_claim = patch.groups_claim.unwrap_or(provider.groups_claim);
    provider.trusts_email = patch.trusts_email.unwrap_or(provider.trusts_email);
    provider.rules = patch.rules.unwrap_or(provider.rules);
    provider.default_grant = patch.default_grant.unwrap_or(provider.default_grant);
    provider.disabled = patch.disabled.unwrap_or(provider.disabled);
    provider
}

fn check(sql: &mut dyn Sql, provider: &IdentityProvider) -> Result<(), StoreError> {
    let public = provider.client_auth == ClientAuthKind::Public;
    if public && provider.client_secret.is_some() {
        let reason = "a public client has none";
        return Err(StoreError::invalid("client_secret", reason));
    }
    if !public && provider.client_secret.is_none() {
        let reason = "it is needed, unless `client_auth` is `public`";
        return Err(StoreError::invalid("client_secret", reason));
    }
    if provider.rules.len() > MOST_RULES {
        return Err(StoreError::invalid("rules", "there are at most 200"));
    }
    for rule in &provider.rules {
        if !(1..=256).contains(&rule.group.len()) {
            let reason = "a group has a name of 1 to 256 bytes";
            return Err(StoreError::invalid("rules", reason));
        }
        grant::exists(sql, rule.grant)?;
    }
    let taken = "SELECT 1 FROM identity_providers WHERE name = $1 AND id <> $2";
    let values = params![provider.name.as_str(), provider.id.uuid()];
    if sql.query(taken, &values)?.is_empty() {
        Ok(())
    } else {
        Err(StoreError::conflict(
            "there is an identity provider with that name",
        ))
    }
}

fn columns(provider: &IdentityProvider) -> Result<Vec<Value>, StoreError> {
    let rules: Vec<StoredRule> = provider.rules.iter().map(Into::into).collect();
    let default = provider.default_grant.map(|grant| grant.role().name());
    Ok(params![
        provider.name.as_str(),
        provider.client_id.as_str(),
        auth_word(provider.client_auth),
        provider.client_secret.as_deref(),
        json_text(&provider.scopes)?,
        provider.groups_claim.as_str(),
        provider.trusts_email,
        json_text(&rules)?,
        default,
        provider.disabled,
    ]
    .into())
}

/// For the audit log: all but the secret.
fn told(provider: &IdentityProvider) -> Json {
    let rules: Vec<StoredRule> = provider.rules.iter().map(Into::into).collect();
    json!({
        "name": provider.name, "issuer": provider.issuer, "client_id": provider.client_id,
        "client_auth": auth_word(provider.client_auth), "scopes": provider.scopes,
        "groups_claim": provider.groups_claim, "trusts_email": provider.trusts_email,
        "rules": rules, "disabled": provider.disabled,
        "default_role": provider.default_grant.map(|grant| grant.role().name()),
    })
}

/// The sessions that a provider opened end.
fn end_sessions(sql: &mut dyn Sql, id: IdentityProviderId) -> Result<(), StoreError> {
    let delete = "DELETE FROM sessions WHERE provider = $1";
    sql.execute(delete, &params![id.to_string()]).map(drop)
}
