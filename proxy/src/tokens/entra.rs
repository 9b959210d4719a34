//! Microsoft Entra ID: the client credentials grant with an app's secret (RFC 6749 §4.4).

use tidegate_types::Secret;

use super::{Granted, post};
use crate::services::Client;

/// An app that may call the provider.
#[derive(Debug)]
pub struct Entra {
    /// Where sign-in is, without a slash at its end: `https://login.microsoftonline.com`.
    pub authority: String,
    /// The directory's id or domain.
    pub tenant: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret<String>,
    /// What it asks to use.
    pub scope: String,
}

impl Entra {
    pub(super) async fn fetch(&self, client: &Client) -> anyhow::Result<Granted> {
        let url = format!("{}/{}/oauth2/v2.0/token", self.authority, self.tenant);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("scope", &self.scope),
        ];
        post(client, &url, &form).await
    }
}
