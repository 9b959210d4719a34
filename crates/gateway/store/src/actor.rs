//! Who makes a change, for the audit log.

use tidegate_types::{AccountId, TokenId};

/// Who makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in account.
    Account(AccountId),
    /// Someone with a shell on the gateway's machine.
    Cli,
    /// The gateway itself: first start, clean-up.
    System,
    /// An admin API token.
    Token(TokenId),
}
