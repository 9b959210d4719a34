//! From groups to roles, as admins write it.

use serde::Serialize;
use serde_json::Value;
use tidegate_store::{GroupRule, StoreError};
use tidegate_types::{Grant, Role, TeamId};
use utoipa::ToSchema;

use crate::{
    problem::Problem,
    read::{Read, Reader, read_struct},
    roles::RoleName,
};

/// The name of a group: 1 to 256 bytes, exactly as the provider writes it.
#[derive(Debug)]
pub(super) struct GroupName(String);

impl Read for GroupName {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=256).contains(&text.len()) && !text.contains(char::is_control) =>
            {
                Some(Self(text))
            }
            _ => at.refuse("must be the name of a group: 1 to 256 bytes"),
        }
    }
}

read_struct! {
    /// Who is in this group has this role.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewGroupRule)]
    pub(super) struct NewRule {
        /// The group, exactly as the provider writes it.
        #[schema(value_type = String, min_length = 1, max_length = 256, example = "tidegate-admins")]
        group: GroupName,
        /// The role.
        #[schema(value_type = RoleName)]
        role: Role,
        /// The team of the role `team_admin`: required with it, and with no other.
        #[schema(value_type = Option<String>)]
        team: Option<TeamId>,
    }
}

/// Who is in this group has this role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupRule)]
pub(super) struct RuleView {
    /// The group, exactly as the provider writes it.
    #[schema(example = "tidegate-admins")]
    group: String,
    /// The role.
    #[schema(value_type = RoleName)]
    role: &'static str,
    /// The team of the role `team_admin`.
    #[schema(value_type = Option<String>)]
    team: Option<TeamId>,
}

impl From<&GroupRule> for RuleView {
    fn from(rule: &GroupRule) -> Self {
        Self {
            group: rule.group.clone(),
            role: rule.grant.role().name(),
            team: rule.grant.team(),
        }
    }
}

/// Rules, each with a role that goes with its team.
pub(super) fn rules(given: Vec<NewRule>) -> Result<Vec<GroupRule>, Problem> {
    let rules = given.into_iter().enumerate().map(|(index, rule)| {
        let grant = Grant::new(rule.role, rule.team).ok_or_else(|| {
            let field = format!("/rules/{index}/team");
            Problem::field(&field, "goes with the role `team_admin`, and with no other")
        })?;
        Ok(GroupRule {
            group: rule.group.0,
            grant,
        })
    });
    rules.collect()
}

/// What people in no group may do: nothing that is of one team.
pub(super) fn default_grant(role: Option<Role>) -> Result<Option<Grant>, Problem> {
    match role {
        None => Ok(None),
        Some(role) => match Grant::new(role, None) {
            Some(grant) => Ok(Some(grant)),
            None => Err(Problem::field("/default_role", "cannot be `team_admin`")),
        },
    }
}

/// The store names a team that it did not find; the caller's field is the rules.
pub(super) fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::Invalid {
            field: "team",
            reason,
        } => Problem::field("/rules", reason),
        error => error.into(),
    }
}
