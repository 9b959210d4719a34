//! Who somebody is, as their identity provider says: the relying party of OpenID Connect Core 1.0, by
//! the authorization code flow with PKCE (RFC 7636), and what their groups let them do here.
//!
//! [`RelyingParty::begin`] makes the URL to send a browser to, [`RelyingParty::finish`] takes what the
//! browser brought back and answers who it is, or why not. Between the two somebody else keeps the
//! [`Handshake`]: this crate knows no store, no cookie and no session. Signatures are checked by `ring`,
//! the crypto of our TLS too; an algorithm is an [`Algorithm`] or it is refused, and a key fits one kind
//! of algorithm only, so that a public key can never be used as a shared secret.
//!
//! What a provider says about itself decides where this process connects to. So every address it names
//! is an [`Endpoint`]: `https`, or this machine where the provider itself is on it, and never one that
//! only means something inside a host or a cloud.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod claims;
mod discovery;
mod endpoint;
mod error;
mod exchange;
mod fetch;
mod id_token;
mod jws;
mod keys;
mod local_path;
mod mapping;
mod network;
mod person;
mod provider;
mod relying_party;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use answer::{Answer, AnswerError};
pub use claims::{ClaimPath, ClaimPathError};
pub use endpoint::{Endpoint, Issuer, Reach};
pub use error::{EmailFault, IdentityError, TokenFault};
pub use fetch::{Client, ClientError};
pub use jws::Algorithm;
pub use local_path::LocalPath;
pub use mapping::{Mapped, Mapping, Rule};
pub use person::{EmailRule, Identity};
pub use provider::{ClientAuth, Provider};
pub use relying_party::{Begun, Findings, Handshake, Now, RelyingParty};
