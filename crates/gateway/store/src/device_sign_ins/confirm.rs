//! The person's own word that the device is theirs. Whoever has no user yet gets one; a user who is
//! switched off does not sign in.

use std::time::Duration;

use serde_json::json;
use tidegate_governance::entity::User;
use tidegate_types::{KeyHash, Timestamp, UserId};

use super::{DeviceSignIn, SignInPerson, Stage, Way, at_stage, find, step};
use crate::{
    Actor, Store, StoreError,
    change::{Effect, Entry},
    input,
    sql::{Sql, params},
    users,
};

/// How long the code is good that a browser takes to the device.
const CODE: Duration = Duration::from_secs(120);

/// What came of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// The device may redeem its code.
    Yes(DeviceSignIn),
    /// The person's user is switched off.
    UserDisabled(DeviceSignIn),
}

impl Store {
    /// The sign-in that waits for its person's word.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is over.
    pub async fn device_sign_in_to_confirm(
        &self,
        ticket: KeyHash,
    ) -> Result<DeviceSignIn, StoreError> {
        let now = self.now();
        self.read(move |sql| {
            let held = at_stage(sql, "ticket", ticket.into(), Stage::SignedIn, now)?;
            Ok(held.shown)
        })
        .await
    }

    /// The person says that the device is theirs. On the way of the loopback, `code` is what the browser
    /// takes there; on the other way the device gets one when it asks.
    ///
    /// # Errors
    /// `NotFound` when the sign-in is over.
    pub async fn confirm_device_sign_in(
        &self,
        ticket: KeyHash,
        code: KeyHash,
    ) -> Result<Confirmed, StoreError> {
        self.govern(Actor::System, "device.sign_in", move |sql, now| {
            let held = at_stage(sql, "ticket", ticket.into(), Stage::SignedIn, now)?;
            let missing = || StoreError::Broken("a sign-in has no person".into());
            let person = held.shown.person.clone().ok_or_else(missing)?;
            let (user, mut entries) = user_of(sql, now, &person)?;
            let detail = json!({
                "email": person.email, "provider": person.provider,
                "hostname": held.shown.hostname,
            });
            let taken = match user.disabled {
                true => step(sql, held.id, Stage::SignedIn, Stage::Denied)?,
                false => step(sql, held.id, Stage::SignedIn, Stage::Confirmed)?,
            };
            if !taken {
                return Err(StoreError::NotFound("sign-in"));
            }
            if !user.disabled {
                let update = "UPDATE device_sign_ins SET user_id = $2, ticket = NULL WHERE id = $1";
                sql.execute(update, &params![held.id, user.id.uuid()])?;
                if let Way::Loopback { .. } = held.shown.way {
                    issue(sql, held.id, code, now)?;
                }
            }
            entries.push(Entry {
                action: match user.disabled {
                    true => "device.sign_in.refuse",
                    false => "device.sign_in",
                },
                target: user.id.to_string(),
                detail,
            });
            let value = match user.disabled {
                true => Confirmed::UserDisabled(held.shown),
                false => Confirmed::Yes(held.shown),
            };
            Ok(Effect::Several { value, entries })
        })
        .await
    }

    /// The person says that the device is not theirs.
    ///
    /// # Errors
    /// `NotFound` when the sign-in is over.
    pub async fn refuse_device_sign_in(&self, ticket: KeyHash) -> Result<DeviceSignIn, StoreError> {
        self.administer(Actor::System, "device.sign_in.deny", move |sql, _| {
            let held = find(sql, "ticket", ticket.into())?;
            if !step(sql, held.id, Stage::SignedIn, Stage::Denied)? {
                return Err(StoreError::NotFound("sign-in"));
            }
            let email = held.shown.person.as_ref().map(|person| &person.email);
            let target = email.cloned().unwrap_or_default();
            let detail = json!({ "hostname": held.shown.hostname });
            Ok(Effect::changed(held.shown, target, detail))
        })
        .await
    }
}

/// The code that the device may redeem, for a moment.
pub(super) fn issue(
    sql: &mut dyn Sql,
    id: uuid::Uuid,
    code: KeyHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = "UPDATE device_sign_ins SET code = $2, code_expires_at = $3 WHERE id = $1";
    sql.execute(update, &params![id, code, now.plus(CODE)])
        .map(drop)
}

/// The user with the person's address; made where there is none.
fn user_of(
    sql: &mut dyn Sql,
    now: Timestamp,
    person: &SignInPerson,
) -> Result<(User, Vec<Entry>), StoreError> {
    if let Some(user) = users::by_email(sql, &person.email)? {
        return Ok((user, Vec::new()));
    }
    // A directory may have names that are none of ours.
    let name = input::name(&person.name).or_else(|_| {
        let short: String = person.email.chars().take(100).collect();
        input::name(&short)
    })?;
    let user = User {
        id: UserId::generate(now),
        email: person.email.clone(),
        name,
        team: None,
        created_at: now,
        disabled: false,
    };
    users::insert(sql, &user)?;
    let entry = Entry {
        action: "user.create",
        target: user.id.to_string(),
        detail: json!({ "email": user.email, "team": null, "provider": person.provider }),
    };
    Ok((user, vec![entry]))
}
