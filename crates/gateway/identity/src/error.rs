//! Why a sign-in did not come about, by whose fault: ours to configure, the provider's, or the person's.

/// What went wrong. Texts are for an admin; none holds a code, a token or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// An address may not be used; `what` says which.
    #[error("the {what} {reason}")]
    Endpoint {
        /// Which address.
        what: &'static str,
        /// Which rule it breaks, as the rest of the sentence.
        reason: &'static str,
    },
    /// The provider did not answer in time, or not at all.
    #[error("the provider's {what} cannot be reached: {reason}")]
    Unreachable {
        /// What was asked for.
        what: &'static str,
        /// What happened.
        reason: String,
    },
    /// The provider answered, and not by the protocol.
    #[error("the provider's {what} is not usable: {reason}")]
    Unusable {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The provider refused, with an error code of RFC 6749 or OpenID Connect Core 1.0.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// Somebody else than the configured issuer speaks (RFC 9207 §2.4; Discovery 1.0 §4.3).
    #[error("the issuer in the {0} is not the configured one")]
    WrongIssuer(&'static str),
    /// The ID token is not valid.
    #[error("the ID token is refused: {0}")]
    Token(TokenFault),
    /// The person has no address that counts.
    #[error("{0}")]
    Email(EmailFault),
    /// The operating system gave no randomness.
    #[error("there is no randomness")]
    Randomness,
}

/// Why an ID token is refused (OpenID Connect Core 1.0 §3.1.3.7).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no signed token of three parts, or its parts cannot be read.
    #[error("it cannot be read")]
    Malformed,
    /// Its algorithm is none of those that are accepted; `none` and shared secrets never are.
    #[error("its algorithm is not accepted")]
    Algorithm,
    /// It asks for an extension of RFC 7515 §4.1.11, of which none is known here.
    #[error("it has critical headers that are not known")]
    Critical,
    /// The provider has no key that it could be signed with.
    #[error("the provider has no such key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer made it.
    #[error("it is another issuer's")]
    Issuer,
    /// It is for somebody else.
    #[error("it is not for this client")]
    Audience,
    /// It is for several, and does not say that it was made for us; or says somebody else.
    #[error("it was made for another party")]
    AuthorizedParty,
    /// It has no end, or that has passed.
    #[error("it has expired")]
    Expired,
    /// It says that it was made in the future, or is not valid yet.
    #[error("it is not valid yet")]
    NotYet,
    /// It belongs to another sign-in.
    #[error("it belongs to another sign-in")]
    Nonce,
    /// It does not say whose it is, in 1 to 255 characters.
    #[error("it names no subject")]
    Subject,
}

/// Why somebody's address does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailFault {
    /// The provider told none.
    #[error("the provider tells no e-mail address")]
    Missing,
    /// The provider does not say that it is theirs.
    #[error("the provider does not say that the e-mail address is theirs")]
    Unverified,
}

impl From<TokenFault> for IdentityError {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

impl From<EmailFault> for IdentityError {
    fn from(fault: EmailFault) -> Self {
        Self::Email(fault)
    }
}
