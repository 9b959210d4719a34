//! Groups of users, as an identity provider keeps them. A group may be mapped to a team: then being in it
//! is being in the team.

mod change;
mod list;
mod map;
mod members;
mod row;
mod team;

use tidegate_types::{GroupId, TeamId, Timestamp};

pub(crate) use self::team::settle;
pub use self::{list::GroupKey, members::MemberStep};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name, unique in any case.
    pub name: String,
    /// Its id at the provider.
    pub external_id: Option<String>,
    /// The team that its members belong to.
    pub team: Option<TeamId>,
    /// What was sent but for its members, as a JSON object.
    pub resource: String,
    /// Rises with every change, of its members too.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// How many members it has.
    pub members: u64,
}

/// A group as a provider wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInput {
    /// Its name, 1 to 1024 bytes.
    pub name: String,
    /// Its id at the provider.
    pub external_id: Option<String>,
    /// What was sent but for its members, as a JSON object.
    pub resource: String,
}
