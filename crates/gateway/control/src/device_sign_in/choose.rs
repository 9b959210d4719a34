//! Which identity provider, where there are several, and on to it.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;
use tidegate_identity::LocalPath;
use tidegate_store::DeviceSignIn;
use tidegate_types::{IdentityProviderId, PlainKey};

use super::{
    WITH, page,
    page::{Page, escape},
};
use crate::{
    app::App,
    problem::{Code, Problem},
    sign_in::{self, SignInProvider, purpose::Purpose},
};

#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    sign_in: String,
}

/// `GET …/with/{provider}`: the chosen one.
pub(super) async fn with(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    query: Result<Query<Reference>, QueryRejection>,
) -> Result<Response, Page> {
    let Ok(Query(Reference { sign_in })) = query else {
        return Err(page::over());
    };
    held(&app, &sign_in).await?;
    let provider = provider.parse().map_err(|_| page::over())?;
    begin(&app, provider, &sign_in).await
}

/// The sign-in that a browser goes by.
pub(super) async fn held(app: &App, reference: &str) -> Result<DeviceSignIn, Page> {
    let hash = PlainKey::hash_presented(PlainKey::SIGN_IN, reference).map_err(|_| page::over())?;
    app.store.device_sign_in(hash).await.map_err(page::store)
}

/// Those through which people may sign in.
pub(super) async fn providers(app: &App) -> Result<Vec<SignInProvider>, Page> {
    sign_in::offered(app)
        .await
        .map_err(|problem| away(&problem))
}

/// On to a provider.
pub(super) async fn begin(
    app: &App,
    provider: IdentityProviderId,
    reference: &str,
) -> Result<Response, Page> {
    let purpose = Purpose::Device(reference.to_owned());
    let begun = sign_in::begin(app, provider, purpose, LocalPath::default()).await;
    begun.map_err(|problem| away(&problem))
}

/// A provider that cannot be gone to.
fn away(problem: &Problem) -> Page {
    match problem.code() {
        Code::NotFound => Page::says(
            StatusCode::NOT_FOUND,
            "This way is closed",
            "Nobody signs in through this identity provider now. Begin again on your device.",
        ),
        Code::IdentityProviderUnavailable => Page::says(
            StatusCode::BAD_GATEWAY,
            "No answer",
            "The identity provider does not answer as it should. Try again, or ask your administrator.",
        ),
        code => page::internal(format!("{code:?}")),
    }
}

/// Shows the machine's name and the providers.
pub(super) fn page(sign_in: &DeviceSignIn, providers: &[SignInProvider], reference: &str) -> Page {
    let (host, reference) = (escape(&sign_in.hostname), escape(reference));
    let mut links = String::new();
    for SignInProvider { id, name } in providers {
        let name = escape(name);
        links.push_str(&format!(
            "<a href=\"{WITH}/{id}?sign_in={reference}\">Sign in with {name}</a>"
        ));
    }
    let body = format!(
        "<p>You are about to connect <span class=\"name\">{host}</span>.</p>\
         <p class=\"soft\">Go on only if you started this yourself, on that machine.</p>\
         <nav class=\"ways\" aria-label=\"Ways to sign in\">{links}</nav>"
    );
    Page::new("Sign in on a device", body)
}
