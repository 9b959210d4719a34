//! The organisation's authority over its devices: a CA whose certificate the machines trust, and the
//! key that their policies are signed with.
//!
//! The private keys never leave the gateway. At rest they are [sealed](SealKey) under a key that is
//! not in the database. A device makes a key of its own and gets a short-lived
//! [leaf](CertificateAuthority::sign_leaf) for it that names the governed hosts and nothing else, so a
//! stolen laptop can pretend to be those hosts only, and only for days.
//!
//! Not here: files, the database, the network. They come in as bytes, and time as a parameter.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod ca;
mod error;
mod leaf;
mod pem;
mod seal;
mod signer;

pub use ca::CertificateAuthority;
pub use error::AuthorityError;
pub use leaf::{IssuedLeaf, MAX_HOSTS};
pub use seal::{Purpose, SealKey};
pub use signer::{PolicySigner, verify};
