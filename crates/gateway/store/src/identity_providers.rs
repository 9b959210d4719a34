//! Identity providers, through which people sign in; whom they vouched for; sign-ins under way.

mod change;
mod links;
mod pending;
mod person;

use serde::{Deserialize, Serialize};
use tidegate_types::{Grant, IdentityProviderId, Role, TeamId, Timestamp};

pub use self::{
    change::{IdentityProviderPatch, NewIdentityProvider},
    links::{AccountIdentities, AccountIdentity},
    pending::{NewSignIn, PendingSignIn},
    person::{Refusal, SignedIn, Vouched},
};
use crate::{
    Store, StoreError,
    sql::{Row, Sql, params},
    words::from_json,
};

/// An organisation has few; more than this would be a mistake of a script.
const MOST: usize = 50;

/// How a client proves itself at a provider's token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthKind {
    /// With the secret in the header.
    Basic,
    /// With the secret in the form.
    Post,
    /// Not at all: it has no secret.
    Public,
}

/// Who is in a group may do this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRule {
    /// The group, exactly as the provider writes it: 1 to 256 bytes.
    pub group: String,
    /// What its members may do.
    pub grant: Grant,
}

/// An identity provider. Its secret is sealed, and never printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its id.
    pub id: IdentityProviderId,
    /// Name for people, unique among providers.
    pub name: String,
    /// Who it says it is. It never changes: subjects are known by it.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it.
    pub client_auth: ClientAuthKind,
    /// The client's secret, sealed; none for a public client.
    pub client_secret: Option<Vec<u8>>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where groups stand among the claims.
    pub groups_claim: String,
    /// Whether addresses count without the provider's word that they are verified.
    pub trusts_email: bool,
    /// From groups to grants; the first that fits counts.
    pub rules: Vec<GroupRule>,
    /// For people in none of these groups; `None`: they may not sign in.
    pub default_grant: Option<Grant>,
    /// Nobody signs in through it.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, name, issuer, client_id, client_auth, client_secret, scopes, \
     groups_claim, trusts_email, rules, default_role, disabled, created_at";

impl Store {
    /// All providers, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn identity_providers(&self) -> Result<Vec<IdentityProvider>, StoreError> {
        self.read(|sql| {
            let select =
                format!("SELECT {COLUMNS} FROM identity_providers ORDER BY id LIMIT {MOST}");
            sql.query(&select, &[])?.iter().map(read).collect()
        })
        .await
    }

    /// One provider.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn identity_provider(
        &self,
        id: IdentityProviderId,
    ) -> Result<IdentityProvider, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }
}

pub(crate) fn one(
    sql: &mut dyn Sql,
    id: IdentityProviderId,
) -> Result<IdentityProvider, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM identity_providers WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "identity provider")?)
}

fn read(row: &Row) -> Result<IdentityProvider, StoreError> {
    let rules: Vec<StoredRule> = from_json(row, 9)?;
    Ok(IdentityProvider {
        id: IdentityProviderId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        issuer: row.text_owned(2)?,
        client_id: row.text_owned(3)?,
        client_auth: auth_named(row.text(4)?)?,
        client_secret: row.opt(5, |row, at| row.blob(at).map(<[u8]>::to_vec))?,
        scopes: from_json(row, 6)?,
        groups_claim: row.text_owned(7)?,
        trusts_email: row.bool(8)?,
        rules: rules
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()?,
        default_grant: row
            .opt(10, |row, at| row.parsed::<Role>(at))?
            .and_then(|role| Grant::new(role, None)),
        disabled: row.bool(11)?,
        created_at: row.time(12)?,
    })
}

/// A rule in its column of JSON.
#[derive(Serialize, Deserialize)]
struct StoredRule {
    group: String,
    role: String,
    team: Option<TeamId>,
}

impl From<&GroupRule> for StoredRule {
    fn from(rule: &GroupRule) -> Self {
        Self {
            group: rule.group.clone(),
            role: rule.grant.role().name().to_owned(),
            team: rule.grant.team(),
        }
    }
}

impl TryFrom<StoredRule> for GroupRule {
    type Error = StoreError;

    fn try_from(stored: StoredRule) -> Result<Self, StoreError> {
        let role = stored.role.parse().ok();
        let grant = role.and_then(|role| Grant::new(role, stored.team));
        Ok(Self {
            group: stored.group,
            grant: grant.ok_or_else(|| StoreError::Broken("a rule grants nothing known".into()))?,
        })
    }
}

const fn auth_word(kind: ClientAuthKind) -> &'static str {
    match kind {
        ClientAuthKind::Basic => "basic",
        ClientAuthKind::Post => "post",
        ClientAuthKind::Public => "public",
    }
}

fn auth_named(word: &str) -> Result<ClientAuthKind, StoreError> {
    let all = [
        ClientAuthKind::Basic,
        ClientAuthKind::Post,
        ClientAuthKind::Public,
    ];
    let known = all.into_iter().find(|kind| auth_word(*kind) == word);
    known.ok_or_else(|| StoreError::Broken("a client's authentication is not known".into()))
}
