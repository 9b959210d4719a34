//! A person and a device that is enrolled already: theirs from now on, with their team, and what was so
//! before comes back when they sign out.

use serde_json::json;
use tidegate_governance::entity::User;
use tidegate_types::{DeviceId, KeyHash, TeamId};

use super::{redeem::Opened, redeem::open, team_name};
use crate::{
    Actor, KeyPatch, Store, StoreError,
    change::Effect,
    devices, keys,
    sql::{Row, Sql, params},
    users,
};

/// What came of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Linked {
    /// Its person, and the name of their team.
    To(Box<User>, Option<String>),
    /// The verifier is not that of the challenge, or the code is too old; it is good no more.
    Wrong,
    /// The device is somebody else's. The code is used up.
    Taken,
}

impl Store {
    /// Links a device and the person of a sign-in. Where the person has a team, the device follows it.
    ///
    /// # Errors
    /// `NotFound` when there is no such code, or it was used, or no such device.
    pub async fn link_device(
        &self,
        device: DeviceId,
        code: KeyHash,
        challenge: String,
    ) -> Result<Linked, StoreError> {
        self.govern(Actor::System, "device.link", move |sql, now| {
            let user = match open(sql, code, &challenge, now)? {
                Opened::To(_, user) => user,
                Opened::Wrong => return Ok(Effect::Same(Linked::Wrong)),
            };
            let before = devices::one(sql, device)?;
            // Who is gone or switched off holds nothing.
            let holder = match before.user {
                Some(other) if other != user.id => users::one(sql, other).ok(),
                _ => None,
            };
            if holder.is_some_and(|holder| !holder.disabled) {
                return Ok(Effect::Same(Linked::Taken));
            }
            let follows = user.team.is_some() && before.team.is_some();
            let patch = KeyPatch {
                user: Some(Some(user.id)),
                team: follows.then_some(None),
                ..KeyPatch::default()
            };
            keys::change::patch(sql, now, before.key, patch)?;
            let note = "UPDATE devices SET signed_in_at = $2, \
                 team_before = COALESCE($3, team_before) WHERE id = $1";
            let team = before.team.filter(|_| follows).map(TeamId::uuid);
            sql.execute(note, &params![device.uuid(), now, team])?;
            let detail = json!({
                "user": user.id, "email": user.email, "user_before": before.user,
                "team": user.team.or(before.team), "team_before": before.team,
            });
            let team = team_name(sql, &user)?;
            Ok(Effect::changed(Linked::To(user, team), device, detail))
        })
        .await
    }

    /// A person signs out: the device is nobody's, and in the team in which it was before.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when nobody signed in on it: what an administrator set stays.
    pub async fn unlink_device(&self, device: DeviceId) -> Result<(), StoreError> {
        self.govern(Actor::System, "device.unlink", move |sql, now| {
            let before = devices::one(sql, device)?;
            let select = "SELECT signed_in_at, team_before FROM devices WHERE id = $1";
            let row = sql.one(select, &params![device.uuid()], "device")?;
            if row.is_null(0) || before.user.is_none() {
                return Err(StoreError::conflict("nobody signed in on this device"));
            }
            let team = row.opt(1, Row::uuid)?.map(TeamId::from_uuid);
            let exists = match team {
                Some(team) => is_there(sql, team)?,
                None => false,
            };
            let patch = KeyPatch {
                user: Some(None),
                team: exists.then_some(team),
                ..KeyPatch::default()
            };
            keys::change::patch(sql, now, before.key, patch)?;
            let note = "UPDATE devices SET signed_in_at = NULL, team_before = NULL WHERE id = $1";
            sql.execute(note, &params![device.uuid()])?;
            let detail = json!({ "user_before": before.user });
            Ok(Effect::changed((), device, detail))
        })
        .await
    }
}

fn is_there(sql: &mut dyn Sql, team: TeamId) -> Result<bool, StoreError> {
    let found = sql.query("SELECT 1 FROM teams WHERE id = $1", &params![team.uuid()])?;
    Ok(!found.is_empty())
}
