//! The first half of a sign-in: a browser is sent to the provider.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::header;
use serde_json::Value;
use tidegate_authority::Purpose as Seal;
use tidegate_identity::LocalPath;
use tidegate_store::NewSignIn;
use tidegate_types::{IdentityProviderId, PlainKey};
use utoipa::IntoParams;

use super::{
    cookie, failure, now, purpose::Purpose, redirect_uri, relying, see_other, unavailable,
};
use crate::{
    app::App,
    extract::{Params, Peer},
    problem::{Code, Problem},
    read::{Read, Reader, read_struct},
    throttle::Who,
};

/// How long a sign-in may take.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct Back {
        /// The page to go to in the end: a path of the console, with its query; `/` when not said.
        #[param(value_type = Option<String>, example = "/devices")]
        return_to: Option<LocalPath>,
    }
}

impl Read for LocalPath {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().and_then(Self::parse) {
            Some(path) => Some(path),
            None => at.refuse("must be a path of the console, like `/devices`"),
        }
    }
}

/// Sends a browser to an identity provider. It comes back to `/api/v1/sign-in/callback`.
#[utoipa::path(get, path = "/sign-in/{provider}", tag = "sessions", operation_id = "begin_sign_in",
    security(()),
    params(("provider" = String, Path, description = "The provider's id."), Back),
    responses((status = 303, description = "To the provider; or, where it cannot be used, to \
        `/sign-in?problem=` with one of the codes of the callback.",
        headers(("location" = String, description = "Where to.")))))]
pub(super) async fn go(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    Path(provider): Path<String>,
    Params(back): Params<Back>,
) -> Result<Response, Problem> {
    let counted = Who::sign_in(from);
    if app
        .device_calls
        .attempt(&counted, app.clock.mono())
        .is_err()
    {
        return failure::page("too_many_attempts");
    }
    let Ok(provider) = provider.parse() else {
        return failure::page("provider_unknown");
    };
    let back = back.return_to.unwrap_or_default();
    match begin(&app, provider, Purpose::Console, back).await {
        Ok(response) => Ok(response),
        Err(problem) => match problem.code() {
            Code::NotFound => failure::page("provider_unknown"),
            Code::IdentityProviderUnavailable => failure::page("provider_unavailable"),
            _ => failure::page("unavailable"),
        },
    }
}

/// Begins a sign-in: the answer sends the browser to the provider and holds the cookie that it must
/// come back with.
///
/// # Errors
/// `not_found`: there is no such provider, or it is disabled. `identity_provider_unavailable`: it does
/// not answer, or not as it must. The store is unavailable.
pub(crate) async fn begin(
    app: &App,
    provider: IdentityProviderId,
    purpose: Purpose,
    return_to: LocalPath,
) -> Result<Response, Problem> {
    let stored = app.store.identity_provider(provider).await?;
    if stored.disabled {
        let detail = "Nobody signs in through this identity provider now.";
        return Err(Problem::new(Code::NotFound, detail));
    }
    let relying = relying(app, &stored)?;
    let secret = || PlainKey::generate(PlainKey::SIGN_IN).map_err(Problem::internal);
    let (state, browser) = (secret()?, secret()?);
    let begun = app
        .relying_party
        .begin(&relying, &redirect_uri(app), state.expose(), now(app))
        .await;
    let begun = begun.map_err(|error| {
        tracing::warn!(provider = stored.name, %error, "a sign-in could not begin");
        unavailable(&error)
    })?;
    let handshake = super::handshake::join(&begun.handshake);
    let handshake = app.seal.seal(Seal::SignIn, handshake.expose().as_bytes());
    let pending = NewSignIn {
        state: state.hash(),
        browser: browser.hash(),
        provider,
        handshake: handshake.map_err(Problem::internal)?,
        device: match purpose {
            Purpose::Console => None,
            Purpose::Device(reference) => Some(reference),
        },
        return_to: return_to.as_str().to_owned(),
        lifetime: LIFETIME,
    };
    app.store.begin_sign_in(pending).await?;
    let mut response = see_other(&begun.url)?;
    let url = &app.settings.url;
    let cookie = cookie::give(url, state.hash(), &browser, LIFETIME.as_secs())?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
