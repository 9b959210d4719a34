//! Roles as callers write them: a word, and the team where the role is of one.

use tidegate_types::{Grant, Role, TeamId};
use utoipa::ToSchema;

use crate::{problem::Problem, read::words};

/// What somebody may do. Each operation names the roles that may call it in `x-tidegate-roles`.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[schema(as = Role)]
#[allow(
    dead_code,
    reason = "the schema of `Role`, which knows nothing of OpenAPI"
)]
pub(crate) enum RoleName {
    Admin,
    ReadOnly,
    Security,
    TeamAdmin,
}

words!(Role,
    "admin" => Self::Admin, "read_only" => Self::ReadOnly, "security" => Self::Security,
    "team_admin" => Self::TeamAdmin);

/// A role with its team.
///
/// # Errors
/// `invalid_fields`: the role needs a team, or has none.
pub(crate) fn grant(role: Role, team: Option<TeamId>) -> Result<Grant, Problem> {
    Grant::new(role, team).ok_or_else(|| {
        Problem::field(
            "/team",
            match role {
                Role::TeamAdmin => "is required for the role `team_admin`",
                _ => "is only for the role `team_admin`",
            },
        )
    })
}
