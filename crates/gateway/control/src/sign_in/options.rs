//! How people may sign in here: what the sign-in page offers.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_types::IdentityProviderId;
use utoipa::ToSchema;

use crate::{app::App, problem::Problem};

/// How people may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignInOptions {
    /// Whether somebody can by a password.
    password: bool,
    /// Through whom, oldest first; none that is disabled.
    providers: Vec<SignInProvider>,
}

/// An identity provider, as the sign-in page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SignInProvider {
    /// Its id.
    #[schema(value_type = String, example = "idp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    pub(crate) id: IdentityProviderId,
    /// Its name for people.
    #[schema(example = "Example SSO")]
    pub(crate) name: String,
}

/// The providers through which people may sign in, oldest first.
pub(crate) async fn offered(app: &App) -> Result<Vec<SignInProvider>, Problem> {
    let all = app.store.identity_providers().await?;
    let open = all.into_iter().filter(|provider| !provider.disabled);
    let shown = open.map(|provider| SignInProvider {
        id: provider.id,
        name: provider.name,
    });
    Ok(shown.collect())
}

/// Says how people may sign in.
#[utoipa::path(get, path = "/sign-in", tag = "sessions", operation_id = "get_sign_in_options",
    security(()),
    responses((status = 200, description = "What there is.", body = SignInOptions)))]
pub(super) async fn options(State(app): State<Arc<App>>) -> Result<Json<SignInOptions>, Problem> {
    Ok(Json(SignInOptions {
        password: app.store.has_password_accounts().await?,
        providers: offered(&app).await?,
    }))
}
