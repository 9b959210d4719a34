//! Opening a session for somebody who proved who they are, however they did. Each sign-in gets a new
//! secret, and a cookie that came along is given up: nobody can plant one (session fixation).

use http::{HeaderMap, HeaderValue, header};
use tidegate_store::{NewSession, Session};
use tidegate_types::{AccountId, PlainKey};

use crate::{app::App, guard::client::Client, guard::cookie, problem::Problem};

/// A session that was just opened, and its secret.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The session.
    pub(crate) session: Session,
    /// Its secret, for a bearer token. A browser gets it by [`Opened::set_cookie`] and never in a body.
    pub(crate) secret: PlainKey,
}

impl Opened {
    /// Gives the session to a browser.
    pub(crate) fn set_cookie(&self, app: &App, headers: &mut HeaderMap) -> Result<(), Problem> {
        let lifetime = app.settings.session_ttl;
        let text = cookie::give(&app.settings.url, self.secret.expose(), lifetime);
        let mut value = HeaderValue::try_from(text).map_err(Problem::internal)?;
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
        Ok(())
    }
}

/// Opens a session for an account that proved to be who it says: by its own password (`provider` is
/// none), or by an identity provider (`provider` is its id). Audits it as `session.create`.
///
/// # Errors
/// The account is gone (404) or disabled (409); the store is unavailable.
pub(crate) async fn open_session(
    app: &App,
    account: AccountId,
    provider: Option<String>,
    client: &Client,
) -> Result<Opened, Problem> {
    let secret = PlainKey::generate(PlainKey::SESSION).map_err(Problem::internal)?;
    let new = NewSession {
        account,
        hash: secret.hash(),
        provider,
        address: client.address.to_string(),
        user_agent: client.user_agent.clone(),
        replaces: client.cookie,
    };
    let ttl = app.settings.session_ttl;
    let session = app.store.create_session(new, ttl).await?;
    Ok(Opened { session, secret })
}
