//! A code and its verifier become a token to enrol with, for one device of one person.

use std::time::Duration;

use serde_json::json;
use tidegate_governance::entity::User;
use tidegate_types::{EnrolmentTokenId, KeyHash, Timestamp};

use super::{Held, Stage, find, step, team_name};
use crate::{
    Actor, EnrolmentToken, NewSecret, Store, StoreError,
    change::Effect,
    enrolment_tokens,
    sql::{Sql, params},
    users,
};

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// Its person, and the name of their team.
    By(Box<User>, Option<String>),
    /// The verifier is not that of the challenge, or the code is too old; it is good no more.
    Wrong,
}

/// What a code opens, once.
pub(super) enum Opened {
    To(Box<Held>, Box<User>),
    Wrong,
}

/// Uses a code up.
pub(super) fn open(
    sql: &mut dyn Sql,
    code: KeyHash,
    challenge: &str,
    now: Timestamp,
) -> Result<Opened, StoreError> {
    let held = find(sql, "code", code.into())?;
    if !step(sql, held.id, Stage::Confirmed, Stage::Redeemed)? {
        return Err(StoreError::NotFound("sign-in"));
    }
    let good = held.code_expires_at.is_some_and(|end| now < end) && held.challenge == challenge;
    let user = match held.user {
        // Switched off or deleted meanwhile.
        Some(user) if good => users::one(sql, user).ok().filter(|user| !user.disabled),
        _ => None,
    };
    Ok(user.map_or(Opened::Wrong, |user| {
        Opened::To(Box::new(held), Box::new(user))
    }))
}

impl Store {
    /// Makes an enrolment token for the person of a sign-in, good for one device.
    ///
    /// # Errors
    /// `NotFound` when there is no such code, or it was used; `Conflict` when the secret is in use.
    pub async fn redeem_device_sign_in(
        &self,
        code: KeyHash,
        challenge: String,
        secret: NewSecret,
        lifetime: Duration,
    ) -> Result<Redeemed, StoreError> {
        self.administer(Actor::System, "enrolment_token.create", move |sql, now| {
            let (held, user) = match open(sql, code, &challenge, now)? {
                Opened::To(held, user) => (held, user),
                Opened::Wrong => return Ok(Effect::Same(Redeemed::Wrong)),
            };
            let host = &held.shown.hostname;
            let name: String = format!("sign-in of {} on {host}", user.email)
                .chars()
                .take(100)
                .collect();
            let token = EnrolmentToken {
                id: EnrolmentTokenId::generate(now),
                name,
                hint: secret.hint,
                team: None,
                user: Some(user.id),
                group: None,
                created_at: now,
                expires_at: now.plus(lifetime),
                max_uses: 1,
                used: 0,
                revoked_at: None,
            };
            enrolment_tokens::insert(sql, &token, secret.hash)?;
            let note = "UPDATE device_sign_ins SET token_id = $2 WHERE id = $1";
            sql.execute(note, &params![held.id, token.id.uuid()])?;
            let detail = json!({
                "name": token.name, "hint": token.hint, "team": null, "user": user.id,
                "expires_at": token.expires_at, "max_uses": 1,
            });
            let team = team_name(sql, &user)?;
            Ok(Effect::changed(Redeemed::By(user, team), token.id, detail))
        })
        .await
    }
}
