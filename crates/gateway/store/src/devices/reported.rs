//! What devices say beside what is said at every check-in, and what was asked of them.

use tidegate_types::Timestamp;

/// Whose a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// A device that somebody may have copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// Since when that is known.
    pub since: Timestamp,
    /// By what it was noticed, for people.
    pub reason: String,
}

/// What a device reported, and what was asked of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// The number of its last check-in that was written; 0 where it does not count.
    pub seq: u64,
    /// How often an admin let it count anew.
    pub seq_resets: u64,
    /// Whether somebody may have copied it.
    pub quarantine: Option<Quarantine>,
    /// The hash of what is on it; none before its first scan.
    pub inventory: Option<[u8; 32]>,
    /// Since when that is so: apart from when it was last seen.
    pub inventory_changed_at: Option<Timestamp>,
    /// The revision that its effects are of; 0 before it reported any.
    pub effects_revision: u64,
    /// When it reported them.
    pub effects_at: Option<Timestamp>,
    /// When an admin asked it to look at everything anew.
    pub scan_requested_at: Option<Timestamp>,
    /// Of which of these wishes it was told last.
    pub scan_told_at: Option<Timestamp>,
    /// Apps on it.
    pub apps: u64,
    /// MCP servers on it.
    pub mcp_servers: u64,
}
