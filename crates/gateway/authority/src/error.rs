//! Why the authority refuses: each reason says what would be right, and holds no key.

/// What is wrong with a certificate, a key, a request or a seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The CA certificate cannot be used.
    #[error("the CA certificate cannot be used: {0}")]
    Certificate(&'static str),
    /// The CA's private key cannot be used.
    #[error("the CA's private key cannot be used: {0}")]
    Key(&'static str),
    /// The organisation's name cannot be in a certificate.
    #[error("an organisation's name is 1 to 52 printable characters")]
    Organisation,
    /// The certificate request is refused.
    #[error("the certificate request is refused: {0}")]
    Request(&'static str),
    /// A leaf names at least one host, and at most [`MAX_HOSTS`](crate::MAX_HOSTS).
    #[error("a device's certificate names 1 to {most} hosts, not {given}", most = crate::MAX_HOSTS)]
    Hosts {
        /// How many there were.
        given: usize,
    },
    /// The time is not one that certificates can hold.
    #[error("the time cannot be written in a certificate")]
    Time,
    /// What was sealed does not open: it was changed, or sealed under another key or for another
    /// purpose.
    #[error("a sealed key does not open: the seal key is another one, or the database was changed")]
    Seal,
    /// The operating system gave no randomness, or an algorithm refused its input.
    #[error("cryptography failed: {0}")]
    Crypto(&'static str),
}
