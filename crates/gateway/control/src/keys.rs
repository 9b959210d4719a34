//! Virtual keys: what callers present. A secret is answered once, when it is made.

mod change;
mod create;
mod list;
mod rotate;
mod switch;

use std::sync::Arc;

use serde::Serialize;
use tidegate_governance::entity::{Allow, VirtualKey};
use tidegate_types::{DeviceId, KeyId, ModelPattern, ProviderName, TeamId, Timestamp, UserId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, names::Names, problem::Problem, read::read_struct};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(list::get, change::change))
        .routes(routes!(switch::disable))
        .routes(routes!(switch::enable))
        .routes(routes!(switch::revoke))
        .routes(routes!(rotate::rotate))
}

/// A virtual key. Never its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
struct KeyView {
    /// Its id.
    #[schema(value_type = String, example = "key_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: KeyId,
    /// Its name, for people.
    #[schema(example = "batch jobs")]
    name: String,
    /// Prefix and last four characters of the secret.
    #[schema(example = "sk-tg-…x7Qa")]
    hint: String,
    /// The team it belongs to.
    #[schema(value_type = Option<String>)]
    team: Option<TeamId>,
    /// That team's name.
    team_name: Option<String>,
    /// The user it belongs to.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// That user's name.
    user_name: Option<String>,
    /// The device whose key it is.
    #[schema(value_type = Option<String>)]
    device: Option<DeviceId>,
    /// What it may be used for.
    #[schema(value_type = AllowLists)]
    allow: Allow,
    /// Whether prompts and answers of its calls are stored.
    log_content: bool,
    /// Whether it is refused until it is enabled again.
    disabled: bool,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it is refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Since when it is revoked, for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// Until when the secret before the last rotation is accepted.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_valid_until: Option<Timestamp>,
}

impl KeyView {
    /// The names that stand beside ids in the views of keys.
    async fn names(app: &App, keys: &[VirtualKey]) -> Result<Names, Problem> {
        let teams = keys
            .iter()
            .filter_map(|key| key.team.map(|id| id.to_string()));
        let users = keys
            .iter()
            .filter_map(|key| key.user.map(|id| id.to_string()));
        Names::of(app, teams.chain(users).collect()).await
    }

    async fn now(app: &App, key: VirtualKey) -> Result<Self, Problem> {
        let names = Self::names(app, std::slice::from_ref(&key)).await?;
        Ok(Self::of(key, &names))
    }

    fn of(key: VirtualKey, names: &Names) -> Self {
        Self {
            team_name: names.maybe(key.team),
            user_name: names.maybe(key.user),
            id: key.id,
            name: key.name,
            hint: key.hint,
            team: key.team,
            user: key.user,
            device: key.device,
            allow: key.allow,
            log_content: key.log_content,
            disabled: key.disabled,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            previous_valid_until: key.previous.map(|previous| previous.valid_until),
        }
    }
}

/// A key with its new secret.
#[derive(Serialize, ToSchema)]
struct KeyWithSecret {
    /// The key.
    key: KeyView,
    /// The secret. It is shown this once and cannot be read again.
    #[schema(example = "sk-tg-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM")]
    secret: String,
}

read_struct! {
    /// Allow-lists. An empty list allows everything.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct AllowLists {
        /// Providers by name.
        #[schema(value_type = Vec<String>, required = false, max_items = 200, example = json!(["openai"]))]
        providers: Vec<ProviderName>,
        /// Models by pattern: literal but for `*`. Matched without the provider's prefix.
        #[schema(value_type = Vec<String>, required = false, max_items = 200, example = json!(["gpt-4o*"]))]
        models: Vec<ModelPattern>,
        /// Operations by name, as in the request log.
        #[schema(value_type = Vec<String>, required = false, max_items = 200, example = json!(["chat.completions"]))]
        routes: Vec<Operation>,
    }
}

impl From<AllowLists> for Allow {
    fn from(lists: AllowLists) -> Self {
        let AllowLists {
            providers,
            models,
            routes,
        } = lists;
        Self {
            providers,
            models,
            routes: routes.into_iter().map(|route| route.0).collect(),
        }
    }
}

/// An operation's name, like `chat.completions`.
#[derive(Debug)]
struct Operation(String);

impl crate::read::Read for Operation {
    fn read(value: serde_json::Value, at: &mut crate::read::Reader) -> Option<Self> {
        match value {
            serde_json::Value::String(text)
                if (1..=64).contains(&text.len())
                    && text
                        .bytes()
                        .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-')) =>
            {
                Some(Self(text))
            }
            _ => at.refuse("must be an operation's name: 1 to 64 characters of a-z 0-9 . _ -"),
        }
    }
}
