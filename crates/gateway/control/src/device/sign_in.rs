//! What a device itself says while a person signs in on it: a code to be typed elsewhere, polls, and the
//! code that becomes a token or a link.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_device_api::{
    DEVICE_PAGE, DeviceCodeRequest, DeviceCodeResponse, LinkResponse, POLL_SECONDS, PollRequest,
    PollResponse, RedeemRequest, RedeemResponse, SignedIn, USER_CODE_LENGTH, USER_CODE_LETTERS,
    USER_CODE_SECONDS, UnlinkRequest, UnlinkResponse, challenge, is_token,
};
use tidegate_governance::entity::User;
use tidegate_store::{Linked, NewDeviceSignIn, NewWay, Polled, Redeemed, StoreError};
use tidegate_types::{KeyHash, PlainKey};

use super::{body::Said, identity::Caller};
use crate::{
    app::App,
    extract::Peer,
    problem::{Code, Problem},
    throttle::Who,
};

/// How long a token is good that a code became.
const TOKEN: Duration = Duration::from_secs(300);
/// How often a code for people is made anew when it is in use.
const TRIES: usize = 4;

/// `POST /device/v1/sign-in/code`. 30 at once from an address, then one every ten seconds.
pub(super) async fn code(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    Said(asked): Said<DeviceCodeRequest>,
) -> Result<Json<DeviceCodeResponse>, Problem> {
    app.edge()?;
    attempt(&app, &Who::sign_in(from))?;
    if !is_token(&asked.challenge) {
        let detail = "is 43 characters of base64url (RFC 7636 §4.2)";
        return Err(Problem::field("/challenge", detail));
    }
    let device_code = PlainKey::generate(PlainKey::SIGN_IN).map_err(Problem::internal)?;
    for _ in 0..TRIES {
        let user_code = letters()?;
        let new = NewDeviceSignIn {
            challenge: asked.challenge.clone(),
            hostname: asked.hostname.clone(),
            way: NewWay::Code {
                device_code: device_code.hash(),
                user_code: user_code.clone(),
                interval_seconds: POLL_SECONDS,
            },
            lifetime: Duration::from_secs(USER_CODE_SECONDS.into()),
        };
        match app.store.begin_device_sign_in(new).await {
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let (first, rest) = user_code.split_at(USER_CODE_LENGTH / 2);
                let shown = format!("{first}-{rest}");
                let page = format!("{}{DEVICE_PAGE}", app.settings.url);
                return Ok(Json(DeviceCodeResponse {
                    device_code: device_code.expose().to_owned(),
                    verification_uri_complete: format!("{page}?user_code={shown}"),
                    verification_uri: page,
                    user_code: shown,
                    interval: POLL_SECONDS,
                    expires_in: USER_CODE_SECONDS,
                }));
            }
        }
    }
    Err(Problem::new(
        Code::Busy,
        "Too many sign-ins are under way. Try again shortly.",
    ))
}

/// `POST /device/v1/sign-in/poll`.
pub(super) async fn poll(
    State(app): State<Arc<App>>,
    Said(asked): Said<PollRequest>,
) -> Result<Json<PollResponse>, Problem> {
    app.edge()?;
    let device_code = presented(&asked.device_code)?;
    let code = PlainKey::generate(PlainKey::SIGN_IN).map_err(Problem::internal)?;
    let polled = app
        .store
        .poll_device_sign_in(device_code, code.hash(), POLL_SECONDS)
        .await;
    let polled = polled.map_err(unknown)?;
    let (problem, detail) = match polled {
        Polled::Done => {
            return Ok(Json(PollResponse {
                code: code.expose().to_owned(),
            }));
        }
        Polled::Pending => (
            Code::AuthorizationPending,
            "Nobody has confirmed this sign-in yet. Ask again after the interval.",
        ),
        Polled::SlowDown(_) => (
            Code::SlowDown,
            "This came too early. Wait five seconds more between polls from now on.",
        ),
        Polled::Denied => (
            Code::AccessDenied,
            "The person said no, or may not sign in.",
        ),
        Polled::Expired => (
            Code::ExpiredToken,
            "The sign-in took too long. Begin a new one.",
        ),
    };
    let problem = Problem::new(problem, detail);
    Err(match polled {
        Polled::SlowDown(seconds) => problem.retry_after(Duration::from_secs(seconds)),
        _ => problem,
    })
}

/// `POST /device/v1/sign-in/redeem`. Attempts are counted by address, and those that succeed are not.
pub(super) async fn redeem(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    Said(asked): Said<RedeemRequest>,
) -> Result<(StatusCode, Json<RedeemResponse>), Problem> {
    app.edge()?;
    let who = Who::address(from);
    attempt(&app, &who)?;
    let code = presented(&asked.code)?;
    let token = PlainKey::generate(PlainKey::ENROLMENT).map_err(Problem::internal)?;
    let redeemed = app
        .store
        .redeem_device_sign_in(code, challenge(&asked.verifier), (&token).into(), TOKEN)
        .await;
    let Redeemed::By(user, team) = redeemed.map_err(unknown)? else {
        return Err(invalid());
    };
    app.device_calls.forgive(&who);
    let answer = RedeemResponse {
        token: token.expose().to_owned(),
        expires_in: u32::try_from(TOKEN.as_secs()).unwrap_or(u32::MAX),
        user: signed_in(*user, team),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `POST /device/v1/sign-in/link`: of a device that is enrolled.
pub(super) async fn link(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Said(asked): Said<RedeemRequest>,
) -> Result<Json<LinkResponse>, Problem> {
    let edge = app.edge()?;
    attempt(&app, &Who::Device(device.id))?;
    let code = presented(&asked.code)?;
    let linked = app
        .store
        .link_device(device.id, code, challenge(&asked.verifier))
        .await;
    match linked.map_err(unknown)? {
        Linked::Wrong => Err(invalid()),
        Linked::Taken => Err(Problem::new(
            Code::DeviceTaken,
            "This device is somebody else's. They sign out on it first, or an administrator changes its \
             user.",
        )),
        Linked::To(user, team) => {
            changed(&app, edge).await;
            let user = signed_in(*user, team);
            Ok(Json(LinkResponse { user }))
        }
    }
}

/// `POST /device/v1/sign-in/unlink`.
pub(super) async fn unlink(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Said(UnlinkRequest {}): Said<UnlinkRequest>,
) -> Result<Json<UnlinkResponse>, Problem> {
    let edge = app.edge()?;
    attempt(&app, &Who::Device(device.id))?;
    app.store.unlink_device(device.id).await?;
    changed(&app, edge).await;
    Ok(Json(UnlinkResponse {}))
}

/// The device's next check-in obeys what holds for it now.
async fn changed(app: &App, edge: &crate::edge::Edge) {
    app.data_plane.changed();
    if let Err(error) = edge.refresh().await {
        tracing::error!(%error, "the policy of devices could not be published");
    }
}

fn signed_in(user: User, team: Option<String>) -> SignedIn {
    SignedIn {
        name: user.name,
        email: user.email,
        team,
    }
}

fn attempt(app: &App, who: &Who) -> Result<(), Problem> {
    app.device_calls
        .attempt(who, app.clock.mono())
        .map_err(|wait| {
            let detail = "Too many sign-ins. Wait as long as `retry-after` says.";
            Problem::new(Code::TooManyAttempts, detail).retry_after(wait)
        })
}

fn presented(text: &str) -> Result<KeyHash, Problem> {
    PlainKey::hash_presented(PlainKey::SIGN_IN, text).map_err(|_| invalid())
}

fn invalid() -> Problem {
    Problem::new(
        Code::InvalidGrant,
        "The code is unknown, used, too old, or was made for another device. Sign in again.",
    )
}

fn unknown(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound("sign-in") => invalid(),
        error => error.into(),
    }
}

/// A code for people: letters by chance, each as likely as another.
fn letters() -> Result<String, Problem> {
    const FAIR: u8 = 240;
    let mut code = String::with_capacity(USER_CODE_LENGTH);
    while code.len() < USER_CODE_LENGTH {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(Problem::internal)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        let drawn = fair.filter_map(|byte| USER_CODE_LETTERS.get(usize::from(*byte) % 20));
        let missing = USER_CODE_LENGTH - code.len();
        code.extend(drawn.take(missing).map(|letter| char::from(*letter)));
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use tidegate_device_api::user_code;

    use super::*;

    #[test]
    fn codes_are_ones_that_can_be_typed() {
        for _ in 0..100 {
            let code = letters().unwrap();
            assert_eq!(user_code(&code).as_ref(), Some(&code));
        }
        assert_ne!(letters().unwrap(), letters().unwrap());
    }
}
