//! What a client says about itself when it signs in: where from, by which program, and the session
//! that its browser had until now.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use tidegate_types::KeyHash;

use super::cookie::{self, Given};
use crate::{app::App, extract::Peer};

/// The longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 200;

/// A client that signs in.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// Where it connects from.
    pub(crate) address: IpAddr,
    /// What it calls itself: at most 200 printable characters, empty where it says nothing.
    pub(crate) user_agent: String,
    /// The session of the cookie that it sent, valid or not. Signing in ends it.
    pub(crate) cookie: Option<KeyHash>,
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let Peer(address) = Peer::from_request_parts(parts, app).await?;
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let printable = |text: &str| -> String {
            let chars = text.chars().filter(|c| !c.is_control());
            chars.take(MAX_USER_AGENT).collect()
        };
        Ok(Self {
            address,
            user_agent: user_agent.as_deref().map(printable).unwrap_or_default(),
            cookie: match cookie::given(&app.settings.url, &parts.headers) {
                Given::Session(hash) => Some(hash),
                Given::Nothing | Given::Wrong => None,
            },
        })
    }
}
