//! What a set of rules may cost, so that none can make the gateway slow.

/// Bounds of a set of rules and of its scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rules in a set. At most 65,535.
    pub rules: usize,
    /// Bytes of one pattern, or of the patterns and words of one allow list together.
    pub pattern: usize,
    /// Bytes of one compiled pattern.
    pub compiled: usize,
    /// Bytes of all compiled patterns together.
    pub compiled_together: usize,
    /// Bytes of a text that a candidate may cover before it is given up, unless its rule is
    /// [`Specific`](crate::rule::Specificity::Specific) or it matched already.
    pub hold: usize,
    /// The same for those: what a private key or a token of several kilobytes needs.
    pub hold_long: usize,
    /// Candidates of one rule that a stream follows at a time.
    pub live: usize,
    /// Bytes that one rule may look at for each byte of the text, on average over a text.
    pub effort: usize,
    /// Bytes of memory that one thread's caches may keep between scans.
    pub caches: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rules: 4_096,
            pattern: 64 * 1024,
            compiled: 4 * 1024 * 1024,
            compiled_together: 128 * 1024 * 1024,
            hold: 1_024,
            hold_long: 16 * 1024,
            live: 256,
            effort: 128,
            caches: 32 * 1024 * 1024,
        }
    }
}
