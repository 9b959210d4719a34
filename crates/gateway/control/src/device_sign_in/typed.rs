//! The page on which a person types the code that their device shows (RFC 8628 §3.3). Guessing is slow: per
//! address, and for everybody together.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use tidegate_device_api::{DEVICE_PAGE, user_code};
use tidegate_store::StoreError;
use tidegate_types::PlainKey;

use super::{
    begin, choose,
    form::Form,
    page,
    page::{Page, escape},
};
use crate::{app::App, extract::Peer, throttle::Who};

#[derive(Debug, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    user_code: String,
}

/// `GET /device`: asks for the code; one in the query is put into the field, and no more.
pub(super) fn ask(query: Result<Query<Given>, QueryRejection>) -> Ready<Page> {
    let given = query
        .map(|Query(given)| given.user_code)
        .unwrap_or_default();
    let known = user_code(&given).unwrap_or_default();
    ready(form(&known, ""))
}

/// `POST /device`: the code leads on to a provider.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    Form(given): Form<Given>,
) -> Result<Response, Page> {
    begin::allow(&app, from)?;
    let everybody = app.device_calls.attempt(&Who::UserCodes, app.clock.mono());
    everybody.map_err(|_| page::busy(StatusCode::TOO_MANY_REQUESTS))?;
    let wrong = || {
        let hint = "There is no such code, or it is too old. Look at your device once more.";
        form("", hint).status(StatusCode::NOT_FOUND)
    };
    let code = user_code(&given.user_code).ok_or_else(wrong)?;
    let reference = PlainKey::generate(PlainKey::SIGN_IN).map_err(page::internal)?;
    let entered = app.store.enter_user_code(code, reference.hash()).await;
    let sign_in = match entered {
        Err(StoreError::NotFound(_)) => return Err(wrong()),
        entered => entered.map_err(page::store)?,
    };
    // A right one is no guess.
    app.device_calls.forgive(&Who::UserCodes);
    let reference = reference.expose();
    // Never on by itself: what a form leads to is held against the page's policy, and the person has to see
    // the machine's name first.
    match &choose::providers(&app).await?[..] {
        [] => begin::none(&app, reference).await,
        some => Ok(choose::page(&sign_in, some, reference).into_response()),
    }
}

fn form(code: &str, hint: &str) -> Page {
    let shown = match code.split_at_checked(4) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}-{rest}"),
        _ => String::new(),
    };
    let (shown, hint) = (escape(&shown), escape(hint));
    let said = if hint.is_empty() {
        String::new()
    } else {
        format!("<p role=\"alert\">{hint}</p>")
    };
    let body = format!(
        "<p>Type the code that your device shows.</p>{said}<form method=\"post\" action=\"{DEVICE_PAGE}\">\
         <label>Code<input name=\"user_code\" value=\"{shown}\" required maxlength=\"16\" \
         autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" autofocus></label>\
         <button class=\"go\">Go on</button></form><p class=\"soft\">Only type a code that you see on a device \
         of yours. Nobody may ask you for one by mail or phone.</p>"
    );
    Page::new("Connect a device", body)
}
