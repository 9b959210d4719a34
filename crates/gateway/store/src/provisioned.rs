//! Users as an identity provider keeps them: what it calls them, the whole of what it sent, and whether it
//! still has them. Users that were made here are among them, so that a provider finds them and takes them
//! over instead of failing on their address.

pub(crate) mod accounts;
mod change;
mod create;
mod list;
mod row;

use tidegate_governance::entity::User;
use tidegate_types::{GroupId, Timestamp};

pub(crate) use self::change::short;
pub use self::list::UserKey;

/// A user, as far as an identity provider may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionedUser {
    /// The user.
    pub user: User,
    /// What identifies them at the provider, unique in any case; their address where none was sent.
    pub user_name: String,
    /// Their id at the provider.
    pub external_id: Option<String>,
    /// What was sent, as a JSON object; none of a user that was made here.
    pub resource: Option<String>,
    /// Rises with every change.
    pub version: u64,
    /// When they were last changed.
    pub changed_at: Timestamp,
    /// Their groups and what these are called, by name.
    pub groups: Vec<(GroupId, String)>,
}

/// A user as a provider wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInput {
    /// What identifies them, not empty.
    pub user_name: String,
    /// Their id at the provider.
    pub external_id: Option<String>,
    /// Their address; without one a new user gets one that mail never reaches.
    pub email: Option<String>,
    /// Display name, 1 to 100 characters.
    pub name: String,
    /// Whether their keys and sessions are accepted.
    pub active: bool,
    /// What was sent, as a JSON object.
    pub resource: String,
}
