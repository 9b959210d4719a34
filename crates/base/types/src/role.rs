//! What somebody may do in the control plane.

use std::{fmt, str::FromStr};

use crate::TeamId;

/// A set of permissions that people know by name. What each may do stands with every operation of the
/// admin API (`x-tidegate-roles` in its OpenAPI document).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Reads everything that shows no secret, and changes nothing.
    ReadOnly,
    /// Decides about apps, MCP servers and devices, and reads the request log and the audit log.
    Security,
    /// Users, keys, budgets and limits of one team, and what they did.
    TeamAdmin,
}

/// The text is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is `admin`, `security`, `read_only` or `team_admin`")]
pub struct RoleError;

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Admin, Self::ReadOnly, Self::Security, Self::TeamAdmin];

    /// Its name in the API, the configuration and the database. Never change one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::ReadOnly => "read_only",
            Self::Security => "security",
            Self::TeamAdmin => "team_admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let known = Self::ALL.into_iter().find(|role| role.name() == text);
        known.ok_or(RoleError)
    }
}

/// A role with what it extends over: that of a team's admin is nothing without the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grant {
    /// [`Role::Admin`].
    Admin,
    /// [`Role::ReadOnly`].
    ReadOnly,
    /// [`Role::Security`].
    Security,
    /// [`Role::TeamAdmin`] of this team.
    TeamAdmin(TeamId),
}

impl Grant {
    /// A role over a team; `None` when a team's admin has no team, or another role has one.
    #[must_use]
    pub const fn new(role: Role, team: Option<TeamId>) -> Option<Self> {
        match (role, team) {
            (Role::Admin, None) => Some(Self::Admin),
            (Role::ReadOnly, None) => Some(Self::ReadOnly),
            (Role::Security, None) => Some(Self::Security),
            (Role::TeamAdmin, Some(team)) => Some(Self::TeamAdmin(team)),
            _ => None,
        }
    }

    /// The role.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Admin => Role::Admin,
            Self::ReadOnly => Role::ReadOnly,
            Self::Security => Role::Security,
            Self::TeamAdmin(_) => Role::TeamAdmin,
        }
    }

    /// The team that it is confined to.
    #[must_use]
    pub const fn team(self) -> Option<TeamId> {
        match self {
            Self::TeamAdmin(team) => Some(team),
            Self::Admin | Self::ReadOnly | Self::Security => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn every_role_is_read_back_from_its_name() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert_eq!("Admin".parse::<Role>(), Err(RoleError));
    }

    #[test]
    fn a_team_goes_with_the_role_of_a_team_and_no_other() {
        let team = TeamId::generate(Timestamp::from_micros(0));
        for role in Role::ALL {
            let (with, without) = (Grant::new(role, Some(team)), Grant::new(role, None));
            assert_eq!(with.is_some(), role == Role::TeamAdmin);
            assert_eq!(without.is_none(), role == Role::TeamAdmin);
            let grant = with.or(without).unwrap();
            assert_eq!(Grant::new(grant.role(), grant.team()), Some(grant));
        }
    }
}
