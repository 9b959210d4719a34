//! An identity provider as an admin set it up.

use tidegate_types::Secret;

use crate::{ClaimPath, EmailRule, Issuer};

/// How we prove ourselves at the token endpoint (OpenID Connect Core 1.0 §9).
#[derive(Debug, Clone)]
pub enum ClientAuth {
    /// `client_secret_basic`.
    Basic(Secret<String>),
    /// `client_secret_post`.
    Post(Secret<String>),
    /// `none`: a public client, protected by PKCE alone.
    Public,
}

/// An identity provider to sign in through.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Who it says it is.
    pub issuer: Issuer,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it.
    pub auth: ClientAuth,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Where groups stand among the claims.
    pub groups: ClaimPath,
    /// Which addresses count.
    pub email: EmailRule,
}

impl Provider {
    /// The scopes as a parameter (RFC 6749 §3.3).
    pub(crate) fn scope(&self) -> String {
        let mut scope = String::from("openid");
        for name in self.scopes.iter().filter(|name| *name != "openid") {
            scope.push(' ');
            scope.push_str(name);
        }
        scope
    }
}
