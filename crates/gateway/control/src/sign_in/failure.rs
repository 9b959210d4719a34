//! How a sign-in through a provider fails, for the sign-in page (a code in its address) and for the
//! audit log (who, where, and why).

use axum::response::Response;
use serde_json::json;
use tidegate_identity::{EmailFault, Identity, IdentityError};
use tidegate_store::{IdentityProvider, Refusal};

use super::see_other;
use crate::{app::App, guard::client::Client, problem::Problem};

/// The sign-in page, saying why.
pub(super) fn page(code: &str) -> Result<Response, Problem> {
    see_other(&format!("/sign-in?problem={code}"))
}

/// Why a sign-in came to nothing. Its code never changes its meaning: the sign-in page explains it.
#[derive(Debug)]
pub(super) enum Failure {
    /// The provider sent back what cannot be read.
    Unreadable,
    /// There is no such sign-in: it never was, took too long, or came back before.
    Lost,
    /// Another browser began it.
    OtherBrowser,
    /// The provider was removed or disabled meanwhile.
    ProviderUnknown,
    /// The provider does not answer, refuses, or says what must not be believed.
    Identity(IdentityError),
    /// The person is in no group that may sign in.
    NoRole,
    /// The account is not theirs, or not now.
    Account(Refusal),
}

impl Failure {
    /// For the sign-in page.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "answer_invalid",
            Self::Lost => "sign_in_lost",
            Self::OtherBrowser => "other_browser",
            Self::ProviderUnknown | Self::Account(Refusal::ProviderGone) => "provider_unknown",
            Self::Identity(error) => match error {
                IdentityError::Endpoint { .. }
                | IdentityError::Unreachable { .. }
                | IdentityError::Unusable { .. }
                | IdentityError::Randomness => "provider_unavailable",
                IdentityError::Refused(_) => "provider_refused",
                IdentityError::WrongIssuer(_) | IdentityError::Token(_) => "answer_invalid",
                IdentityError::Email(EmailFault::Missing) => "email_missing",
                IdentityError::Email(EmailFault::Unverified) => "email_unverified",
            },
            Self::NoRole | Self::Account(Refusal::TeamGone) => "no_role",
            Self::Account(Refusal::Disabled) => "account_disabled",
            Self::Account(Refusal::AccountExists) => "account_exists",
            Self::Account(Refusal::LastAdmin) => "last_admin",
        }
    }

    /// For the audit log: never what the provider or the browser wrote.
    fn reason(&self) -> String {
        match self {
            Self::Identity(error) => error.to_string(),
            Self::Account(Refusal::TeamGone) => "the team of the role is gone".to_owned(),
            other => other.code().to_owned(),
        }
    }
}

/// A failure, with what was known by then.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) provider: Option<IdentityProvider>,
    pub(super) person: Option<Identity>,
    pub(super) groups: Vec<String>,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            provider: None,
            person: None,
            groups: Vec::new(),
        }
    }
}

impl Failed {
    /// Writes it to the audit log.
    pub(super) async fn audit(&self, app: &App, client: &Client) -> Result<(), Problem> {
        let provider = self.provider.as_ref();
        let person = self.person.as_ref();
        let target = match (person, provider) {
            (Some(person), _) => person.email.as_str(),
            (None, Some(provider)) => provider.name.as_str(),
            (None, None) => "sign-in",
        };
        let detail = json!({
            "address": client.address.to_string(),
            "provider": provider.map(|provider| provider.id),
            "subject": person.map(|person| &person.subject),
            "groups": self.groups,
            "code": self.failure.code(),
            "reason": self.failure.reason(),
        });
        app.noise.sign_in_failed(app, target, detail).await
    }
}
