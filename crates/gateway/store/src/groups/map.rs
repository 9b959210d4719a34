//! A group that stands for a team.

use serde_json::json;
use tidegate_types::{GroupId, TeamId};

use super::{Group, members::of, row::one, team::settle};
use crate::{Actor, Store, StoreError, change::Effect, scope, sql::params};

impl Store {
    /// Maps a group to a team, or to none: its members move at once.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` team.
    pub async fn map_group(
        &self,
        actor: Actor,
        id: GroupId,
        team: Option<TeamId>,
    ) -> Result<Group, StoreError> {
        self.administer(actor, "group.map", move |sql, _| {
            let before = one(sql, id)?;
            if before.team == team {
                return Ok(Effect::Same(before));
            }
            scope::team_exists(sql, team)?;
            let update = "UPDATE user_groups SET team_id = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), team.map(TeamId::uuid)])?;
            let members = of(sql, id)?;
            let moved = settle(sql, &members)?;
            let detail = json!({ "name": before.name, "team": team, "moved": moved });
            Ok(Effect::changed(one(sql, id)?, id, detail))
        })
        .await
    }
}
