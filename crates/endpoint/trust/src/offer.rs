//! Who may say which CA this machine trusts. The CA comes by way of the agent's unprivileged part: should
//! that be taken over, it must not be able to plant another.
//!
//! The gateway's key is taken at its word once, with the first CA, and noted where only root writes. From
//! then on another CA needs that key's signature.

use crate::Ca;

/// A CA that is offered, and who vouches for it.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    /// The CA (PEM).
    pub ca_pem: &'a str,
    /// The gateway's public key, as whoever offers this knows it.
    pub gateway_key: &'a str,
    /// Whether there is a signature at all: older gateways make none.
    pub is_signed: bool,
    /// Whether that signature is by the owner of a public key, over a certificate with this SHA-256 (of its
    /// DER).
    pub vouches: &'a dyn Fn(&str, &[u8; 32]) -> bool,
}

impl std::fmt::Debug for Offer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer")
            .field("gateway_key", &self.gateway_key)
            .field("is_signed", &self.is_signed)
            .finish_non_exhaustive()
    }
}

/// Why a CA is not installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unvouched {
    /// The signature is somebody else's, or over something else.
    #[error(
        "the signature on this CA is not that of the gateway that this machine knows: the CA is not installed. If the \
         organisation has set its gateway up anew, run `tidegate-edge trust uninstall` and `trust install`"
    )]
    Forged,
    /// There is none, and another CA is installed.
    #[error(
        "this is another CA than the one that is installed, and the gateway did not sign it: it is not installed. Update \
         the gateway, or run `tidegate-edge trust uninstall` and `trust install`"
    )]
    Unsigned,
}

/// Whether a CA may be installed: with which key noted from then on.
pub(crate) fn judge(
    offer: &Offer<'_>,
    ca: &Ca,
    installed: Option<&str>,
    known: Option<&str>,
) -> Result<Option<String>, Unvouched> {
    // What is there already is no news.
    let same = installed == Some(&ca.pem());
    let key = match (known, installed) {
        (Some(known), _) => known,
        // The first one, or one from before keys were noted.
        (None, None) => offer.gateway_key,
        (None, Some(_)) if same => offer.gateway_key,
        (None, Some(_)) => return Err(Unvouched::Unsigned),
    };
    let vouched = offer.is_signed && (offer.vouches)(key, &ca.sha256());
    match (vouched || same, offer.is_signed) {
        (true, _) => Ok(Some(key.to_owned())),
        (false, true) => Err(Unvouched::Forged),
        // A gateway that signs none is believed once.
        (false, false) if known.is_none() && installed.is_none() => Ok(Some(key.to_owned())),
        (false, false) => Err(Unvouched::Unsigned),
    }
}
