//! What tells two questions apart.
//!
//! Bodies are compared member by member at their top, in any order, each value by its very bytes: white space
//! within a value and the order of members below the top count. That costs misses where two clients write one
//! thing in two ways, and never gives an answer to something else; what is the same to a JSON reader is not
//! always the same to a model.

use std::fmt;

use tidegate_types::{KeyId, TeamId};

/// The hash of a question. Who does not know the question cannot make one, and it says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Key({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// Whose answers are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tenant {
    /// One key's.
    Key(KeyId),
    /// A team's.
    Team(TeamId),
}

/// Puts a key together. Each part is hashed with its length, so that no two rows of parts run into one.
pub(crate) struct Hasher(Box<blake3::Hasher>);

impl Hasher {
    pub(crate) fn new(tenant: Tenant) -> Self {
        let hasher = blake3::Hasher::new_derive_key("tidegate 2026 kept answers: a question");
        let mut hasher = Self(Box::new(hasher));
        match tenant {
            Tenant::Key(key) => hasher.part(b"key").part(key.uuid().as_bytes()),
            Tenant::Team(team) => hasher.part(b"team").part(team.uuid().as_bytes()),
        };
        hasher
    }

    pub(crate) fn part(&mut self, part: &[u8]) -> &mut Self {
        self.count(part.len()).0.update(part);
        self
    }

    /// How many parts of a kind follow.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.0.update(&(count as u64).to_le_bytes());
        self
    }

    pub(crate) fn key(&self) -> Key {
        Key(*self.0.finalize().as_bytes())
    }
}
