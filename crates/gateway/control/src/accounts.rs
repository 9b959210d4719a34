//! Accounts: people who sign in here. Passwords are never answered but for one-time ones.

mod change;
mod create;
mod list;
mod password;
mod sign_out;
mod switch;
mod totp;

use std::sync::Arc;

use serde::Serialize;
use tidegate_store::Account;
use tidegate_types::{AccountId, TeamId, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, roles::RoleName};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(change::change))
        .routes(routes!(password::change))
        .routes(routes!(password::reset))
        .routes(routes!(switch::disable))
        .routes(routes!(switch::enable))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(totp::begin, totp::confirm, totp::remove))
        .routes(routes!(totp::reset))
}

/// An account that can sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    /// Its id.
    #[schema(value_type = String, example = "acc_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: AccountId,
    /// E-mail address, unique among accounts, lower-case.
    #[schema(example = "admin@example.com")]
    email: String,
    /// Name for people; may be empty.
    name: String,
    /// What it may do.
    #[schema(value_type = RoleName, example = "admin")]
    role: &'static str,
    /// The team it is confined to, for the role `team_admin`.
    #[schema(value_type = Option<String>, example = "team_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    team: Option<TeamId>,
    /// Whether it cannot sign in.
    disabled: bool,
    /// Whether it signs in by a password of its own. Without one it needs an identity provider.
    has_password: bool,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let Account {
            id,
            email,
            name,
            grant,
            created_at,
            disabled,
            has_password,
        } = account;
        Self {
            id,
            email,
            name,
            role: grant.role().name(),
            team: grant.team(),
            disabled,
            has_password,
            created_at,
        }
    }
}

/// An account with a password for its first sign-in.
#[derive(Serialize, ToSchema)]
struct AccountWithPassword {
    /// The account.
    account: AccountView,
    /// To be changed at the first sign-in. It is shown this once and cannot be read again.
    #[schema(example = "k7fq-2mzd-x9ne-4wtr-bh3p")]
    one_time_password: String,
}
