//! Who makes a change, for the audit log.

use std::fmt;

use tidegate_types::{AccountId, ScimTokenId, TokenId};

/// Who makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in account.
    Account(AccountId),
    /// Someone with a shell on the gateway's machine.
    Cli,
    /// An identity provider, by its token for SCIM.
    Scim(ScimTokenId),
    /// The gateway itself: first start, clean-up.
    System,
    /// An admin API token.
    Token(TokenId),
}

/// The id of an account or a token, `cli` or `system`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Cli => f.write_str("cli"),
            Self::Scim(id) => id.fmt(f),
            Self::System => f.write_str("system"),
            Self::Token(id) => id.fmt(f),
        }
    }
}
