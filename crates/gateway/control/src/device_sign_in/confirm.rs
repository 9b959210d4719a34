//! The person is signed in: they are shown which machine this is about, and asked.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tidegate_device_api::refusal;
use tidegate_store::Confirmed;
use tidegate_types::{KeyHash, PlainKey};

use super::{
    CONFIRM,
    form::Form,
    outcome, page,
    page::{Page, escape},
};
use crate::app::App;

#[derive(Debug, Deserialize)]
pub(super) struct Ticket {
    ticket: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    ticket: String,
    answer: String,
}

fn hash(ticket: &str) -> Result<KeyHash, Page> {
    PlainKey::hash_presented(PlainKey::SIGN_IN, ticket).map_err(|_| page::over())
}

/// `GET …/confirm`: asks.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    query: Result<Query<Ticket>, QueryRejection>,
) -> Result<Response, Page> {
    let Ok(Query(Ticket { ticket })) = query else {
        return Err(page::over());
    };
    let waiting = app.store.device_sign_in_to_confirm(hash(&ticket)?).await;
    let sign_in = waiting.map_err(page::store)?;
    let person = sign_in.person.as_ref();
    let email = escape(person.map(|person| &*person.email).unwrap_or_default());
    let (host, ticket) = (escape(&sign_in.hostname), escape(&ticket));
    let body = format!(
        "<p>You are signed in as <span class=\"name\">{email}</span>.</p>\
         <p>Is <span class=\"name\">{host}</span> the machine on which you started this, just now?</p>\
         <form method=\"post\" action=\"{CONFIRM}\"><input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\
         <button class=\"go\" name=\"answer\" value=\"yes\">Yes, connect this device</button>\
         <button name=\"answer\" value=\"no\">No, this is not mine</button></form>\
         <p class=\"soft\">What is used on the device counts as yours from then on.</p>"
    );
    let page = Page::new("Connect this device?", body);
    Ok(page
        .leading_to(outcome::origin(&sign_in.way))
        .into_response())
}

/// `POST …/confirm`: the answer, once.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Form(given): Form<Answer>,
) -> Result<Response, Page> {
    let ticket = hash(&given.ticket)?;
    if given.answer != "yes" {
        let refused = app.store.refuse_device_sign_in(ticket).await;
        let sign_in = refused.map_err(page::store)?;
        return Ok(outcome::error(&sign_in, refusal::ACCESS_DENIED));
    }
    let code = PlainKey::generate(PlainKey::SIGN_IN).map_err(page::internal)?;
    let confirmed = app.store.confirm_device_sign_in(ticket, code.hash()).await;
    Ok(match confirmed.map_err(page::store)? {
        Confirmed::Yes(sign_in) => {
            // A new user may have come of it.
            app.data_plane.changed();
            outcome::code(&sign_in, code.expose())
        }
        Confirmed::UserDisabled(sign_in) => outcome::error(&sign_in, refusal::USER_DISABLED),
    })
}
