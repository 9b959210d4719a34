//! What a sign-in through an identity provider is for, and what it proves in the end. Signing in to the
//! console opens a session; signing in for a device only says who stands in front of it.

use tidegate_types::IdentityProviderId;

/// What a sign-in is for. It is stored when the sign-in begins, so that nobody can turn one kind into
/// the other on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A session of the console.
    Console,
    /// Somebody signs in for a device: the reference, of 1 to 128 characters, is that of
    /// `device_sign_in` and means nothing here.
    Device(String),
}

/// A person whom an identity provider vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Who vouched.
    pub(crate) provider: IdentityProviderId,
    /// The provider's name, for people and for the audit log.
    pub(crate) provider_name: String,
    /// Who it is at the provider, for good; no address.
    pub(crate) subject: String,
    /// Their address, lower-case; the provider says that it is theirs.
    pub(crate) email: String,
    /// Their name for people; may be empty.
    pub(crate) name: String,
}
