//! Sign-in of a person on a device, as their browser sees it: plain pages without scripts, from the
//! device's first call over the identity provider to the person's own word that the device is theirs.
//! What the device itself says is in `device::sign_in`.
//!
//! ```text
//! GET /device/v1/sign-in ─┐
//! GET, POST /device ──────┴▶ provider ─▶ approve ─▶ GET, POST …/confirm ─▶ loopback, or "go back"
//! ```
//!
//! A link alone brings nobody's device to anybody: the code goes to the loopback address of the machine that
//! the browser runs on, or the person has typed what their device shows; and in both cases they are shown
//! the machine's name and asked, when they are signed in.

mod begin;
mod choose;
mod confirm;
mod form;
mod outcome;
mod page;
mod typed;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{IntoResponse, Response},
    routing::get,
};
use tidegate_device_api::{DEVICE_PAGE, SIGN_IN, refusal};
use tidegate_store::SignInPerson;
use tidegate_types::PlainKey;

use crate::{app::App, sign_in::purpose::Person};

/// Where the person is asked.
const CONFIRM: &str = "/device/v1/sign-in/confirm";
/// Where a provider is chosen.
const WITH: &str = "/device/v1/sign-in/with";
/// The look of the pages.
const STYLE: &str = "/device/v1/sign-in/style.css";
/// Largest form, in bytes.
const FORM_LIMIT: usize = 4 * 1024;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(SIGN_IN, get(begin::begin))
        .route(&format!("{WITH}/{{provider}}"), get(choose::with))
        .route(CONFIRM, get(confirm::ask).post(confirm::answer))
        .route(DEVICE_PAGE, get(typed::ask).post(typed::answer))
        .route(STYLE, get(page::style))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
}

/// An identity provider vouched for a person: their browser is sent to where they are asked.
pub(crate) async fn approve(app: &App, reference: &str, person: Person) -> Response {
    match vouched(app, reference, person).await {
        Ok(place) => page::see_other(&place),
        Err(page) => page.into_response(),
    }
}

/// A provider vouched for nobody: the device is told, and so is the person.
pub(crate) async fn failed(app: &App, reference: &str) -> Response {
    let Ok(hash) = PlainKey::hash_presented(PlainKey::SIGN_IN, reference) else {
        return page::over().into_response();
    };
    match app.store.deny_device_sign_in(hash).await {
        Ok(sign_in) => outcome::error(&sign_in, refusal::SIGN_IN_FAILED),
        Err(error) => page::store(error).into_response(),
    }
}

async fn vouched(app: &App, reference: &str, person: Person) -> Result<String, page::Page> {
    let hash = PlainKey::hash_presented(PlainKey::SIGN_IN, reference).map_err(|_| page::over())?;
    let ticket = PlainKey::generate(PlainKey::SIGN_IN).map_err(page::internal)?;
    let person = SignInPerson {
        email: person.email,
        name: person.name,
        provider: person.provider_name,
    };
    app.store
        .approve_device_sign_in(hash, person, ticket.hash())
        .await
        .map_err(page::store)?;
    Ok(format!("{CONFIRM}?ticket={}", ticket.expose()))
}
