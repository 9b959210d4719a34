//! The second half of a sign-in: a browser comes back from the provider.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::{HeaderMap, header};
use tidegate_identity::{Answer, Identity, LocalPath, Mapping, Rule};
use tidegate_store::{IdentityProvider, PendingSignIn, SignedIn, StoreError, Vouched};
use tidegate_types::{AccountId, KeyHash, PlainKey};

use super::{
    cookie,
    failure::{self, Failed, Failure},
    handshake, now,
    purpose::Person,
    redirect_uri, relying, see_other,
};
use crate::{
    app::App, device_sign_in, guard::client::Client, problem::Problem, sessions::open_session,
};

/// Ends a sign-in through an identity provider, where that sends the browser back to.
#[utoipa::path(get, path = "/sign-in/callback", tag = "sessions", operation_id = "finish_sign_in",
    security(()),
    params(
        ("state" = Option<String>, Query, description = "Which sign-in it is."),
        ("code" = Option<String>, Query, description = "What the provider gave."),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)."),
        ("error" = Option<String>, Query, description = "Why the provider gave nothing.")),
    responses((status = 303, description = "Signed in: the cookie of the session is set, and it goes \
        to the page that was asked for. Or not: it goes to `/sign-in?problem=` with `sign_in_lost` \
        (it took too long or came back before), `other_browser`, `provider_unknown`, \
        `provider_unavailable`, `provider_refused`, `answer_invalid`, `email_missing`, \
        `email_unverified`, `no_role`, `account_exists`, `account_disabled`, `last_admin`, \
        `too_many_attempts` or `unavailable`. Sign-ins on devices go on to their own pages.",
        headers(("location" = String, description = "Where to.")))))]
pub(super) async fn callback(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    if app
        .sign_in
        .attempt_from(client.address, app.clock.mono())
        .is_err()
    {
        return failure::page("too_many_attempts");
    }
    let answer = Answer::parse(&query.unwrap_or_default()).ok();
    let state = answer.as_ref().and_then(|answer| {
        let state = answer.state.as_deref()?;
        PlainKey::hash_presented(PlainKey::SIGN_IN, state).ok()
    });
    let ended = match (answer, state) {
        (Some(answer), Some(state)) => end(&app, &client, &headers, &answer, state).await,
        (Some(_), None) => Err(Failure::Lost.into()),
        (None, _) => Err(Failure::Unreadable.into()),
    };
    let mut response = match ended {
        Ok(response) => response,
        // The log names the cause; a person in front of a browser has no use for JSON.
        Err(Refused::Problem(problem)) => {
            tracing::warn!(code = ?problem.code(), "a sign-in could not be finished");
            failure::page("unavailable")?
        }
        Err(Refused::Failed(failed, device)) => {
            failed.audit(&app, &client).await?;
            match device {
                Some(reference) => device_sign_in::failed(&app, &reference).await,
                None => failure::page(failed.failure.code())?,
            }
        }
    };
    if let Some(state) = state {
        let cookie = cookie::take(&app.settings.url, state)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Why there is no sign-in: a failure, with the device that it was for, or a fault of ours.
enum Refused {
    Failed(Box<Failed>, Option<String>),
    Problem(Problem),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure.into()), None)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

/// Takes the sign-in away, and sees what came of it.
async fn end(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    answer: &Answer,
    state: KeyHash,
) -> Result<Response, Refused> {
    let pending = match app.store.take_sign_in(state).await {
        Ok(pending) if !pending.expired => pending,
        Ok(_) | Err(StoreError::NotFound(_)) => return Err(Failure::Lost.into()),
        Err(error) => return Err(error.into()),
    };
    let browser = cookie::given(&app.settings.url, state, headers);
    if !browser.is_some_and(|browser| browser.matches(&pending.browser)) {
        // Whoever sent this browser here is not told on what device's behalf.
        return Err(Failure::OtherBrowser.into());
    }
    let provider = match app.store.identity_provider(pending.provider).await {
        Ok(provider) if !provider.disabled => provider,
        Ok(_) | Err(StoreError::NotFound(_)) => return Err(Failure::ProviderUnknown.into()),
        Err(error) => return Err(error.into()),
    };
    let person = match identify(app, &provider, &pending, answer).await? {
        Ok(person) => person,
        Err(failure) => {
            let failed = Failed {
                provider: Some(provider),
                ..failure.into()
            };
            return Err(Refused::Failed(Box::new(failed), pending.device));
        }
    };
    let response = match pending.device {
        Some(reference) => {
            let person = Person {
                provider: provider.id,
                provider_name: provider.name,
                subject: person.subject,
                email: person.email,
                name: person.name,
            };
            device_sign_in::approve(app, &reference, person).await
        }
        None => console(app, client, provider, person, &pending.return_to).await?,
    };
    app.sign_in.came_through(client.address);
    Ok(response)
}

/// Who the provider says it is.
async fn identify(
    app: &App,
    provider: &IdentityProvider,
    pending: &PendingSignIn,
    answer: &Answer,
) -> Result<Result<Identity, Failure>, Problem> {
    let relying = relying(app, provider)?;
    let handshake = handshake::open(app, &pending.handshake)?;
    let uri = redirect_uri(app);
    let identity = app
        .relying_party
        .finish(&relying, &uri, answer, &handshake, now(app))
        .await;
    Ok(identity.map_err(Failure::Identity))
}

/// Opens a session of the console for somebody, if their groups let them have one.
async fn console(
    app: &App,
    client: &Client,
    provider: IdentityProvider,
    person: Identity,
    return_to: &str,
) -> Result<Response, Refused> {
    let id = provider.id;
    let account = match account(app, &provider, &person).await? {
        Ok(account) => account,
        Err((failure, groups)) => {
            let failed = Failed {
                failure,
                provider: Some(provider),
                person: Some(person),
                groups,
            };
            return Err(Refused::Failed(Box::new(failed), None));
        }
    };
    let opened = open_session(app, account, Some(id.to_string()), client).await?;
    // It was checked when it was stored; a row that somebody changed is not believed.
    let page = LocalPath::parse(return_to).unwrap_or_default();
    let mut response = see_other(page.as_str())?;
    opened.set_cookie(app, response.headers_mut())?;
    Ok(response)
}

/// The account of a person, or why there is none, with their groups that rules name.
async fn account(
    app: &App,
    provider: &IdentityProvider,
    person: &Identity,
) -> Result<Result<AccountId, (Failure, Vec<String>)>, Problem> {
    let rules = provider.rules.iter().map(|rule| Rule {
        group: rule.group.clone(),
        grant: rule.grant,
    });
    let mapping = Mapping {
        rules: rules.collect(),
        default: provider.default_grant,
    };
    let mapped = mapping.map(&groups(app, person).await?);
    let Some(grant) = mapped.grant else {
        return Ok(Err((Failure::NoRole, mapped.groups)));
    };
    let who = Vouched {
        provider: provider.id,
        subject: person.subject.clone(),
        email: person.email.clone(),
        name: person.name.clone(),
        grant,
        groups: mapped.groups.clone(),
    };
    match app.store.sign_in_person(who).await? {
        SignedIn::Account(account) => Ok(Ok(account.id)),
        SignedIn::Refused(refusal) => Ok(Err((Failure::Account(refusal), mapped.groups))),
    }
}

/// The groups that count: those that the provider names at the sign-in. Where it says nothing about groups, those
/// that it sent by SCIM for that address, which it vouches for.
async fn groups(app: &App, person: &Identity) -> Result<Vec<String>, Problem> {
    if let Some(groups) = &person.groups {
        return Ok(groups.clone());
    }
    let kept = app.store.groups_of_address(&person.email).await?;
    Ok(kept.into_iter().map(|group| group.name).collect())
}
